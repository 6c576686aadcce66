"""Stop strings in a text that comes piece by piece."""

from __future__ import annotations

from collections.abc import Sequence


class StopFinder:
    """Lets text through that cannot become part of a stop string, in time linear in its length.

    The text is cut before the stop string that is completed first; of several completed by the same character, the one
    that began first. How the text is split into pieces makes no difference. ``stopped`` is that string, or None.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self.stopped: str | None = None
        self._stops = [_Progress(word) for word in stop]
        self._held = ""  # the longest end of the text so far that is the beginning of a stop string

    def push(self, new: str) -> str:
        """Take in a piece; the text that can be sent now."""
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

    def flush(self) -> str:
        """The text ends here, and another one begins: what was held back."""
        held, self._held = self._held, ""
        for progress in self._stops:
            progress.length = 0
        return held

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
