"""Text that knows who wrote it: joining and cutting keep the notes, forgetting them makes it somebody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quatre.chat.traced import Traced, joined, own

PARTS = st.lists(st.tuples(st.text(alphabet="ab ", max_size=4), st.booleans()), max_size=6)


def letters(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Every character with whether the template wrote it."""
    return [(letter, mine) for text, mine in parts for letter in text]


def notes(text: Traced) -> list[tuple[str, bool]]:
    mine = {place for start, stop in text.own for place in range(start, stop)}
    return [(letter, place in mine) for place, letter in enumerate(text)]


def build(parts: list[tuple[str, bool]]) -> Traced:
    return joined([own(text) if mine else text for text, mine in parts])


@given(PARTS)
def test_joined_text_has_the_notes_of_its_parts(parts: list[tuple[str, bool]]) -> None:
    text = build(parts)
    assert notes(text) == letters(parts)
    edges = [edge for pair in text.own for edge in pair]
    assert edges == sorted(set(edges))  # sorted, not empty, not touching


@given(PARTS, PARTS, st.text(alphabet="ab", max_size=2), st.booleans())
def test_joined_with_something_between(
    first: list[tuple[str, bool]], second: list[tuple[str, bool]], between: str, mine: bool
) -> None:
    text = joined([build(first), build(second)], own(between) if mine else between)
    assert notes(text) == letters([*first, (between, mine), *second])


@given(PARTS, st.integers(0, 24), st.integers(0, 24))
def test_a_piece_has_the_notes_of_that_piece(parts: list[tuple[str, bool]], start: int, stop: int) -> None:
    text = build(parts)
    start, stop = sorted((min(start, len(text)), min(stop, len(text))))
    assert notes(text.clip(start, stop)) == letters(parts)[start:stop]


@given(PARTS)
def test_stripping_is_that_of_strings(parts: list[tuple[str, bool]]) -> None:
    text = build(parts)
    plain = str.__str__(text)
    for stripped, expected in [
        (text.strip(), plain.strip()),
        (text.lstrip(), plain.lstrip()),
        (text.rstrip("b"), plain.rstrip("b")),
        (text.strip("a"), plain.strip("a")),
    ]:
        assert stripped == expected
        assert isinstance(stripped, Traced)
    assert notes(text.strip()) == letters(parts)[len(plain) - len(plain.lstrip()) :][: len(plain.strip())]


def test_what_forgets_the_notes_gives_them_to_nobody() -> None:
    for text in (own("ab").upper(), own("ab") + "c", "c" + own("ab"), "".join([own("ab")]), own("a b").split()[0]):
        assert not isinstance(text, Traced)


def test_it_is_a_string() -> None:
    assert own("ab") == "ab"
    assert {"ab": 1}[own("ab")] == 1
    assert str(own("ab")).own == ((0, 2),)
    assert own("").own == ()
