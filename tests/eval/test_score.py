"""Shares and intervals."""

from __future__ import annotations

import pytest

from quatre.eval.answer import Answer
from quatre.eval.cases import Case
from quatre.eval.score import Outcome, Variant, scores, wilson


@pytest.mark.parametrize(
    ("right", "cases", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_of_the_literature(right: int, cases: int, low: float, high: float) -> None:
    assert wilson(right, cases) == pytest.approx((low, high), abs=5e-5)
    assert wilson(cases - right, cases) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_nothing_known_of_nothing() -> None:
    assert wilson(0, 0) == (0, 1)


def outcome(kind: str, effort: str, wrong: str | None, variant: Variant = "free", valid: bool | None = None) -> Outcome:
    case = Case(id="1", ability="a", kind=kind, messages=({},), expect={"text": "x"})
    answer = Answer(completion_tokens=30, reasoning_tokens=20, seconds=2.0, error="500" if wrong == "500" else None)
    return Outcome(case=case, variant=variant, effort=effort, answer=answer, wrong=wrong, valid=valid)


def test_groups() -> None:
    outcomes = [
        outcome("k", "none", "no", valid=True),
        outcome("k", "none", None, valid=False),
        outcome("l", "none", "500"),
        outcome("l", "high", None),
        outcome("l", "high", None, "constrained"),
    ]
    none, high, constrained = scores(outcomes)
    assert (none.effort, none.kind, none.cases, none.right, none.failed) == ("none", None, 3, 1, 1)
    assert (none.share, (none.low, none.high)) == (1 / 3, wilson(1, 3))
    assert (none.valid, high.valid) == (0.5, None)
    assert (none.reasoning_tokens, none.content_tokens, none.seconds) == (20, 10, 2)
    assert (high.cases, high.right, constrained.variant, constrained.cases) == (1, 1, "constrained", 1)
    by_kind = scores(outcomes, by_kind=True)
    assert [(s.kind, s.variant, s.effort, s.right, s.cases) for s in by_kind] == [
        ("k", "free", "none", 1, 2),
        ("l", "free", "none", 0, 1),
        ("l", "free", "high", 1, 1),
        ("l", "constrained", "high", 1, 1),
    ]
