"""Logits → tokens. The same logits, parameters, seed and place in the answer give the same token, in any company.

Every row is worked on alone, so a token cannot depend, bit for bit, on the other rows of its batch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from quatre.engine.penalties import Adjustments
from quatre.engine.request import Request, SamplingParams, TokenLogprobs
from quatre.errors import EngineError

Logits = NDArray[np.float32]

NO_TOKEN = -1
NO_FINITE = "the model computed no finite logits"
ROWS_TOGETHER = 8  # rows that one thread takes at a time: 4 MB for a vocabulary of 131,072
ENOUGH_FOR_THREADS = 1 << 20  # logits; below, handing out work costs more than it saves


@dataclass(frozen=True)
class Sampled:
    """A row's outcome. ``ends``: the grammar is complete. With ``error`` there is no token: the answer has failed."""

    token: int
    logprobs: TokenLogprobs | None = None
    ends: bool = False
    error: str | None = None


class SamplerState:
    """All that the next token of one answer depends on besides its logits.

    ``seed`` is shared by the ``n`` answers of a request; ``index`` tells them apart. ``place`` counts its tokens.
    """

    def __init__(self, request: Request, seed: int, index: int = 0) -> None:
        self.params = request.params
        self.seed = seed
        self.index = index
        self.place = 0
        self.adjustments = Adjustments(request)
        self.constraint = None if request.constraint is None else request.constraint.fork()

    @property
    def ready(self) -> bool:
        """Whether sampling would not wait for a grammar's mask."""
        return self.constraint is None or self.constraint.ready

    def wait(self) -> None:
        """Return when the mask is there, whether it is one or a failure."""
        if self.constraint is not None:
            try:
                self.constraint.mask()
            except EngineError:
                return  # sampling will meet it again and end the answer with it

    def uniform(self) -> float:
        """The random number, in [0, 1), of the next token."""
        return uniform(self.seed, self.place, self.index)

    def record(self, token: int) -> bool:
        """Take in the chosen token; True if the grammar allows nothing behind it."""
        self.place += 1
        self.adjustments.record(token)
        return self.constraint is not None and self.constraint.accept(token)


def sample_batch(logits: Logits, states: Sequence[SamplerState]) -> list[Sampled]:
    """Choose a token for each row of ``logits`` ``[n, vocab]``, which may be changed, and record it in its state.

    Log-probabilities are those of the model, before anything is adjusted. Greedy ties go to the lower id; NaN counts as
    never.
    """
    if not logits.flags.writeable:
        logits = logits.copy()
    raw = {i: logits[i].copy() for i, state in enumerate(states) if _changes(state) and _wants_logprobs(state)}
    failures: dict[int, str] = {}
    for i, state in enumerate(states):
        try:
            _adjust(logits[i], state)
        except EngineError as error:
            failures[i] = str(error)
    tokens = _choose(logits, states)
    return [
        _outcome(raw.get(i, logits[i]), state, token, failures.get(i))
        for i, (state, token) in enumerate(zip(states, tokens, strict=True))
    ]


def _changes(state: SamplerState) -> bool:
    return state.constraint is not None or state.adjustments.active


def _wants_logprobs(state: SamplerState) -> bool:
    return state.params.logprobs is not None


def _adjust(row: Logits, state: SamplerState) -> None:
    if state.adjustments.active:
        state.adjustments.apply(row)
    if state.constraint is not None:
        row[~state.constraint.mask()] = -np.inf


def _choose(logits: Logits, states: Sequence[SamplerState]) -> list[int]:
    """One token per row, or NO_TOKEN where no logit is finite."""
    blocks = range(0, len(states), ROWS_TOGETHER)

    def block(start: int) -> list[int]:
        rows = logits[start : start + ROWS_TOGETHER]
        best = rows.argmax(axis=1)
        return [_token(row, state, int(at)) for row, state, at in zip(rows, states[start:], best, strict=False)]

    work = _threads().map if logits.size > ENOUGH_FOR_THREADS else map
    return [token for tokens in work(block, blocks) for token in tokens]


def _token(row: Logits, state: SamplerState, best: int) -> int:
    """The token of one row, whose largest logit (or a NaN) stands at ``best``."""
    if np.isnan(row[best]):
        row = np.where(np.isnan(row), np.float32(-np.inf), row)
        best = int(row.argmax())
    if not np.isfinite(row[best]):
        return NO_TOKEN
    return best if state.params.temperature == 0 else draw(row, state.params, state.uniform())


def _outcome(row: Logits, state: SamplerState, token: int, failure: str | None) -> Sampled:
    if failure is not None:
        return Sampled(NO_TOKEN, error=failure)
    if token == NO_TOKEN:
        return Sampled(NO_TOKEN, error=NO_FINITE + (" for a token that is allowed" if _changes(state) else ""))
    wanted = state.params.logprobs
    logprobs = None if wanted is None else token_logprobs(row, token, wanted)
    return Sampled(token, logprobs, ends=state.record(token))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="quatre-sampler")


# -- One row -----------------------------------------------------------------------------------------------------------


def uniform(seed: int, place: int, index: int = 0) -> float:
    """A number in [0, 1) from a counter-based generator: no state to carry, none to share."""
    generator = np.random.Generator(np.random.Philox(key=seed % 2**64, counter=[place, index, 0, 0]))
    return float(generator.random())


def draw(row: Logits, params: SamplingParams, number: float) -> int:
    """A token of ``row`` ``[vocab]``, without NaN, by inversion: ``number`` in [0, 1) picks it. Temperature is above 0.

    Filters act on the probabilities at this temperature, in the order min-p, top-k, top-p. Candidates stand in the
    order of their ids, or by falling probability if top-k or top-p cuts; equal ones by id.
    """
    weights = _weights(row, params.temperature)
    if params.min_p > 0:
        weights[weights < np.float32(params.min_p)] = 0
    if 0 < params.top_k < len(row):
        tokens = _top(weights, params.top_k)
    elif params.top_p < 1:
        tokens = _covering(weights, params.top_p)
    else:
        return _invert(weights, number)
    chosen = weights[tokens]
    if params.top_p < 1:
        reached = np.cumsum(chosen, dtype=np.float64)
        total = reached[-1] if params.top_k > 0 else weights.sum(dtype=np.float64)
        keep = int(np.searchsorted(reached, params.top_p * total)) + 1
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


def _covering(weights: NDArray[np.float32], share: float) -> NDArray[np.intp]:
    """The likeliest tokens, by falling weight, that have at least ``share`` of the whole; few if the model is sure."""
    wanted = share * weights.sum(dtype=np.float64)
    for least in (0.1, 1e-2, 1e-3, 1e-4, 1e-5):
        tokens = np.flatnonzero(weights >= np.float32(least))
        if weights[tokens].sum(dtype=np.float64) > wanted:
            break
    else:
        tokens = np.arange(len(weights))
    ordered: NDArray[np.intp] = tokens[np.argsort(-weights[tokens], kind="stable")]
    return ordered


def token_logprobs(logits: Logits, token: int, count: int) -> TokenLogprobs:
    """The model's own log-probability of ``token``, its rank, and the ``count`` most likely tokens."""
    largest = np.nanmax(logits)
    total = np.nansum(np.exp(logits - largest), dtype=np.float64)
    whole = float(largest) + float(np.log(total))
    clean = np.where(np.isnan(logits), np.float32(-np.inf), logits) if np.isnan(total) else logits
    best = _top(clean, count) if count else np.empty(0, np.intp)
    top = tuple((int(t), float(clean[t]) - whole, rank) for rank, t in enumerate(best, 1))
    rank = int(np.count_nonzero(clean > clean[token])) + 1
    return TokenLogprobs(token, float(clean[token]) - whole, rank, top)


def _top(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of the ``count`` largest values, largest first; ties go to the lower index."""
    count = min(count, len(values))
    threshold = np.partition(values, -count)[-count]
    above = np.flatnonzero(values > threshold)
    tied = np.flatnonzero(values == threshold)[: count - len(above)]
    chosen = np.sort(np.concatenate((above, tied)))
    best: NDArray[np.intp] = chosen[np.argsort(-values[chosen], kind="stable")]
    return best
