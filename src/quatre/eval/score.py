"""Answers → shares of right ones, with the interval in which the true share lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from quatre.eval.answer import Answer
from quatre.eval.cases import Case

Variant = Literal["free", "constrained"]

Z_95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One answered case. ``wrong``: why it is; None if it is right. ``valid``: what ``judge.has_form`` says of it."""

    case: Case
    variant: Variant
    effort: str
    answer: Answer
    wrong: str | None
    valid: bool | None


@dataclass(frozen=True, kw_only=True)
class Score:
    """Of one ability (or one ``kind`` within it), variant and effort.

    ``low`` and ``high`` bound the true share of right answers with 95 % confidence (Wilson 1927). ``valid`` is the
    share of answers in the form asked for, of those that had one. Tokens and seconds: mean and median of an answer.
    """

    ability: str
    kind: str | None
    variant: Variant
    effort: str
    cases: int
    right: int
    failed: int
    share: float
    low: float
    high: float
    valid: float | None
    reasoning_tokens: float
    content_tokens: float
    seconds: float


def wilson(right: int, cases: int, z: float = Z_95) -> tuple[float, float]:
    """The interval for a share of which ``right`` of ``cases`` is a sample."""
    if cases == 0:
        return 0.0, 1.0
    share, spread = right / cases, z * z / cases
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / cases + spread / cases / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def scores(outcomes: Sequence[Outcome], *, by_kind: bool = False) -> list[Score]:
    """In the order in which abilities, kinds, variants and efforts first come."""
    groups: dict[tuple[str, str | None, Variant, str], list[Outcome]] = {}
    for outcome in outcomes:
        kind = outcome.case.kind if by_kind else None
        groups.setdefault((outcome.case.ability, kind, outcome.variant, outcome.effort), []).append(outcome)
    return [_score(*key, group) for key, group in groups.items()]


def _score(ability: str, kind: str | None, variant: Variant, effort: str, group: list[Outcome]) -> Score:
    right = sum(outcome.wrong is None for outcome in group)
    low, high = wilson(right, len(group))
    forms = [outcome.valid for outcome in group if outcome.valid is not None]
    answers = [outcome.answer for outcome in group]
    return Score(
        ability=ability,
        kind=kind,
        variant=variant,
        effort=effort,
        cases=len(group),
        right=right,
        failed=sum(answer.error is not None for answer in answers),
        share=right / len(group),
        low=low,
        high=high,
        valid=sum(forms) / len(forms) if forms else None,
        reasoning_tokens=sum(answer.reasoning_tokens for answer in answers) / len(group),
        content_tokens=sum(answer.completion_tokens - answer.reasoning_tokens for answer in answers) / len(group),
        seconds=median(answer.seconds for answer in answers),
    )
