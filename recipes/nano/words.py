"""Words that are said again are cut into tokens as they were before.

Behind a space, behind a quotation mark and at the beginning a word begins with different tokens, and by the rules of
byte pair encoding it is often cut in other places altogether (`` spe|ed``, ``"s|pe|ed``): where, no token shows.
But an answer is text, whose encoding is the model's own affair. Cut as it stood before, a word consists of its old
tokens, but for the first, in whose place there always come the same ones.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import regex

Ids = tuple[int, ...]


class Cutter:
    """Of a ``tekken.json``. ``encoded``: the tokens of a text; ``piece``: the bytes of a token."""

    def __init__(self, path: Path, encoded: Callable[[str], Ids], piece: Callable[[int], bytes]) -> None:
        self.split = regex.compile(json.loads(path.read_text("utf-8"))["config"]["pattern"]).findall
        self.cut = lru_cache(100_000)(encoded)
        self.piece = piece

    def again(self, before: str, was: str, cut: Ids) -> Ids:
        """A word that was ``cut`` behind the sign ``was``, behind the sign ``before``."""
        first, rest = self.piece(cut[0]).removeprefix(was.encode()), cut[1:]
        if not first:  # the sign was a token of its own
            first, rest = self.piece(rest[0]), rest[1:]
        return *self.cut(before + first.decode()), *rest


class Words:
    """Those of a conversation so far."""

    def __init__(self, cutter: Cutter) -> None:
        self._cutter = cutter
        self._known: dict[str, dict[str, Ids]] = defaultdict(dict)
        """Of each word how it was cut, by the sign before it; the latest is the last."""

    def read(self, text: str) -> list[int]:
        """The tokens of a text, cut as usual."""
        return self._taken(text, lambda before, word: self._cutter.cut(before + word))

    def say(self, text: str) -> list[int]:
        """The tokens of a text, with words cut as they stood there last, those behind the same sign as usual."""
        return self._taken(text, self._again)

    def _taken(self, text: str, cut: Callable[[str, str], Ids]) -> list[int]:
        ids: list[int] = []
        for part in self._cutter.split(text):
            before, word = _parted(part)
            if not word:
                ids += self._cutter.cut(part)
                continue
            ids += (tokens := cut(before, word))
            known = self._known[word]
            known.pop(before, None)
            known[before] = tokens
        return ids

    def _again(self, before: str, word: str) -> Ids:
        known = self._known.get(word)
        if known and before not in known:
            try:
                return self._cutter.again(before, *next(reversed(known.items())))
            except UnicodeDecodeError:  # cut within a character
                pass
        return self._cutter.cut(before + word)


def _parted(part: str) -> tuple[str, str]:
    """The sign before a word, and the word; of anything else, no word."""
    if part[0].isalpha():
        return "", part
    return (part[0], part[1:]) if part[1:2].isalpha() else (part, "")
