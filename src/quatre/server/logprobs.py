"""Log-probabilities in the three shapes that clients know."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable, Sequence
from typing import Any

from quatre.chat.tokenizer import Tokenizer
from quatre.engine.request import TokenLogprobs
from quatre.llm.outputs import TokenChoices

FLOOR = -9999.0
"""Stands for minus infinity, which JSON cannot say."""


def _finite(logprob: float) -> float:
    return max(logprob, FLOOR)


def chat_logprobs(entries: Iterable[TokenLogprobs], tokenizer: Tokenizer) -> dict[str, Any]:
    """``choices[].logprobs`` of a chat completion: token, logprob, bytes and the most likely others.

    Mistral's own client reads none without ``token_id``, or where ``bytes`` is null.
    """

    def one(token: int, logprob: float) -> dict[str, Any]:
        spelling = list(tokenizer.token_bytes(token))
        name = tokenizer.token_name(token)
        return {"token": name, "logprob": _finite(logprob), "bytes": spelling, "token_id": token}

    content = [
        {**one(entry.token, entry.logprob), "top_logprobs": [one(token, lp) for token, lp, _ in entry.top]}
        for entry in entries
    ]
    return {"content": content, "refusal": None}


def prompt_logprobs(positions: Sequence[TokenChoices | None] | None) -> list[dict[str, Any] | None] | None:
    """vLLM's ``prompt_logprobs``: per token ``{id: {logprob, rank, decoded_token}}``, null for the first."""
    if positions is None:
        return None
    return [None if choices is None else _by_token_id(choices) for choices in positions]


def _by_token_id(choices: TokenChoices) -> dict[str, Any]:
    return {
        str(token): {"logprob": _finite(c.logprob), "rank": c.rank, "decoded_token": c.decoded_token}
        for token, c in choices.items()
    }


class CompletionLogprobs:
    """``choices[].logprobs`` of a text completion, whose text offsets run on from chunk to chunk."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = getincrementaldecoder("utf-8")(errors="replace")
        self._offset = 0

    def take(self, tokens: Iterable[int], entries: Iterable[TokenLogprobs | None]) -> dict[str, Any]:
        """The next tokens in OpenAI's parallel lists. The entry is None for a token that nothing predicts."""
        names: list[str] = []
        chosen: list[float | None] = []
        top: list[dict[str, float] | None] = []
        offsets: list[int] = []
        for token, entry in zip(tokens, entries, strict=True):
            names.append(self._tokenizer.token_name(token))
            chosen.append(None if entry is None else _finite(entry.logprob))
            top.append(None if entry is None else self._top(entry))
            offsets.append(self._offset)
            self._offset += len(self._decoder.decode(self._tokenizer.token_bytes(token)))
        return {"tokens": names, "token_logprobs": chosen, "top_logprobs": top, "text_offset": offsets}

    def _top(self, entry: TokenLogprobs) -> dict[str, float]:
        """By printable name, as OpenAI has it; of two tokens that read the same the more likely one stays."""
        ranked: dict[str, float] = {}
        for token, logprob in [*((t, lp) for t, lp, _ in entry.top), (entry.token, entry.logprob)]:
            ranked.setdefault(self._tokenizer.token_name(token), _finite(logprob))
        return ranked
