"""Distributions over many draws, filters, ties, and the promise that the same seed gives the same token."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.request import Request, SamplingParams
from quatre.engine.sampler import SamplerState, sample_batch, token_logprobs, uniform

LOGITS = np.log(np.array([0.1, 0.4, 0.2, 0.25, 0.05], np.float32))


def sample(logits: np.ndarray, params: SamplingParams, seed: int, place: int) -> int:
    """The token of one row, for an answer that has ``place`` tokens."""
    state = SamplerState(Request(id="r", prompt=[0], params=params), seed)
    state.place = place
    (sampled,) = sample_batch(logits[None].copy(), [state])
    assert sampled.error is None
    return sampled.token


def draws(params: SamplingParams, count: int = 4000) -> np.ndarray:
    tokens = [sample(LOGITS, params, 1, place) for place in range(count)]
    return np.bincount(tokens, minlength=len(LOGITS)) / count


def test_plain_sampling_follows_the_distribution() -> None:
    # three standard deviations of a frequency over 4,000 draws are at most 0.024
    np.testing.assert_allclose(draws(SamplingParams()), np.exp(LOGITS), atol=0.024)


def test_temperature_sharpens() -> None:
    expected = np.exp(2 * LOGITS) / np.exp(2 * LOGITS).sum()
    np.testing.assert_allclose(draws(SamplingParams(temperature=0.5)), expected, atol=0.024)


@pytest.mark.parametrize(
    ("params", "allowed"),
    [
        (SamplingParams(top_k=2), {1, 3}),
        (SamplingParams(top_p=0.5), {1, 3}),
        (SamplingParams(top_p=0.35), {1}),
        (SamplingParams(top_p=0.86), {0, 1, 2, 3}),
        (SamplingParams(min_p=0.45), {1, 2, 3}),
        (SamplingParams(top_k=3, top_p=0.5, min_p=0.9), {1}),
        (SamplingParams(top_k=-1), {0, 1, 2, 3, 4}),
    ],
)
def test_filters_allow_exactly_these_tokens(params: SamplingParams, allowed: set[int]) -> None:
    assert set(np.flatnonzero(draws(params, 1000))) == allowed


def test_greedy_takes_the_lowest_of_tied_ids_and_ignores_nan() -> None:
    logits = np.array([1.0, np.nan, 3.0, 3.0, -np.inf], np.float32)
    assert sample(logits, SamplingParams(temperature=0), 0, 0) == 2


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_impossible_tokens_are_never_drawn(bad: float) -> None:
    logits = np.array([bad, 0.0, bad], np.float32)
    assert {sample(logits, SamplingParams(), seed, 0) for seed in range(50)} == {1}


def test_top_k_breaks_ties_by_id() -> None:
    logits = np.zeros(6, np.float32)
    assert {sample(logits, SamplingParams(top_k=2), seed, 0) for seed in range(100)} == {0, 1}


@given(st.integers(-(2**63), 2**64 - 1), st.integers(0, 10**6))
def test_random_numbers_depend_on_seed_and_place_alone(seed: int, place: int) -> None:
    assert 0 <= uniform(seed, place) < 1
    assert uniform(seed, place) == uniform(seed, place)


def test_neighbouring_seeds_and_places_are_independent() -> None:
    grid = np.array([[uniform(seed, place) for place in range(60)] for seed in range(60)])
    assert len(np.unique(grid)) == grid.size
    assert abs(np.corrcoef(grid[:, :-1].ravel(), grid[:, 1:].ravel())[0, 1]) < 0.06
    assert abs(np.corrcoef(grid[:-1].ravel(), grid[1:].ravel())[0, 1]) < 0.06


def test_logprobs_are_those_of_the_model_before_any_filter() -> None:
    entry = token_logprobs(LOGITS, token=2, count=3)
    assert entry.logprob == pytest.approx(np.log(0.2), abs=1e-6)
    assert entry.rank == 3
    assert [(token, rank) for token, _, rank in entry.top] == [(1, 1), (3, 2), (2, 3)]
    assert np.exp([logprob for _, logprob, _ in entry.top]) == pytest.approx([0.4, 0.25, 0.2])
    assert token_logprobs(LOGITS, token=2, count=0).top == ()


WAYS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0.0, 0.7, 1.5]),
        "top_p": st.sampled_from([0.3, 0.95]),
        "top_k": st.sampled_from([1, 5, 1000]),
        "min_p": st.sampled_from([0.01, 0.5]),
        "repetition_penalty": st.sampled_from([0.8, 1.3]),
        "presence_penalty": st.sampled_from([-0.5, 1.0]),
        "frequency_penalty": st.sampled_from([-0.5, 1.0]),
        "logit_bias": st.just({3: 2.0, 50: -100.0}),
        "allowed_token_ids": st.just([1, 3, 5, 70]),
        "min_tokens": st.just(2),
        "logprobs": st.sampled_from([0, 5]),
    },
)


@given(st.lists(WAYS, min_size=2, max_size=8), st.integers(0, 2**32 - 1))
def test_an_answer_does_not_depend_on_its_company(ways: list[dict[str, Any]], seed: int) -> None:
    steps = np.random.default_rng(seed).normal(size=(3, len(ways), 300)).astype(np.float32) * 3

    def state(place: int) -> SamplerState:
        params = SamplingParams(**ways[place])
        return SamplerState(Request(id="r", prompt=[1, 2], params=params, stop_ids=frozenset({7})), seed, place)

    together = [state(place) for place in range(len(ways))]
    alone = [state(place) for place in range(len(ways))]
    for logits in steps:
        outcomes = sample_batch(logits.copy(), together)
        for place, outcome in enumerate(outcomes):
            assert sample_batch(logits[place : place + 1].copy(), [alone[place]]) == [outcome]


def test_large_batches_are_shared_among_threads_and_agree() -> None:
    logits = np.random.default_rng(0).normal(size=(40, 40_000)).astype(np.float32)

    def states() -> list[SamplerState]:
        params = [SamplingParams(temperature=i % 2, logprobs=2) for i in range(40)]
        return [SamplerState(Request(id="r", prompt=[0], params=p), 5, i) for i, p in enumerate(params)]

    alone = [sample_batch(row[None].copy(), [state])[0] for row, state in zip(logits, states(), strict=True)]
    assert sample_batch(logits.copy(), states()) == alone


def test_answers_to_one_request_differ() -> None:
    request = Request(id="r", prompt=[0], params=SamplingParams(n=8))
    states = [SamplerState(request, 1, index) for index in range(8)]
    tokens = [sampled.token for sampled in sample_batch(np.zeros((8, 1000), np.float32), states)]
    assert len(set(tokens)) > 4


def test_logprobs_are_not_those_of_the_adjusted_logits() -> None:
    params = SamplingParams(temperature=0, logit_bias={4: 100}, logprobs=1)
    (sampled,) = sample_batch(LOGITS[None].copy(), [SamplerState(Request(id="r", prompt=[0], params=params), 0)])
    assert sampled.token == 4
    assert sampled.logprobs is not None
    assert sampled.logprobs.logprob == pytest.approx(np.log(0.05), abs=1e-6)
    assert [token for token, _, _ in sampled.logprobs.top] == [1]


def test_logits_that_may_not_be_written_are_copied() -> None:
    logits = LOGITS[None].copy()
    logits.flags.writeable = False
    params = SamplingParams(temperature=0, logit_bias={4: 100})
    (sampled,) = sample_batch(logits, [SamplerState(Request(id="r", prompt=[0], params=params), 0)])
    assert sampled.token == 4
