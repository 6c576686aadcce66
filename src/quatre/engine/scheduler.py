"""Who gets how many tokens in this step. Plain Python: no clock, no arrays, no model.

First come, first served. A sequence is admitted when the pages for its longest possible outcome are free, so that a
running sequence never has to be interrupted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from quatre.engine.cache import PagePool
from quatre.engine.sequence import Sequence


@dataclass(frozen=True)
class Chunk:
    """``count`` tokens of a sequence to compute in this step, from ``sequence.computed`` on."""

    sequence: Sequence
    count: int

    @property
    def samples(self) -> bool:
        """Whether the chunk reaches the last known token, so that the next one can be sampled."""
        return self.sequence.computed + self.count == len(self.sequence.tokens)


class Scheduler:
    """Waiting and running sequences, and the rule that packs a step."""

    def __init__(self, pool: PagePool, max_num_seqs: int, max_num_batched_tokens: int) -> None:
        self.pool = pool
        self.max_num_seqs = max_num_seqs
        self.max_num_batched_tokens = max_num_batched_tokens
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []

    @property
    def idle(self) -> bool:
        return not self.waiting and not self.running

    def add(self, sequence: Sequence) -> None:
        """Queue a sequence behind all others."""
        self.waiting.append(sequence)

    def schedule(self) -> list[Chunk]:
        """The chunks of the next step; their tokens add up to at most ``max_num_batched_tokens``.

        Sequences that only need one token come first, so that a long prompt never holds up those that are answering;
        prompts share what is left, oldest first.
        """
        self._admit()
        budget = self.max_num_batched_tokens
        chunks = []
        for sequence in sorted(self.running, key=lambda s: s.in_prompt):  # stable: age decides within each kind
            count = min(len(sequence.tokens) - sequence.computed, budget)
            if count:
                chunks.append(Chunk(sequence, count))
                budget -= count
        return chunks

    def finish(self, sequence: Sequence) -> None:
        """Remove a sequence, wherever it is, and free its pages."""
        if sequence in self.running:
            self.running.remove(sequence)
        else:
            self.waiting.remove(sequence)
        self.pool.give_back(sequence.pages)
        sequence.pages = []

    def _admit(self) -> None:
        while self.waiting and len(self.running) < self.max_num_seqs:
            need = self.pool.pages_for(self.waiting[0].limit)
            if need > self.pool.num_free:
                return
            sequence = self.waiting.popleft()
            sequence.pages = self.pool.take(need)
            self.running.append(sequence)
