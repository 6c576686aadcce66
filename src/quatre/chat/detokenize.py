"""Tokens → text, piece by piece: whole characters only, and never a piece of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from quatre.chat.tokenizer import Tokenizer


class TextStream:
    """The text of one answer as it grows.

    ``push`` returns what is certain: bytes of an unfinished character are held back, and so is text that may turn out
    to be the beginning of a stop string. When a stop string is complete, the text ends in front of it, ``stopped``
    names it, and later tokens add nothing. Of stop strings that are complete at the same character the longest counts.
    """

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str] = ()) -> None:
        self.stopped: str | None = None
        self._tokenizer = tokenizer
        self._stop = tuple(stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""  # text not yet returned: may begin a stop string

    def push(self, token: int) -> str:
        """Add a token; returns the text that is certain now."""
        if self.stopped is not None:
            return ""
        return self._release(self._decoder.decode(self._tokenizer.token_bytes(token)), final=False)

    def flush(self) -> str:
        """The end of the answer: whatever was held back. Unfinished characters become U+FFFD."""
        if self.stopped is not None:
            return ""
        return self._release(self._decoder.decode(b"", final=True), final=True)

    def _release(self, text: str, final: bool) -> str:
        if not self._stop:
            return text
        self._held += text
        match = self._first_match()
        if match is not None:
            start, self.stopped = match
            certain, self._held = self._held[:start], ""
            return certain
        keep = 0 if final else self._beginning()
        cut = len(self._held) - keep
        certain, self._held = self._held[:cut], self._held[cut:]
        return certain

    def _first_match(self) -> tuple[int, str] | None:
        """Where the stop string that is complete first begins, and which it is."""
        found = ((self._held.find(stop), stop) for stop in self._stop)
        ends = [(at + len(stop), -len(stop), at, stop) for at, stop in found if at >= 0]
        return min(ends)[2:] if ends else None

    def _beginning(self) -> int:
        """Length of the longest end of the held text with which a stop string begins."""
        most = min(len(self._held), max(len(stop) for stop in self._stop) - 1)
        for length in range(most, 0, -1):
            end = self._held[-length:]
            if any(len(stop) > length and stop.startswith(end) for stop in self._stop):
                return length
        return 0
