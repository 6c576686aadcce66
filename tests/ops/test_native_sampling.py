"""The kernels choose what the definition in NumPy chooses, for every filter, shape, tie and oddity."""

from __future__ import annotations

import numpy as np
import pytest

from quatre.engine import rows
from quatre.ops import _native

WAYS = [
    {"temperature": 0.0},
    {},
    {"temperature": 0.5},
    {"top_k": 5},
    {"top_p": 0.9},
    {"min_p": 0.1},
    {"top_k": 40, "top_p": 0.7},
    {"min_p": 0.02, "top_p": 0.8},
    {"top_k": 3, "min_p": 0.3, "top_p": 0.5},
    {"top_p": 0.001},
    {"top_p": 0.999},
    {"temperature": 1e-6},
]


def made(vocab: int, kind: str, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    row = random.normal(size=vocab).astype(np.float32) * 4
    if kind == "flat":
        row /= 100
    if kind == "ties":
        row = np.round(row)
    if kind == "masked":
        row[random.random(vocab) < 0.7] = -np.inf
        row[-1] = 0
    if kind == "nan":
        row[random.random(vocab) < 0.3] = np.nan
        row[0] = -0.0
    return row


@pytest.mark.parametrize("isa", _native.available_isas())
@pytest.mark.parametrize("kind", ["peaked", "flat", "ties", "masked", "nan"])
@pytest.mark.parametrize("vocab", [1, 7, 16, 255, 256, 257, 3000, 40_000])
def test_kernels_draw_what_the_definition_draws(vocab: int, kind: str, isa: str) -> None:
    row = made(vocab, kind, vocab)
    how, top_k = [], []
    for way in WAYS:
        for number in (0.0, 0.37, 0.81, 0.99):
            how.append((way.get("temperature", 1.0), way.get("top_p", 1.0), way.get("min_p", 0.0), number))
            top_k.append(way.get("top_k", 0))
    # A last bit of an exponential may decide between neighbours; here it must not: other numbers were not tried.
    logits = np.tile(row, (len(how), 1))
    expected = rows.draw_rows("", logits, np.array(how), np.array(top_k, np.int32))
    drawn = _native.draw_rows(isa, logits, np.array(how), np.array(top_k, np.int32))
    assert drawn == expected
    assert not np.isnan(row[drawn]).any()
    assert np.isfinite(row[drawn]).all()


@pytest.mark.parametrize("kind", ["peaked", "flat", "ties", "masked", "nan"])
def test_the_largest_number_draws_a_possible_token(kind: str) -> None:
    row = made(3000, kind, 9)
    how = np.array([(w.get("temperature", 1.0), w.get("top_p", 1.0), w.get("min_p", 0.0), 1 - 2**-53) for w in WAYS])
    top_k = np.array([way.get("top_k", 0) for way in WAYS], np.int32)
    for draw in (rows.draw_rows, _native.draw_rows):
        assert np.isfinite(row[draw("", np.tile(row, (len(WAYS), 1)), how, top_k)]).all()


@pytest.mark.parametrize("kind", ["peaked", "flat", "ties", "masked", "nan"])
def test_kernels_score_what_the_definition_scores(kind: str) -> None:
    row = made(5000, kind, 3)
    for token in (0, 17, 4999):
        for count in (0, 1, 20):
            logprob, rank, top = _native.score_row("", row, token, count)
            expected, expected_rank, expected_top = rows.score_row("", row, token, count)
            assert rank == expected_rank
            assert [t for t, _ in top] == [t for t, _ in expected_top]
            assert np.allclose([lp for _, lp in top], [lp for _, lp in expected_top], atol=1e-5)
            assert logprob == expected or abs(logprob - expected) < 1e-5


@pytest.mark.parametrize("bad", [np.nan, -np.inf, np.inf])
def test_a_row_without_a_finite_maximum_has_no_token(bad: float) -> None:
    logits = np.full((1, 300), bad, np.float32)
    for draw in (rows.draw_rows, _native.draw_rows):
        assert draw("", logits, np.array([[1.0, 1.0, 0.0, 0.5]]), np.zeros(1, np.int32)) == [rows.NO_TOKEN]


def test_a_row_does_not_depend_on_its_company() -> None:
    logits = np.stack([made(1000, kind, 5) for kind in ("peaked", "flat", "ties", "masked", "nan")])
    how = np.tile([[1.0, 0.9, 0.0, 0.4]], (5, 1))
    top_k = np.zeros(5, np.int32)
    together = _native.draw_rows("", logits, how, top_k)
    for i in range(5):
        assert _native.draw_rows("", logits[i : i + 1], how[i : i + 1], top_k[i : i + 1]) == [together[i]]


def test_arguments_that_do_not_fit_are_refused() -> None:
    logits = np.zeros((2, 10), np.float32)
    with pytest.raises(ValueError, match="do not fit"):
        _native.draw_rows("", logits, np.zeros((1, 4)), np.zeros(2, np.int32))
    with pytest.raises(ValueError, match="token 10"):
        _native.score_row("", logits[0], 10, 0)
