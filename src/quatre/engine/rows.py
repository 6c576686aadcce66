"""A row of logits → a token, or the log-probability of one: the definition, in NumPy.

``native/sampling.cpp`` does the same, many times faster, and is used where the installation has it. The two may differ
where the last bit of an exponential decides. Each row is worked on alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
Scored = tuple[float, int, list[tuple[int, float]]]

NO_TOKEN = -1


def draw_rows(isa: str, logits: Logits, how: NDArray[np.float64], top_k: NDArray[np.int32]) -> list[int]:  # noqa: ARG001
    """A token for each row of ``logits`` ``[rows, vocab]``; NO_TOKEN where the largest is not finite.

    ``how`` ``[rows, 4]``: temperature, top-p, min-p and a random number in [0, 1). Temperature 0 is greedy; ties go to
    the lower id, and NaN counts as never. ``isa`` is for the kernels.
    """
    asked = zip(logits, how.tolist(), top_k.tolist(), strict=True)
    return [
        _draw_row(row, temperature, top_p, min_p, number, k) for row, (temperature, top_p, min_p, number), k in asked
    ]


def score_row(isa: str, logits: Logits, token: int, count: int) -> Scored:  # noqa: ARG001
    """Natural-log probability of ``token``, its rank from 1, and ``count`` (token, logprob), likeliest first."""
    clean = np.where(np.isnan(logits), np.float32(-np.inf), logits)
    largest = clean.max()
    whole = float(largest) + float(np.log(np.exp(clean - largest).sum(dtype=np.float64)))
    best = _top(clean, count) if count else np.empty(0, np.intp)
    rank = int(np.count_nonzero(clean > clean[token])) + 1
    return float(clean[token]) - whole, rank, [(int(t), float(clean[t]) - whole) for t in best]


def _draw_row(row: Logits, temperature: float, top_p: float, min_p: float, number: float, top_k: int) -> int:
    best = int(row.argmax())
    if np.isnan(row[best]):
        row = np.where(np.isnan(row), np.float32(-np.inf), row)
        best = int(row.argmax())
    if not np.isfinite(row[best]):
        return NO_TOKEN
    return best if temperature == 0 else _draw(row, temperature, top_p, min_p, number, top_k)


def _draw(row: Logits, temperature: float, top_p: float, min_p: float, number: float, top_k: int) -> int:
    """A token of ``row`` ``[vocab]``, which has no NaN, by inversion: the random number picks it.

    Filters act on the probabilities at this temperature, in the order min-p, top-k, top-p. Candidates stand in the
    order of their ids, or by falling probability if top-k or top-p cuts; equal ones by id.
    """
    weights = _weights(row, temperature)
    if min_p > 0:
        weights[weights < np.float32(min_p)] = 0
    few = 0 < top_k < len(row)
    if few:
        tokens = _top(row, top_k)
    elif top_p < 1:
        tokens = _covering(row, weights, top_p)
    else:
        return _invert(weights, number)
    chosen = weights[tokens]
    if top_p < 1:
        reached = np.cumsum(chosen, dtype=np.float64)
        total = reached[-1] if few else weights.sum(dtype=np.float64)
        keep = int(np.searchsorted(reached, top_p * total)) + 1
        tokens, chosen = tokens[:keep], chosen[:keep]
    return int(tokens[_invert(chosen, number)])


def _weights(row: Logits, temperature: float) -> NDArray[np.float32]:
    """Probabilities, up to a factor; the largest is 1."""
    scaled: NDArray[np.float32] = row - row.max()
    scaled /= np.float32(max(temperature, 1e-5))
    np.exp(scaled, out=scaled)
    return scaled


def _invert(weights: NDArray[np.float32], number: float) -> int:
    """The first place whose cumulative weight is above ``number`` of the whole; never one of weight 0."""
    reached = np.cumsum(weights, dtype=np.float64)
    return int(np.searchsorted(reached, min(number * reached[-1], np.nextafter(reached[-1], 0)), side="right"))


def _covering(row: Logits, weights: NDArray[np.float32], share: float) -> NDArray[np.intp]:
    """The likeliest tokens, by falling weight, that have at least ``share`` of the whole; few if the model is sure."""
    wanted = share * weights.sum(dtype=np.float64)
    for least in (0.1, 1e-2, 1e-3, 1e-4, 1e-5):
        tokens = np.flatnonzero(weights >= np.float32(least))
        if weights[tokens].sum(dtype=np.float64) > wanted:
            break
    else:
        tokens = np.arange(len(weights))
    ordered: NDArray[np.intp] = tokens[np.argsort(-row[tokens], kind="stable")]
    return ordered


def _top(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of the ``count`` largest values, largest first; ties go to the lower index."""
    count = min(count, len(values))
    threshold = np.partition(values, -count)[-count]
    above = np.flatnonzero(values > threshold)
    tied = np.flatnonzero(values == threshold)[: count - len(above)]
    chosen = np.sort(np.concatenate((above, tied)))
    best: NDArray[np.intp] = chosen[np.argsort(-values[chosen], kind="stable")]
    return best
