"""Where a prompt stops being like an earlier one, for whoever wonders why a long prompt was computed again."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quatre.chat.tokenizer import Tokenizer
from quatre.engine.request import Request

log = logging.getLogger(__name__)

PROMPTS = 16
WORTH_SAYING = 64
"""Tokens that must be alike, and tokens that must be lost, before a parting is worth a line: two pages of the cache."""

SHOWN = 20


class Partings:
    """Remembers the tokens of the last :data:`PROMPTS` prompts. Belongs to the event loop.

    ``tokenizer``: for showing the text around the place; None if prompts must not be logged.
    """

    def __init__(self, tokenizer: Tokenizer | None) -> None:
        self._tokenizer = tokenizer
        self._prompts: deque[tuple[str, str, NDArray[np.int32]]] = deque(maxlen=PROMPTS)

    def meet(self, request: Request) -> None:
        """Log where the prompt leaves the one that it is most like, unless it goes on from it or repeats it."""
        prompt = np.array(request.prompt, np.int32)
        alike, name, other = 0, "", prompt
        for salt, earlier, tokens in self._prompts:
            common = _common(prompt, tokens) if salt == request.cache_salt else 0
            if common and common >= alike:
                alike, name, other = common, earlier, tokens
        self._prompts.append((request.cache_salt, request.id, prompt))
        lost = len(other) - alike
        if alike >= WORTH_SAYING and lost >= WORTH_SAYING and alike < len(prompt):
            log.info(
                "request %s: its prompt of %d tokens is like that of request %s up to token %d and then differs; "
                "the %d tokens behind it there cannot be used again%s",
                request.id, len(prompt), name, alike, lost, self._words(alike, other, prompt),
            )  # fmt: skip

    def _words(self, place: int, earlier: NDArray[np.int32], prompt: NDArray[np.int32]) -> str:
        if self._tokenizer is None:
            return ""
        shared, was, now = (
            self._text(tokens.tolist())
            for tokens in (prompt[max(0, place - SHOWN) : place], earlier[place:][:SHOWN], prompt[place:][:SHOWN])
        )
        return f": behind {shared!r} there was {was!r} and now is {now!r}"

    def _text(self, tokens: Sequence[int]) -> str:
        assert self._tokenizer is not None
        return "".join(map(self._tokenizer.token_name, tokens))


def _common(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """How many tokens both begin with."""
    length = min(len(one), len(other))
    differ = one[:length] != other[:length]
    return int(differ.argmax()) if differ.any() else length
