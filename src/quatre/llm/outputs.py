"""What the Python API returns. Names and shapes are vLLM's, so that scripts written for it read on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from quatre.chat.reply import ToolCall
from quatre.engine.request import TokenLogprobs


@dataclass(frozen=True)
class Logprob:
    """One token's natural-log probability, its 1-based rank in the vocabulary, and how it reads."""

    logprob: float
    rank: int
    decoded_token: str | None


TokenChoices = dict[int, Logprob]
"""What could have stood at one position: the token that did, first, and the most likely ones."""


def token_choices(entry: TokenLogprobs, name: Callable[[int], str] | None) -> TokenChoices:
    """vLLM's form of one position. ``name`` gives a token's printable name; None when there is no tokenizer."""

    def choice(token: int, logprob: float, rank: int) -> Logprob:
        return Logprob(logprob, rank, name(token) if name else None)

    choices = {entry.token: choice(entry.token, entry.logprob, entry.rank)}
    for token, logprob, rank in entry.top:
        choices.setdefault(token, choice(token, logprob, rank))
    return choices


@dataclass(frozen=True)
class Usage:
    """Tokens that a request read and wrote. An end token, and the tokens of a stop string, count as written.

    ``cached_tokens`` of the prompt's were found in the cache, computed for an earlier prompt that began alike.
    ``reasoning_tokens`` of those written were thinking, its marks included.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, kw_only=True)
class CompletionOutput:
    """One answer.

    ``token_ids`` are all generated tokens, an end token included; ``text`` ends before a stop string or end token.
    ``reasoning`` is what a model thought before, in a chat, and ``tool_calls`` what it asks to call.
    ``logprobs`` has one entry per token of ``token_ids``. ``finish_reason`` is "stop" or "length"; ``stop_reason`` is
    the stop string or the id out of ``stop_token_ids`` that ended the answer, None for the model's own end token.
    """

    index: int
    text: str
    token_ids: list[int]
    cumulative_logprob: float | None
    logprobs: list[TokenChoices] | None
    finish_reason: str | None
    stop_reason: str | int | None
    reasoning: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RequestOutput:
    """A prompt and its ``n`` answers. ``prompt`` is None if token ids were given."""

    request_id: str
    prompt: str | None
    prompt_token_ids: list[int]
    prompt_logprobs: list[TokenChoices | None] | None
    outputs: list[CompletionOutput]
    usage: Usage

    @property
    def finished(self) -> bool:
        """Whether all answers are complete; only those of a stream may not be."""
        return all(output.finish_reason is not None for output in self.outputs)
