"""A request on its way through the engine: the tokens it knows, and how many of them the model has seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from quatre.engine.request import FinishReason, Listener, Request, TokenLogprobs


@dataclass(eq=False)
class Sequence:
    """``tokens`` is the prompt and what was generated; the first ``computed`` of them are in the cache.

    There are no phases: a step moves ``computed`` towards ``len(tokens)``, and when they meet, a token is sampled.
    ``limit`` is the length at which the sequence ends whatever it says; ``index`` counts the answers to its request.
    """

    request: Request
    listener: Listener
    limit: int
    index: int = 0
    tokens: list[int] = field(default_factory=list)
    computed: int = 0
    pages: list[int] = field(default_factory=list)
    prompt_logprobs: list[TokenLogprobs] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = list(self.request.prompt)

    @property
    def prompt_length(self) -> int:
        return len(self.request.prompt)

    @property
    def in_prompt(self) -> bool:
        """Whether the next token to compute belongs to the prompt (and so to the expanded form of attention)."""
        return self.computed < self.prompt_length

    def append(self, token: int) -> FinishReason | None:
        """Add a sampled token; says whether it was the last."""
        self.tokens.append(token)
        if token in self.request.stop_ids:
            return FinishReason.STOP
        return FinishReason.LENGTH if len(self.tokens) >= self.limit else None
