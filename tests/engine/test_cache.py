"""The page pool: pages never leak and never have two owners, whatever the order of events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.cache import PagePool


@given(st.lists(st.integers(0, 5), max_size=60))
def test_pages_are_owned_once_or_free(moves: list[int]) -> None:
    pool, owned = PagePool(16, 4), []
    for count in moves:
        if count and count <= pool.num_free:
            owned.append(pool.take(count))
            assert len(owned[-1]) == count
        elif owned:
            pool.give_back(owned.pop(0))
        pool.check(owned)
        assert pool.num_free == 16 - sum(map(len, owned))


def test_pages_for_rounds_up() -> None:
    pool = PagePool(8, 32)
    assert [pool.pages_for(n) for n in (0, 1, 32, 33)] == [0, 1, 1, 2]
