"""Logits → tokens. The same logits, parameters, seed and place in the answer give the same token, in any company."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.engine.request import SamplingParams, TokenLogprobs

Logits = NDArray[np.float32]


def sample(logits: Logits, params: SamplingParams, seed: int, place: int) -> int:
    """Choose a token from ``logits`` ``[vocab]``.

    ``place`` counts the tokens generated before this one: the random number depends on (seed, place) alone. Ties of
    the greedy choice go to the lower id. NaN counts as never.
    """
    logits = np.where(np.isnan(logits), np.float32(-np.inf), logits)
    if params.temperature == 0:
        return int(np.argmax(logits))
    tokens, weights = _candidates(logits, params)
    cumulative = np.cumsum(weights)
    return int(tokens[np.searchsorted(cumulative, uniform(seed, place) * cumulative[-1], side="right")])


def uniform(seed: int, place: int) -> float:
    """A number in [0, 1) from a counter-based generator: no state to carry, none to share."""
    generator = np.random.Generator(np.random.Philox(key=seed % 2**64, counter=[place, 0, 0, 0]))
    return float(generator.random())


def _candidates(logits: Logits, params: SamplingParams) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The tokens that pass the filters, and their unnormalised probabilities (float64), in a fixed order."""
    scaled = logits.astype(np.float64) / params.temperature
    tokens: NDArray[np.intp] = np.arange(len(scaled))
    if 0 < params.top_k < len(scaled):
        tokens = _top(scaled, params.top_k)
    weights = np.exp(scaled[tokens] - scaled[tokens].max())
    if params.top_p < 1:
        order = np.argsort(-weights, kind="stable")
        reached = np.cumsum(weights[order])
        keep = int(np.searchsorted(reached, params.top_p * reached[-1])) + 1
        tokens, weights = tokens[order[:keep]], weights[order[:keep]]
    if params.min_p > 0:
        likely = weights >= params.min_p * weights.max()
        tokens, weights = tokens[likely], weights[likely]
    return tokens, weights


def token_logprobs(logits: Logits, token: int, count: int) -> TokenLogprobs:
    """The model's own log-probability of ``token``, its rank, and the ``count`` most likely tokens."""
    wide = logits.astype(np.float64)
    logprobs = wide - (wide.max() + np.log(np.exp(wide - wide.max()).sum()))
    best = _top(wide, count) if count else np.empty(0, np.intp)
    top = tuple((int(t), float(logprobs[t]), rank) for rank, t in enumerate(best, 1))
    return TokenLogprobs(token, float(logprobs[token]), int((wide > wide[token]).sum()) + 1, top)


def _top(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Indices of the ``count`` largest values, largest first; ties go to the lower index."""
    count = min(count, len(values))
    threshold = np.partition(values, -count)[-count]
    above = np.flatnonzero(values > threshold)
    tied = np.flatnonzero(values == threshold)[: count - len(above)]
    chosen = np.sort(np.concatenate((above, tied)))
    best: NDArray[np.intp] = chosen[np.argsort(-values[chosen], kind="stable")]
    return best
