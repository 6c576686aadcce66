"""Tokens → text that can be sent at once: whole characters, and nothing that may become a stop string."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Sequence

from quatre.chat.tokenizer import Tokenizer


class TextStream:
    """The text of one answer, token by token, in time linear in its length.

    All pieces together are the decoded bytes of all tokens (U+FFFD for what is not UTF-8), cut before the stop string
    that is completed first; of several completed by the same character, the one that began first. How the text is
    split into tokens makes no difference. ``stopped`` is that stop string, or None.
    """

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str] = ()) -> None:
        self.stopped: str | None = None
        self._token_bytes = tokenizer.token_bytes
        self._decoder = getincrementaldecoder("utf-8")(errors="replace")
        self._stops = [_Progress(word) for word in stop]
        self._held = ""  # the longest end of the text so far that is the beginning of a stop string

    def push(self, token: int, *, may_stop: bool = True) -> str:
        """Take in one token; the text that can be sent now. Without ``may_stop`` its text is part of no stop string."""
        new = self._decoder.decode(self._token_bytes(token))
        return self._read(new) if may_stop else new

    def flush(self) -> str:
        """The answer has ended: the text that was held back."""
        if self.stopped is not None:
            return ""
        text = self._read(self._decoder.decode(b"", final=True))
        held, self._held = self._held, ""
        return text + held

    def _read(self, new: str) -> str:
        if self.stopped is not None:
            return ""
        if not self._stops:
            return new
        text = self._held + new
        self.stopped, end = self._find_stop(new)
        if self.stopped is not None:
            cut = len(self._held) + end - len(self.stopped)
            self._held = ""
        else:
            cut = len(text) - max(progress.length for progress in self._stops)
            self._held = text[cut:]
        return text[:cut]

    def _find_stop(self, new: str) -> tuple[str | None, int]:
        """Follow every stop string through the new characters; which one is complete first, and after how many."""
        for count, character in enumerate(new, start=1):
            completed = [progress.word for progress in self._stops if progress.completed_by(character)]
            if completed:
                return max(completed, key=len), count
        return None, len(new)


class _Progress:
    """How much of a stop string the text ends with (Knuth, Morris and Pratt's automaton)."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.length = 0
        self._fallback = _borders(word)

    def completed_by(self, character: str) -> bool:
        """Take in one character; whether the text now ends with the whole word."""
        word, length = self.word, self.length
        while length and word[length] != character:
            length = self._fallback[length - 1]
        self.length = length + (word[length] == character)
        return self.length == len(word)


def _borders(word: str) -> list[int]:
    """For each beginning of the word, the length of its longest shorter end that is also a beginning."""
    borders = [0] * len(word)
    length = 0
    for place in range(1, len(word)):
        while length and word[place] != word[length]:
            length = borders[length - 1]
        length += word[place] == word[length]
        borders[place] = length
    return borders
