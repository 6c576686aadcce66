"""Each adjustment against its formula, and that the answer so far is what they look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.penalties import Adjustments
from quatre.engine.request import Request, SamplingParams

LOGITS = np.array([2.0, -1.0, 0.5, 0.0, -3.0, 4.0], np.float32)
VOCAB = len(LOGITS)


def adjusted(
    answer: Sequence[int] = (),
    prompt: Sequence[int] = (0,),
    stop: frozenset[int] = frozenset(),
    bad: tuple[tuple[int, ...], ...] = (),
    **params: Any,
) -> np.ndarray:
    request = Request(id="r", prompt=prompt, params=SamplingParams(**params), stop_ids=stop, bad_tokens=bad)
    adjustments = Adjustments(request)
    for token in answer:
        adjustments.record(token)
    row = LOGITS.copy()
    assert adjustments.active == (
        bool(stop and len(answer) < params.get("min_tokens", 0)) or bool(set(params) - {"min_tokens"}) or bool(bad)
    )
    adjustments.apply(row)
    return row


def test_nothing_asked_changes_nothing() -> None:
    np.testing.assert_array_equal(adjusted([1, 2, 2]), LOGITS)


def test_frequency_counts_and_presence_does_not() -> None:
    row = adjusted([2, 2, 5], prompt=[0, 1], frequency_penalty=0.5, presence_penalty=0.25)
    np.testing.assert_allclose(row - LOGITS, [0, 0, -1.25, 0, 0, -0.75])


def test_repetition_looks_at_the_prompt_too() -> None:
    row = adjusted([5], prompt=[1, 1, 3], repetition_penalty=2.0)
    np.testing.assert_allclose(row, [2.0, -2.0, 0.5, 0.0, -3.0, 2.0])


def test_bias_is_added() -> None:
    np.testing.assert_allclose(adjusted(logit_bias={1: 5.5, 4: -100}) - LOGITS, [0, 5.5, 0, 0, -100, 0])


def test_only_allowed_tokens_stay() -> None:
    row = adjusted(allowed_token_ids=[4, 1, 1])
    assert np.flatnonzero(np.isfinite(row)).tolist() == [1, 4]
    assert row[1] == LOGITS[1]


def test_end_tokens_wait_for_min_tokens() -> None:
    assert not np.isfinite(adjusted([0], stop=frozenset({3, 5}), min_tokens=2)[[3, 5]]).any()
    np.testing.assert_array_equal(adjusted([0, 0], stop=frozenset({3, 5}), min_tokens=2), LOGITS)


def test_a_bad_word_is_stopped_at_its_last_token() -> None:
    banned = ((1, 2), (4,), (0, 1, 5))
    assert np.flatnonzero(np.isinf(adjusted([], bad=banned))).tolist() == [4]
    assert np.flatnonzero(np.isinf(adjusted([1], bad=banned))).tolist() == [2, 4]
    assert np.flatnonzero(np.isinf(adjusted([0, 1], bad=banned))).tolist() == [2, 4, 5]
    assert np.flatnonzero(np.isinf(adjusted([1, 3], bad=banned))).tolist() == [4]


@given(st.lists(st.integers(0, 300), max_size=200))
def test_counts_are_kept_for_any_number_of_tokens(answer: list[int]) -> None:
    adjustments = Adjustments(Request(id="r", prompt=[0], params=SamplingParams(frequency_penalty=1)))
    for token in answer:
        adjustments.record(token)
    row = np.zeros(301, np.float32)
    adjustments.apply(row)
    np.testing.assert_array_equal(-row, np.bincount(answer, minlength=301) if answer else np.zeros(301))
