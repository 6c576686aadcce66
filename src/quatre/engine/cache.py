"""Who owns which page of the cache. Plain integers; the numbers themselves live in the back end."""

from __future__ import annotations


class PagePool:
    """Hands out page numbers ``0 … pages - 1``; a page has at most one owner."""

    def __init__(self, pages: int, page_size: int) -> None:
        self.pages = pages
        self.page_size = page_size
        self._free = list(range(pages - 1, -1, -1))

    @property
    def num_free(self) -> int:
        return len(self._free)

    def pages_for(self, tokens: int) -> int:
        """How many pages hold ``tokens`` tokens."""
        return -(-tokens // self.page_size)

    def take(self, count: int) -> list[int]:
        """``count`` pages that nobody owns. The caller has asked ``num_free`` before."""
        assert count <= len(self._free)
        taken = self._free[len(self._free) - count :][::-1]
        del self._free[len(self._free) - count :]
        return taken

    def give_back(self, pages: list[int]) -> None:
        """Return pages; their contents are forgotten."""
        self._free.extend(reversed(pages))

    def check(self, owned: list[list[int]]) -> None:
        """Re-count: every page is either free or owned exactly once."""
        everything = sorted(self._free + [page for pages in owned for page in pages])
        assert everything == list(range(self.pages))
