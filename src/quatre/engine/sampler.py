"""Logits → tokens. The same logits, parameters, seed and place in the answer give the same token, in any company.

Every row is worked on alone, so a token cannot depend, bit for bit, on the other rows of its batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from struct import Struct

import numpy as np

from quatre.engine.penalties import Adjustments
from quatre.engine.request import Request, TokenLogprobs
from quatre.engine.rows import NO_TOKEN
from quatre.engine.rows import Logits as Logits
from quatre.errors import EngineError

try:
    from quatre.ops._native import draw_rows, score_row
except ImportError:  # an installation without kernels
    from quatre.engine.rows import draw_rows, score_row

ISA = os.environ.get("QUATRE_ISA", "")
PLACE = Struct("<QQQ")  # seed, place, index
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

    def when_ready(self, call: Callable[[], None]) -> None:
        """Have ``call`` called, in any thread, once :attr:`ready` is true; at once if it is."""
        if self.constraint is None:
            call()
        else:
            self.constraint.when_ready(call)

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
    scores = _scores([raw.get(i, row) for i, row in enumerate(logits)], states, tokens)
    return [
        _outcome(state, token, score, failures.get(i))
        for i, (state, token, score) in enumerate(zip(states, tokens, scores, strict=True))
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
    how = np.array([_how(state) for state in states])
    top_k = np.array([state.params.top_k for state in states], np.int32)

    def block(start: int) -> list[int]:
        rows = slice(start, start + ROWS_TOGETHER)
        return draw_rows(ISA, logits[rows], how[rows], top_k[rows])

    work = _threads().map if logits.size > ENOUGH_FOR_THREADS else map
    return [token for tokens in work(block, range(0, len(states), ROWS_TOGETHER)) for token in tokens]


def _how(state: SamplerState) -> tuple[float, float, float, float]:
    params = state.params
    number = 0.0 if params.temperature == 0 else state.uniform()
    return params.temperature, params.top_p, params.min_p, number


def _scores(
    rows: Sequence[Logits], states: Sequence[SamplerState], tokens: Sequence[int]
) -> Iterable[TokenLogprobs | None]:
    """The log-probabilities of the chosen tokens, where somebody wants them."""

    def score(row: Logits, state: SamplerState, token: int) -> TokenLogprobs | None:
        wanted = state.params.logprobs
        return None if wanted is None or token == NO_TOKEN else token_logprobs(row, token, wanted)

    return _threads().map(score, rows, states, tokens) if any(map(_wants_logprobs, states)) else [None] * len(states)


def _outcome(state: SamplerState, token: int, score: TokenLogprobs | None, failure: str | None) -> Sampled:
    if failure is not None:
        return Sampled(NO_TOKEN, error=failure)
    if token == NO_TOKEN:
        return Sampled(NO_TOKEN, error=NO_FINITE + (" for a token that is allowed" if _changes(state) else ""))
    return Sampled(token, score, ends=state.record(token))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="quatre-sampler")


def token_logprobs(logits: Logits, token: int, count: int) -> TokenLogprobs:
    """The model's own log-probability of ``token``, its rank, and the ``count`` most likely tokens."""
    logprob, rank, top = score_row(ISA, logits, token, count)
    return TokenLogprobs(token, logprob, rank, tuple((t, lp, place) for place, (t, lp) in enumerate(top, 1)))


def uniform(seed: int, place: int, index: int = 0) -> float:
    """A number in [0, 1), a hash of its place: no state to carry, none to share."""
    digest = blake2b(PLACE.pack(seed % 2**64, place, index), digest_size=8).digest()
    return float((int.from_bytes(digest, "little") >> 11) * 2.0**-53)
