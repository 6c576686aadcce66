"""The page pool: pages never leak, known prefixes are found while their place is not needed, the oldest go first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.cache import PagePool
from quatre.engine.prefix import PrefixKeys


@given(st.lists(st.integers(0, 5), max_size=60))
def test_pages_are_held_or_free(moves: list[int]) -> None:
    pool, held = PagePool(16, 4), []
    for count in moves:
        if count and count <= pool.num_free:
            held.append(pool.take(count))
            assert len(held[-1]) == count
        elif held:
            pool.give_back(held.pop(0))
        pool.check(held)
        assert pool.num_free == 16 - sum(map(len, held))


def test_pages_for_rounds_up() -> None:
    pool = PagePool(8, 32)
    assert [pool.pages_for(n) for n in (0, 1, 32, 33)] == [0, 1, 1, 2]


def known(pool: PagePool, *keys: bytes) -> list[int]:
    """Pages that are held and known by these keys."""
    pages = pool.take(len(keys))
    for page, key in zip(pages, keys, strict=True):
        pool.remember(page, key)
    return pages


def test_a_known_prefix_is_found_while_held_and_after() -> None:
    pool = PagePool(4, 4)
    pages = known(pool, b"a", b"ab")
    assert pool.find([b"a", b"ab", b"abc"]) == pages
    assert pool.find([b"b", b"ab"]) == []  # what lies behind an unknown page is of no use
    pool.give_back(pages)
    assert pool.num_free == 4
    assert pool.share(pool.find([b"a"])) == pages[:1]
    assert pool.num_free == 3
    pool.check([pages[:1]])


def test_a_page_is_free_when_its_last_holder_lets_go() -> None:
    pool = PagePool(2, 4)
    pages = known(pool, b"a")
    again = pool.share(pages)
    pool.give_back(pages)
    assert pool.num_free == 1
    pool.give_back(again)
    assert pool.num_free == 2


def test_the_least_recently_used_prefix_goes_first_and_its_end_before_its_beginning() -> None:
    pool = PagePool(4, 4)
    old, new = known(pool, b"o", b"op"), known(pool, b"n", b"np")
    pool.give_back(old)
    pool.give_back(new)
    pool.give_back(pool.share(pool.find([b"o", b"op"])))  # used again
    pool.take(1)
    assert [len(pool.find(keys)) for keys in ([b"o", b"op"], [b"n", b"np"])] == [2, 1]
    pool.take(2)
    assert [len(pool.find(keys)) for keys in ([b"o", b"op"], [b"n", b"np"])] == [1, 0]


def test_of_two_pages_with_one_content_the_first_is_known() -> None:
    pool = PagePool(4, 4)
    first, second = known(pool, b"a"), known(pool, b"a")
    assert pool.find([b"a"]) == first
    pool.give_back(second)
    pool.give_back(first)
    pool.check([])
    assert pool.num_known == 1


def test_forgetting_leaves_held_pages_alone() -> None:
    pool = PagePool(4, 4)
    held, idle = known(pool, b"a"), known(pool, b"b")
    pool.give_back(idle)
    pool.forget_all()
    assert pool.find([b"a"]) == pool.find([b"b"]) == []
    pool.check([held])
    assert pool.num_free == 3


# -- Keys ----------------------------------------------------------------------------------------------------------


def test_keys_say_what_a_page_holds_and_everything_before() -> None:
    def keys(tokens: list[int], salt: str = "") -> list[bytes]:
        return PrefixKeys(4, salt).upto(tokens, len(tokens))

    one = keys([1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert len(one) == 2
    assert keys([1, 2, 3, 4, 5, 6, 7, 8]) == one
    assert keys([1, 2, 3, 4, 5, 6, 7, 0])[0] == one[0]
    assert keys([0, 2, 3, 4, 5, 6, 7, 8])[1] != one[1]
    assert not set(keys([1, 2, 3, 4, 5, 6, 7, 8], "salt")) & set(one)


@given(st.lists(st.integers(0, 131071), max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_growing_keys_are_those_of_the_whole(tokens: list[int], lengths: list[int]) -> None:
    growing = PrefixKeys(4)
    for length in sorted(lengths):
        length = min(length, len(tokens))
        assert growing.upto(tokens, length) == PrefixKeys(4).upto(tokens, length)


@pytest.mark.parametrize("tokens", [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
def test_shorter_lengths_give_fewer_of_the_same_keys(tokens: list[int]) -> None:
    keys = PrefixKeys(2)
    assert keys.upto(tokens, 3) == keys.upto(tokens, 5)[:1]
