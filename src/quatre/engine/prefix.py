"""What a page of the cache is known by: its tokens, the images in it and everything before them.

Keys are chained digests, so equal keys mean equal beginnings; nobody can choose a prompt whose key collides with
another's (Python's own hash would let them: CVE-2025-25183 of vLLM). A salt keeps apart what must not be shared.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from copy import copy
from hashlib import blake2b

from quatre.engine.cache import Key

KEY_BYTES = 16


class PrefixKeys:
    """The keys of a growing sequence's full pages."""

    def __init__(self, page_size: int, salt: str = "", images: Sequence[tuple[bytes, list[int]]] = ()) -> None:
        self._page_size = page_size
        self._images = images  # digest, and the places of the prompt that it has
        self._keys: list[Key] = []
        self._root = blake2b(salt.encode(), digest_size=KEY_BYTES).digest()

    def upto(self, tokens: Sequence[int], length: int) -> list[Key]:
        """Keys of the pages that are full with the first ``length`` of ``tokens``."""
        full = length // self._page_size
        for page in range(len(self._keys), full):
            content = array("i", tokens[page * self._page_size : (page + 1) * self._page_size]).tobytes()
            before = self._keys[-1] if self._keys else self._root
            self._keys.append(blake2b(before + content + self._seen(page), digest_size=KEY_BYTES).digest())
        return self._keys[:full]

    def fork(self, pages: int) -> PrefixKeys:
        """Those of another sequence that begins with the same pages, so many of them."""
        twin = copy(self)
        twin._keys = self._keys[:pages]
        return twin

    def _seen(self, page: int) -> bytes:
        """Which parts of which images a page holds; nothing for a page of text."""
        begin, end = page * self._page_size, (page + 1) * self._page_size
        parts = b""
        for digest, places in self._images:
            first, last = bisect_left(places, begin), bisect_left(places, end)
            if first < last:
                parts += digest + array("i", [first, last]).tobytes()
        return parts
