"""Pieces of prompts follow what steps take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.pace import LEAST, Pace


def settle(pace: Pace, rate: float, fixed: float = 0.0) -> None:
    for _ in range(30):
        tokens = pace.prompt_tokens
        pace.learn(tokens, fixed + tokens / rate)


def test_pieces_become_as_long_as_the_target_allows() -> None:
    pace = Pace(most=16384, target=0.5)
    settle(pace, rate=2000)
    assert 900 <= pace.prompt_tokens <= 1100
    settle(pace, rate=10_000, fixed=0.1)
    assert 3500 <= pace.prompt_tokens <= 4500


def test_a_slow_machine_still_gets_pieces_worth_their_weights() -> None:
    pace = Pace(most=16384)
    settle(pace, rate=10)
    assert pace.prompt_tokens == LEAST


def test_short_pieces_say_nothing_about_long_ones_unless_they_were_slow() -> None:
    pace = Pace(most=16384, target=0.5)
    settle(pace, rate=2000)
    before = pace.prompt_tokens
    pace.learn(3, 0.0001)
    assert pace.prompt_tokens == before
    pace.learn(3, 0.4)
    assert pace.prompt_tokens < before


def test_where_answers_alone_take_long_prompts_may_too() -> None:
    pace = Pace(most=16384, target=0.2)
    for _ in range(30):
        pace.learn(0, 1.5)
    settle(pace, rate=100, fixed=1.5)
    assert 130 <= pace.prompt_tokens <= 170
    for _ in range(30):
        pace.learn(0, 0.01)
    settle(pace, rate=1000)
    assert 190 <= pace.prompt_tokens <= 210


@given(st.integers(1, 20_000), st.lists(st.tuples(st.integers(-1, 20_000), st.floats(0, 100)), max_size=30))
def test_the_length_stays_within_bounds(most: int, steps: list[tuple[int, float]]) -> None:
    pace = Pace(most)
    for tokens, seconds in steps:
        pace.learn(tokens, seconds)
        assert 1 <= pace.prompt_tokens <= most or pace.prompt_tokens == min(LEAST, most)
        assert pace.prompt_tokens <= max(most, 1)
