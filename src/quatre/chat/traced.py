"""Text that knows who wrote it: the chat template, or somebody whose words it only passes on.

A template is trusted to write control tokens, message contents are not. So every constant of a template is
:class:`Traced`, joining keeps the notes, and whatever forgets them (a plain ``str``) counts as somebody else's: losing
track is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

Ranges = tuple[tuple[int, int], ...]


class Traced(str):
    """A string with ``own``: where the template's own characters are, as sorted ranges that do not touch."""

    own: Ranges

    def __new__(cls, text: str, own: Ranges = ()) -> Self:
        traced = super().__new__(cls, text)
        traced.own = own
        return traced

    def __str__(self) -> Self:  # the inherited one would return a plain str
        return self

    def clip(self, start: int, stop: int) -> Traced:
        """The characters from ``start`` to ``stop``, both within the text, with their notes."""
        ranges = ((max(a, start) - start, min(b, stop) - start) for a, b in self.own)
        return Traced(self[start:stop], tuple((a, b) for a, b in ranges if a < b))

    def strip(self, chars: str | None = None, /) -> Traced:
        return self.lstrip(chars).rstrip(chars)

    def lstrip(self, chars: str | None = None, /) -> Traced:
        return self.clip(len(self) - len(super().lstrip(chars)), len(self))

    def rstrip(self, chars: str | None = None, /) -> Traced:
        return self.clip(0, len(super().rstrip(chars)))


def own(text: str) -> Traced:
    """Text that the template wrote itself."""
    return Traced(text, ((0, len(text)),) if text else ())


def joined(parts: Iterable[str], between: str = "") -> Traced:
    """All parts in a row, each with its notes."""
    texts: list[str] = []
    ranges: list[tuple[int, int]] = []
    at = 0
    for part in _interleaved(list(parts), between):
        if isinstance(part, Traced):
            for start, stop in part.own:
                if ranges and ranges[-1][1] == at + start:
                    ranges[-1] = (ranges[-1][0], at + stop)
                else:
                    ranges.append((at + start, at + stop))
        texts.append(part)
        at += len(part)
    return Traced("".join(texts), tuple(ranges))


def _interleaved(parts: Sequence[str], between: str) -> Iterable[str]:
    if not between:
        return parts
    return [part for pair in zip([between] * len(parts), parts, strict=True) for part in pair][1:]
