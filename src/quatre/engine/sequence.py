"""A request on its way through the engine: the tokens it knows, and how many of them the model has seen."""

from __future__ import annotations

from array import array
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from typing import Any, overload

from quatre.engine.prefix import PrefixKeys
from quatre.engine.request import FinishReason, Listener, Request, TokenLogprobs


@dataclass(frozen=True, eq=False)
class Vectors:
    """What an image became: ``values`` ``[len(places), dim]`` stand at the prompt's ``places`` (int32, ascending).

    ``digest`` is equal for equal images.
    """

    digest: bytes
    places: Any
    values: Any


class Tokens(Many[int]):
    """A prompt, which all answers to it have in common (a long one takes megabytes), and what is generated behind it.

    Read like a list; slices go forward.
    """

    def __init__(self, prompt: Many[int]) -> None:
        self._prompt = prompt
        self._answer: list[int] = []

    def __len__(self) -> int:
        return len(self._prompt) + len(self._answer)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        border = len(self._prompt)
        if not isinstance(place, slice):
            place = range(len(self))[place]
            return self._prompt[place] if place < border else self._answer[place - border]
        start, stop, _ = place.indices(len(self))
        return [*self._prompt[start:stop], *self._answer[max(start - border, 0) : max(stop - border, 0)]]

    def append(self, token: int) -> None:
        """One more of the answer."""
        self._answer.append(token)


@dataclass(eq=False)
class Sequence:
    """``tokens`` is the prompt and what was generated; the first ``computed`` of them are in the cache.

    There are no phases: a step moves ``computed`` towards ``len(tokens)``, and when they meet, a token is sampled.
    ``limit`` is the length at which the sequence ends whatever it says; ``index`` counts the answers to its request;
    ``begun`` is when its first tokens went into a step (None before; seconds of ``perf_counter``).
    ``arrival`` is its place in the queue; ``cached`` counts the prompt tokens that were found in the cache (None before
    anybody looked), and ``remembered`` the pages whose prefix is known. ``vectors`` are those of its images.
    """

    request: Request
    listener: Listener
    limit: int
    index: int = 0
    tokens: Tokens = field(init=False)
    computed: int = 0
    pages: array[int] = field(default_factory=lambda: array("i"))  # copied into every step's page tables
    prompt_logprobs: list[TokenLogprobs] = field(default_factory=list)
    arrival: int = 0
    begun: float | None = None
    cached: int | None = None
    remembered: int = 0
    keys: PrefixKeys | None = None
    vectors: tuple[Vectors, ...] = ()

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.request.prompt)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Who comes first: the lower priority number, then the earlier arrival."""
        return self.request.priority, self.arrival, self.index

    @property
    def prompt_length(self) -> int:
        return len(self.request.prompt)

    @property
    def in_prompt(self) -> bool:
        """Whether the next token to compute belongs to the prompt (and so to the expanded form of attention)."""
        return self.computed < self.prompt_length

    @property
    def pending(self) -> int:
        """Known tokens that the model has not seen."""
        return len(self.tokens) - self.computed

    @property
    def answering(self) -> bool:
        """Whether the next step is a single generated token, and somebody waits for the one behind it."""
        return self.pending == 1 and not self.in_prompt

    @property
    def wants_prompt_logprobs(self) -> bool:
        """Whether probabilities of the prompt are still to be computed."""
        return self.request.params.prompt_logprobs is not None and len(self.tokens) == self.prompt_length

    def append(self, token: int) -> FinishReason | None:
        """Add a sampled token; says whether it was the last."""
        self.tokens.append(token)
        if token in self.request.stop_ids:
            return FinishReason.STOP
        return FinishReason.LENGTH if len(self.tokens) >= self.limit else None

    def start_over(self) -> None:
        """Forget what was computed, not what was said."""
        self.computed = self.remembered = 0
        if self.wants_prompt_logprobs:
            self.prompt_logprobs.clear()
