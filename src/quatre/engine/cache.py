"""Who holds which page of the cache. Plain integers; the numbers themselves live in the back end.

A page that holds a known prefix of tokens stays when nobody holds it any more, until its place is needed: the least
recently used goes first. Such pages are full and never written again, so any number of sequences may read them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

Key = bytes
"""What a page is known by, see :mod:`quatre.engine.prefix`."""


class PagePool:
    """Hands out page numbers ``0 … pages - 1`` and counts how many sequences hold each."""

    def __init__(self, pages: int, page_size: int) -> None:
        self.pages = pages
        self.page_size = page_size
        self._empty = list(range(pages - 1, -1, -1))
        self._holders = [0] * pages
        self._page_of: dict[Key, int] = {}
        self._key_of: dict[int, Key] = {}
        self._idle: OrderedDict[int, None] = OrderedDict()  # known pages that nobody holds, least recently used first

    @property
    def num_free(self) -> int:
        """Pages that can be taken, those with a known prefix included."""
        return len(self._empty) + len(self._idle)

    @property
    def num_known(self) -> int:
        """Pages whose prefix is known."""
        return len(self._page_of)

    def pages_for(self, tokens: int) -> int:
        """How many pages hold ``tokens`` tokens."""
        return -(-tokens // self.page_size)

    def take(self, count: int) -> list[int]:
        """``count`` pages to write to. The caller has asked ``num_free`` before."""
        assert count <= self.num_free
        taken = [self._empty.pop() if self._empty else self._evict() for _ in range(count)]
        for page in taken:
            self._holders[page] = 1
        return taken

    def share(self, pages: Iterable[int]) -> list[int]:
        """Hold pages that others may hold too."""
        held = list(pages)
        for page in held:
            self._idle.pop(page, None)
            self._holders[page] += 1
        return held

    def give_back(self, pages: Sequence[int]) -> None:
        """Let go of a sequence's pages, in its order. Its last are forgotten first: a shorter prefix serves more."""
        for page in reversed(pages):
            self._holders[page] -= 1
            if self._holders[page] == 0:
                if page in self._key_of:
                    self._idle[page] = None
                else:
                    self._empty.append(page)

    # -- Prefixes ----------------------------------------------------------------------------------------------

    def remember(self, page: int, key: Key) -> None:
        """From now on the page, which is full, can be found by its key. Of two with one key, the first is known."""
        if key not in self._page_of and page not in self._key_of:
            self._page_of[key] = page
            self._key_of[page] = key

    def find(self, keys: Iterable[Key]) -> list[int]:
        """The pages of the longest known prefix; nobody holds them for the caller yet."""
        found = []
        for key in keys:
            page = self._page_of.get(key)
            if page is None:
                break
            found.append(page)
        return found

    def forget_all(self) -> None:
        """Drop every known prefix; held pages stay held."""
        self._empty.extend(self._idle)
        self._idle.clear()
        self._page_of.clear()
        self._key_of.clear()

    def _evict(self) -> int:
        page, _ = self._idle.popitem(last=False)
        del self._page_of[self._key_of.pop(page)]
        return page

    def check(self, held: list[list[int]]) -> None:
        """Re-count: every page is empty, idle or held as often as the holders say, and every key has its page."""
        count = [0] * self.pages
        for pages in held:
            for page in pages:
                count[page] += 1
        assert count == self._holders
        assert sorted([*self._empty, *self._idle, *(p for p in range(self.pages) if count[p])]) == list(
            range(self.pages)
        )
        assert {page: key for key, page in self._page_of.items()} == self._key_of
        assert all(page in self._key_of for page in self._idle)
