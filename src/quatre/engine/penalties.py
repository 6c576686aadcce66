"""What is added to a row of logits, or taken from it, before a token is chosen: everything but the grammar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.engine.request import Request

Row = NDArray[np.float32]
NEVER = np.float32(-np.inf)


class Adjustments:
    """The adjustments of one answer while it grows. A step costs time for the tokens concerned, not for all."""

    def __init__(self, request: Request) -> None:
        params = request.params
        self._params = params
        self._stop_ids = np.fromiter(request.stop_ids, np.intp, len(request.stop_ids))
        bias = params.logit_bias or {}
        self._biased = np.fromiter(bias, np.intp, len(bias))
        self._bias = np.fromiter(bias.values(), np.float32, len(bias))
        self._allowed = None if params.allowed_token_ids is None else np.unique(params.allowed_token_ids)
        self._bad = request.bad_tokens
        self._penalised = bool(params.presence_penalty or params.frequency_penalty)
        self._repeated = params.repetition_penalty != 1
        self._answer: list[int] = []
        self._counts = _Counts() if self._penalised else None
        self._seen = _Counts() if self._repeated else None
        if self._seen is not None:
            for token in set(request.prompt):
                self._seen.add(token)

    @property
    def active(self) -> bool:
        """Whether the next row changes at all."""
        params = self._params
        return (
            self._penalised
            or self._repeated
            or self._allowed is not None
            or bool(len(self._biased) or self._bad)
            or len(self._answer) < params.min_tokens
        )

    def record(self, token: int) -> None:
        """Take in a token of the answer."""
        self._answer.append(token)
        for counts in (self._counts, self._seen):
            if counts is not None:
                counts.add(token)

    def apply(self, row: Row) -> None:
        """Change the logits ``[vocab]`` in place. Order and meanings are vLLM's."""
        if self._allowed is not None:
            kept = row[self._allowed]
            row[:] = NEVER
            row[self._allowed] = kept
        for banned in self._bad:
            if self._answer[len(self._answer) - len(banned) + 1 :] == list(banned[:-1]) or len(banned) == 1:
                row[banned[-1]] = NEVER
        if len(self._answer) < self._params.min_tokens:
            row[self._stop_ids] = NEVER
        row[self._biased] += self._bias
        if self._seen is not None:
            self._repetition(row, self._seen.tokens)
        if self._counts is not None:
            tokens = self._counts.tokens
            row[tokens] -= np.float32(self._params.frequency_penalty) * self._counts.counts
            row[tokens] -= np.float32(self._params.presence_penalty)

    def _repetition(self, row: Row, tokens: NDArray[np.intp]) -> None:
        """Divide positive logits and multiply negative ones (CTRL, arXiv 1909.05858)."""
        penalty = np.float32(self._params.repetition_penalty)
        seen = row[tokens]
        row[tokens] = np.where(seen > 0, seen / penalty, seen * penalty)


class _Counts:
    """How often each token has occurred, as arrays that grow by doubling."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._tokens = np.zeros(64, np.intp)
        self._counts = np.zeros(64, np.float32)

    @property
    def tokens(self) -> NDArray[np.intp]:
        return self._tokens[: len(self._slots)]

    @property
    def counts(self) -> NDArray[np.float32]:
        return self._counts[: len(self._slots)]

    def add(self, token: int) -> None:
        slot = self._slots.setdefault(token, len(self._slots))
        if slot == len(self._tokens):
            self._tokens = np.concatenate((self._tokens, np.zeros_like(self._tokens)))
            self._counts = np.concatenate((self._counts, np.zeros_like(self._counts)))
        self._tokens[slot] = token
        self._counts[slot] += 1
