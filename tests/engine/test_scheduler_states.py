"""Random lives of the scheduler and its pool, with a cache that knows what every slot must hold.

A slot's content is everything the model would have used to compute it: the salt, all tokens up to it, and whether it
was computed as a prompt or as an answer. So a page that was shared wrongly, written twice, evicted while it was held,
or copied too late is read as what it is not.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quatre.engine.cache import PagePool
from quatre.engine.request import Event, Request, SamplingParams
from quatre.engine.scheduler import ALONE, Chunk, Scheduler
from quatre.engine.sequence import Sequence

PAGE = 4
PAGES = 14
LONGEST = PAGE * PAGES
VOCAB = 3
STREAMS = tuple(tuple((i * i + seed) % 7 % VOCAB for i in range(LONGEST)) for seed in (0, 3))

Content = tuple[str, tuple[int, ...], bool]


class Lives(RuleBasedStateMachine):
    """One scheduler, stepped as the engine steps it, with a model that is a function of the tokens."""

    one_form = False
    sharing = True

    @initialize(most=st.integers(1, 6), budget=st.integers(1, 40))
    def begin(self, most: int, budget: int) -> None:
        self.pool = PagePool(PAGES, PAGE)
        self.scheduler = Scheduler(self.pool, most, budget, sharing=self.sharing, one_form=self.one_form)
        self.slots: dict[tuple[int, int], Content] = {}
        self.alive: list[Sequence] = []
        self.followers: dict[Sequence, list[Sequence]] = {}
        self.held: list[Sequence] = []
        self.masks_are_late = False
        self.said: list[tuple[str, list[int]]] = []
        self.count = 0

    # -- What happens ------------------------------------------------------------------------------------------

    @rule(
        stream=st.sampled_from(STREAMS),
        shared=st.integers(1, 7).map(lambda pages: pages * PAGE) | st.integers(1, 30),
        own=st.just([]) | st.lists(st.integers(0, VOCAB - 1), max_size=8),
        answer=st.integers(1, 24),
        salt=st.sampled_from(["", "", "mine"]),
        priority=st.sampled_from([0, 0, 0, 1]),
        answers=st.sampled_from([1, 1, 1, 3]),
        scored=st.sampled_from([False, False, True]),
    )
    def arrive(
        self,
        stream: tuple[int, ...],
        shared: int,
        own: list[int],
        answer: int,
        salt: str,
        priority: int,
        answers: int,
        scored: bool,
    ) -> None:
        prompt = [*stream[:shared], *own]
        request = Request(
            id=str(self.count),
            prompt=prompt,
            params=SamplingParams(n=answers, prompt_logprobs=0 if scored else None),
            cache_salt=salt,
            priority=priority,
        )
        self.count += 1
        limit = min(len(prompt) + answer, LONGEST)
        leader, *others = (Sequence(request, ignore, limit, index) for index in range(answers))
        self.scheduler.add(leader)
        self.followers[leader] = others
        self.alive.append(leader)

    @precondition(lambda self: self.said)
    @rule(data=st.data(), more=st.integers(0, 6))
    def arrive_again(self, data: st.DataObject, more: int) -> None:
        """The next turn of a conversation: the prompt begins with an earlier one and its answer."""
        salt, said = data.draw(st.sampled_from(self.said))
        self.arrive(tuple(said), LONGEST - 1, [0] * min(more, LONGEST - 1 - len(said)), 9, salt, 0, 1, False)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        sequence = data.draw(st.sampled_from(self.alive))
        free = self.pool.num_free
        mine = [page for page in sequence.pages if self._holders(page) == 1]
        self._end(sequence)
        assert self.pool.num_free == free + len(mine)  # at once

    @rule(late=st.booleans())
    def masks(self, late: bool) -> None:
        self.masks_are_late = late
        if not late:
            held, self.held = self.held, []
            for sequence in held:
                self._say(sequence)

    @rule(limit=st.none() | st.integers(1, 9), times=st.integers(1, 12))
    def steps(self, limit: int | None, times: int) -> None:
        for _ in range(times):
            self._step(limit)

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        self.masks(late=False)
        for _ in range(2000):
            if self.scheduler.idle:
                break
            assert self._step(None), "nothing can be done, and somebody waits"
        assert self.scheduler.idle
        assert not self.alive
        assert self.pool.num_free == PAGES
        self.pool.check([])

    # -- What must always hold ---------------------------------------------------------------------------------

    @invariant()
    def every_page_is_accounted_for(self) -> None:
        if hasattr(self, "pool"):
            self.pool.check([sequence.pages for sequence in self.alive])
            assert len(self.scheduler.running) <= self.scheduler.max_num_seqs
            assert not any(sequence.pages for sequence in self.scheduler.waiting)
            everybody = [*self.scheduler.running, *self.scheduler.waiting]
            assert sorted(map(id, everybody)) == sorted(map(id, self.alive))

    # -- A step, as the engine makes it ------------------------------------------------------------------------

    def _step(self, limit: int | None) -> list[Chunk]:
        before, waiting = set(self.scheduler.running), list(self.scheduler.waiting)
        chunks = self.scheduler.schedule(limit)
        self._check_order(before, waiting)
        self._check_budget(chunks, limit, before)
        self.pool.check([sequence.pages for sequence in self.alive])
        for chunk in chunks:
            self._compute(chunk)
        complete = [chunk.sequence for chunk in chunks if chunk.samples]
        for chunk in chunks:
            self.scheduler.advance(chunk)
        answers = [one for sequence in complete for one in (sequence, *self._fork(sequence))]
        for sequence in answers:
            if self.masks_are_late and sequence.request.priority == 0:
                self.held.append(sequence)
            else:
                self._say(sequence)
        return chunks

    def _check_order(self, before: set[Sequence], waiting: list[Sequence]) -> None:
        """Among those who waited, none was started before an earlier one."""
        started = [sequence for sequence in waiting if sequence in self.scheduler.running]
        assert started == sorted(waiting, key=lambda one: one.rank)[: len(started)]
        lost = [sequence for sequence in self.scheduler.waiting if sequence in before]
        kept = [one for one in self.scheduler.running if one in before and one.pending]
        assert all(one.rank < other.rank for one in kept for other in lost)  # the last go first

    def _check_budget(self, chunks: list[Chunk], limit: int | None, before: set[Sequence]) -> None:
        tokens = sum(chunk.count for chunk in chunks)
        assert tokens <= self.scheduler.max_num_batched_tokens
        assert all(chunk.count > 0 for chunk in chunks)
        assert len({chunk.sequence for chunk in chunks}) == len(chunks)
        answering = [sequence for sequence in self.scheduler.running if sequence.answering]
        served = [chunk.sequence for chunk in chunks if chunk.sequence.answering]
        assert len(served) == min(len(answering), self.scheduler.max_num_batched_tokens)
        if limit is not None:
            # One that comes back to find all but its last token in the cache is served, but was not being answered.
            answered = any(sequence in before for sequence in served)
            assert tokens - len(served) <= (limit if answered else ALONE * limit)

    def _compute(self, chunk: Chunk) -> None:
        sequence = chunk.sequence
        first, last = sequence.computed, sequence.computed + chunk.count
        assert len(sequence.pages) >= self.pool.pages_for(last)
        assert chunk.generated == (first >= sequence.prompt_length)
        assert chunk.generated or last <= sequence.prompt_length  # one form of attention
        for position in range(last):
            slot = sequence.pages[position // PAGE], position % PAGE
            content = self._content(sequence, position)
            if position < first:
                assert self.slots.get(slot) == content, (sequence.request.id, position)
            else:
                assert self._holders(slot[0]) == 1, "somebody else reads this page"
                self.slots[slot] = content

    def _content(self, sequence: Sequence, position: int) -> Content:
        as_answer = position >= sequence.prompt_length and not self.one_form
        return sequence.request.cache_salt, tuple(sequence.tokens[: position + 1]), as_answer

    def _fork(self, leader: Sequence) -> list[Sequence]:
        started = []
        for follower in self.followers.pop(leader, []):
            self.alive.append(follower)
            copies = self.scheduler.fork(leader, follower)
            for copy in copies or ():
                for offset in range(PAGE):
                    if (copy.source, offset) in self.slots:
                        self.slots[copy.target, offset] = self.slots[copy.source, offset]
            if copies is not None:
                started.append(follower)
        return started

    def _say(self, sequence: Sequence) -> None:
        if sequence.append((sum(sequence.tokens) + len(sequence.tokens) + sequence.index) % VOCAB) is not None:
            assert len(sequence.tokens) == sequence.limit
            self.said.append((sequence.request.cache_salt, sequence.tokens[: LONGEST - 1]))
            self._end(sequence)

    def _end(self, sequence: Sequence) -> None:
        self.scheduler.finish(sequence)
        self.alive.remove(sequence)
        if sequence in self.held:
            self.held.remove(sequence)
        leader, *others = self.followers.pop(sequence, []) or [None]
        if leader is not None:
            self.scheduler.add(leader)
            self.followers[leader] = others
            self.alive.append(leader)

    def _holders(self, page: int) -> int:
        return sum(sequence.pages.count(page) for sequence in self.alive)


class LivesOfOneForm(Lives):
    """Decoding leaves the same numbers as a prompt would, so answers are shared too."""

    one_form = True


class LivesApart(Lives):
    """Without the prefix cache."""

    sharing = False


def ignore(event: Event) -> None:
    """A listener that does not care."""


@pytest.mark.parametrize("lives", [Lives, LivesOfOneForm, LivesApart])
def test_no_life_of_the_scheduler_goes_wrong(lives: type[Lives]) -> None:
    machine = lives.TestCase
    machine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
    machine("runTest").runTest()


@pytest.mark.parametrize("lives", [Lives, LivesOfOneForm])
def test_an_answer_is_shared_with_the_next_turn_if_it_was_written_as_a_prompt_would_be(lives: type[Lives]) -> None:
    life = lives()
    life.begin(most=4, budget=16)
    life.arrive(STREAMS[0], 9, [], 20, "", 0, 1, False)
    life.steps(limit=None, times=30)
    ((_, said),) = life.said
    life.arrive(tuple(said), LONGEST, [0, 0], 9, "", 0, 1, False)
    life.teardown()
    assert life.scheduler.prefix_hits == (28 if life.one_form else 8)


def test_the_rules_are_reached() -> None:
    """What the machine is there for happens in it: hits, preemptions and copies."""
    life = Lives()
    life.begin(most=4, budget=16)
    for shared in (9, 14, 20):
        life.arrive(STREAMS[0], shared, [], 24, "", 0, 3, False)
        life.steps(limit=None, times=8)
    life.teardown()
    assert life.scheduler.prefix_hits > 0
    assert life.scheduler.preemptions > 0
