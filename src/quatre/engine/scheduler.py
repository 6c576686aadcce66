"""Who gets how many tokens in this step. Plain Python: no clock, no arrays, no model.

Lower priority numbers come first, and among equals who came first. Pages are taken as they are needed. When none are
left, or none for a request of higher priority, the last of the running sequences loses its own and goes back into the
queue: it will be computed again, its prompt as a prompt and its answer as an answer, which gives the same numbers bit
for bit.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

from quatre.engine.cache import PagePool
from quatre.engine.prefix import PrefixKeys
from quatre.engine.sequence import Sequence

ALONE = 10
"""How many times as much may be read of prompts in a step in which nobody is answering."""


@dataclass(frozen=True)
class Chunk:
    """``count`` tokens of a sequence to compute in this step, from ``sequence.computed`` on."""

    sequence: Sequence
    count: int

    @property
    def samples(self) -> bool:
        """Whether the chunk reaches the last known token, so that the next one can be sampled."""
        return self.sequence.computed + self.count == len(self.sequence.tokens)

    @property
    def generated(self) -> bool:
        """Whether its tokens are the answer's own, and so take the form of attention that decoding has."""
        return not self.sequence.in_prompt


@dataclass(frozen=True)
class Copy:
    """A page whose contents are to be written to another, which is held by one sequence only."""

    source: int
    target: int


class Scheduler:
    """Waiting and running sequences, and the rule that packs a step.

    ``sharing``: whether prompts share pages with what was computed before. ``one_form``: whether decoding leaves the
    same numbers in the cache as a prompt would; if not, pages with generated tokens are not shared.
    """

    def __init__(
        self,
        pool: PagePool,
        max_num_seqs: int,
        max_num_batched_tokens: int,
        *,
        sharing: bool = True,
        one_form: bool = False,
    ) -> None:
        self.pool = pool
        self.max_num_seqs = max_num_seqs
        self.max_num_batched_tokens = max_num_batched_tokens
        self.sharing = sharing
        self.one_form = one_form
        self.waiting: list[Sequence] = []  # both in order of rank
        self.running: list[Sequence] = []
        self.arrivals = 0
        self.preemptions = 0
        self.prefix_queries = 0  # prompt tokens that were looked up, and those that were found
        self.prefix_hits = 0

    @property
    def idle(self) -> bool:
        return not self.waiting and not self.running

    def add(self, sequence: Sequence) -> None:
        """Queue a sequence behind all others of its priority."""
        self.arrivals += 1
        sequence.arrival = self.arrivals
        self._queue(sequence)

    def schedule(self, prompt_tokens: int | None = None) -> list[Chunk]:
        """The chunks of the next step; their tokens add up to at most ``max_num_batched_tokens``.

        Sequences that only need one token come first, so that a long prompt never holds up those that are answering;
        prompts share what is left, first come first served, and while anybody is answering at most ``prompt_tokens``
        (ALONE times as many if nobody is: who arrives or cancels has to wait for the step's end).
        A prompt is looked up in the cache when its turn has come: an earlier one may have begun alike.
        """
        self._grow()
        self._make_room()
        budget = self.max_num_batched_tokens
        chunks = [Chunk(sequence, 1) for sequence in self.running if sequence.answering][:budget]
        budget -= len(chunks)
        if prompt_tokens is not None:
            budget = min(budget, prompt_tokens if chunks else ALONE * prompt_tokens)
        begun = deque(sequence for sequence in self.running if sequence.pending and not sequence.answering)
        while budget and (sequence := self._next_reader(begun)):
            # A chunk has one form of attention, so it ends where the answer begins.
            end = sequence.prompt_length if sequence.in_prompt else len(sequence.tokens)
            chunks.append(Chunk(sequence, min(end - sequence.computed, budget)))
            budget -= chunks[-1].count
        return chunks

    def advance(self, chunk: Chunk) -> None:
        """The chunk has been computed: full pages of it can be found from now on."""
        sequence = chunk.sequence
        sequence.computed += chunk.count
        if sequence.keys is None:
            return
        shared = sequence.computed if self.one_form else min(sequence.computed, sequence.prompt_length)
        if shared // self.pool.page_size > sequence.remembered:
            keys = sequence.keys.upto(sequence.tokens, shared)
            for page in range(sequence.remembered, len(keys)):
                self.pool.remember(sequence.pages[page], keys[page])
            sequence.remembered = len(keys)

    def fork(self, leader: Sequence, follower: Sequence) -> list[Copy] | None:
        """Start another answer to a prompt that was just computed, on the same pages.

        The last page, if it is not full, must be copied. None if there is no room: the follower waits as others do.
        """
        follower.arrival = leader.arrival
        follower.cached = leader.prompt_length
        full = leader.prompt_length // self.pool.page_size
        partial = leader.pages[full : self.pool.pages_for(leader.prompt_length)]
        if len(self.running) >= self.max_num_seqs or len(partial) + len(self.running) > self.pool.num_free:
            self._queue(follower)
            return None
        own = self.pool.take(len(partial))
        follower.pages.extend(self.pool.share(leader.pages[:full]) + own)
        follower.computed, follower.remembered = leader.prompt_length, full
        follower.keys = None if leader.keys is None else leader.keys.fork(full)
        self._run(follower)
        return [Copy(source, target) for source, target in zip(partial, own, strict=True)]

    def finish(self, sequence: Sequence) -> None:
        """Remove a sequence, wherever it is, and let go of its pages."""
        if sequence in self.running:
            self.running.remove(sequence)
        elif sequence in self.waiting:
            self.waiting.remove(sequence)
        self._give_back(sequence)

    # -- Rules -------------------------------------------------------------------------------------------------

    def _grow(self) -> None:
        """Give every answering sequence a page for its next token, the first first."""
        for sequence in list(self.running):
            while sequence.pages and self.pool.pages_for(len(sequence.tokens)) > len(sequence.pages):
                if self.pool.num_free:
                    sequence.pages.extend(self.pool.take(1))
                else:
                    self._preempt(next(last for last in reversed(self.running) if last.pending))

    def _make_room(self) -> None:
        """Preempt sequences of lower priority than the first that waits, the last first, until that one fits."""
        while self.waiting:
            first = self.waiting[0]
            lower = (last for last in reversed(self.running) if last.request.priority > first.request.priority)
            victim = next((last for last in lower if last.pending), None)
            if victim is None or self._fits(first):
                return
            self._preempt(victim)

    def _preempt(self, sequence: Sequence) -> None:
        self.finish(sequence)
        sequence.start_over()
        self._queue(sequence)
        self.preemptions += 1

    def _next_reader(self, begun: deque[Sequence]) -> Sequence | None:
        """Of the sequences that were begun and the one that waits first, whoever has the lower rank and can run."""
        first_waits = self.waiting and not (begun and begun[0].rank < self.waiting[0].rank)
        if first_waits and self._admit(self.waiting[0]):
            return self.waiting.pop(0)
        return begun.popleft() if begun else None

    def _admit(self, sequence: Sequence) -> bool:
        if not self._fits(sequence):
            return False
        sequence.pages.extend(self.pool.share(self._known_pages(sequence)))
        sequence.computed = len(sequence.pages) * self.pool.page_size
        sequence.remembered = len(sequence.pages)
        if sequence.cached is None:
            sequence.cached = sequence.computed
            self.prefix_queries += sequence.prompt_length
            self.prefix_hits += sequence.cached
        sequence.pages.extend(self.pool.take(self.pool.pages_for(len(sequence.tokens)) - len(sequence.pages)))
        self._run(sequence)
        return True

    def _fits(self, sequence: Sequence) -> bool:
        """Whether there is a seat, and pages for all of its tokens and one more for each that runs."""
        if len(self.running) >= self.max_num_seqs:
            return False
        known = self.pool.share(self._known_pages(sequence))  # while they are held they are not free
        need = self.pool.pages_for(len(sequence.tokens)) - len(known)
        fits = need + len(self.running) <= self.pool.num_free
        self.pool.give_back(known)
        return fits

    def _give_back(self, sequence: Sequence) -> None:
        self.pool.give_back(sequence.pages)
        del sequence.pages[:]

    def _known_pages(self, sequence: Sequence) -> list[int]:
        """Pages that hold the sequence's beginning. The last token is always computed: its logits are wanted."""
        if sequence.keys is None:
            sequence.keys = self._keys(sequence)
        if sequence.keys is None or sequence.wants_prompt_logprobs:
            return []
        most = len(sequence.tokens) - 1
        if not self.one_form:
            most = min(most, sequence.prompt_length)
        return self.pool.find(sequence.keys.upto(sequence.tokens, most))

    def _keys(self, sequence: Sequence) -> PrefixKeys | None:
        if not self.sharing:
            return None
        images = [(image.digest, image.places.tolist()) for image in sequence.vectors]
        return PrefixKeys(self.pool.page_size, sequence.request.cache_salt, images)

    def _queue(self, sequence: Sequence) -> None:
        insort(self.waiting, sequence, key=lambda s: s.rank)

    def _run(self, sequence: Sequence) -> None:
        insort(self.running, sequence, key=lambda s: s.rank)
