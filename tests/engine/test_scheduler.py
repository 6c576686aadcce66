"""The scheduling rule as inputs and outputs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quatre.engine.cache import PagePool
from quatre.engine.request import Event, Request, SamplingParams
from quatre.engine.scheduler import Scheduler
from quatre.engine.sequence import Sequence


def ignore(event: Event) -> None:
    """A listener that does not care."""


def sequence(name: str, prompt: int, answer: int, priority: int = 0) -> Sequence:
    request = Request(id=name, prompt=range(prompt), params=SamplingParams(), priority=priority)
    return Sequence(request, ignore, limit=prompt + answer)


def step(scheduler: Scheduler) -> list[tuple[str, int, bool]]:
    """Run one step with a model that answers 0: (id, tokens computed, sampled) per chunk."""
    chunks = scheduler.schedule()
    seen = [(chunk.sequence.request.id, chunk.count, chunk.samples) for chunk in chunks]
    for chunk, (_, count, samples) in zip(chunks, seen, strict=True):
        chunk.sequence.computed += count
        if samples and chunk.sequence.append(0):
            scheduler.finish(chunk.sequence)
    return seen


def test_a_long_prompt_is_cut_into_chunks_and_never_starves_an_answer() -> None:
    scheduler = Scheduler(PagePool(100, 4), max_num_seqs=8, max_num_batched_tokens=10)
    scheduler.add(sequence("a", 3, 5))
    assert step(scheduler) == [("a", 3, True)]
    scheduler.add(sequence("b", 25, 2))
    assert step(scheduler) == [("a", 1, True), ("b", 9, False)]
    assert step(scheduler) == [("a", 1, True), ("b", 9, False)]
    assert step(scheduler) == [("a", 1, True), ("b", 7, True)]


def test_admission_is_in_order_of_arrival_and_waits_for_pages() -> None:
    scheduler = Scheduler(PagePool(4, 4), max_num_seqs=8, max_num_batched_tokens=64)
    for name, prompt in (("big", 12), ("bigger", 14), ("small", 1)):
        scheduler.add(sequence(name, prompt, 1))
    assert step(scheduler) == [("big", 12, True)]
    assert step(scheduler) == [("bigger", 14, True)]  # "small" would have fitted beside "big", but came later
    assert step(scheduler) == [("small", 1, True)]
    assert scheduler.idle


def test_at_most_max_num_seqs_run() -> None:
    scheduler = Scheduler(PagePool(100, 4), max_num_seqs=2, max_num_batched_tokens=64)
    for name in "abc":
        scheduler.add(sequence(name, 2, 2))
    assert [name for name, _, _ in step(scheduler)] == ["a", "b"]


def test_prompts_that_arrive_together_compute_their_common_beginning_once() -> None:
    scheduler = Scheduler(PagePool(100, 4), max_num_seqs=8, max_num_batched_tokens=8)
    for name in "abc":
        scheduler.add(sequence(name, 17, 1))
    steps = []
    while not scheduler.idle:
        chunks = scheduler.schedule()
        steps.append([(chunk.sequence.request.id, chunk.count) for chunk in chunks])
        ends = [chunk.sequence for chunk in chunks if chunk.samples]
        for chunk in chunks:
            scheduler.advance(chunk)
        for one in ends:
            scheduler.finish(one)
    assert steps == [[("a", 8)], [("a", 8)], [("a", 1), ("b", 1), ("c", 1)]]


def test_a_prompt_of_higher_priority_is_read_before_one_that_was_begun() -> None:
    scheduler = Scheduler(PagePool(100, 4), max_num_seqs=8, max_num_batched_tokens=8)
    scheduler.add(sequence("late", 20, 1, priority=1))
    assert step(scheduler) == [("late", 8, False)]
    scheduler.add(sequence("soon", 10, 1))
    assert step(scheduler) == [("soon", 8, False)]
    assert step(scheduler) == [("soon", 2, True), ("late", 6, False)]


def test_a_request_of_higher_priority_takes_the_pages_of_the_last_that_runs() -> None:
    scheduler = Scheduler(PagePool(6, 4), max_num_seqs=8, max_num_batched_tokens=64, sharing=False)
    for name in ("first", "second"):
        scheduler.add(sequence(name, 8, 4, priority=1))
    assert step(scheduler) == [("first", 8, True), ("second", 8, True)]
    scheduler.add(sequence("like them", 8, 1, priority=1))
    assert step(scheduler) == [("first", 1, True), ("second", 1, True)]
    scheduler.add(sequence("urgent", 8, 1))
    assert step(scheduler) == [("first", 1, True), ("urgent", 8, True)]
    assert scheduler.preemptions == 1
    assert step(scheduler) == [("first", 1, True)]
    assert step(scheduler) == [("second", 8, False), ("like them", 8, True)]
    assert step(scheduler) == [("second", 2, True)]  # its answer again, as an answer


def test_a_request_of_higher_priority_takes_a_seat() -> None:
    scheduler = Scheduler(PagePool(100, 4), max_num_seqs=1, max_num_batched_tokens=64)
    scheduler.add(sequence("slow", 3, 9, priority=5))
    step(scheduler)
    scheduler.add(sequence("urgent", 3, 1))
    assert step(scheduler) == [("urgent", 3, True)]


shapes = st.tuples(st.integers(1, 30), st.integers(1, 10))


@given(st.lists(shapes, max_size=12), st.integers(1, 20), st.integers(1, 4), st.sets(st.integers(0, 11)))
def test_every_sequence_ends_and_no_page_leaks(
    shapes: list[tuple[int, int]], budget: int, most: int, cancelled: set[int]
) -> None:
    pool = PagePool(12, 4)
    scheduler = Scheduler(pool, most, budget)
    sequences = [sequence(str(i), prompt, answer) for i, (prompt, answer) in enumerate(shapes)]
    for one in sequences:
        scheduler.add(one)
    for i, one in enumerate(sequences):
        if i in cancelled:
            scheduler.finish(one)
    for _ in range(1000):
        if scheduler.idle:
            break
        seen = step(scheduler)
        assert seen
        assert sum(count for _, count, _ in seen) <= budget
        pool.check([one.pages for one in scheduler.running])
    assert scheduler.idle
    assert pool.num_free == 12
    for i, one in enumerate(sequences):
        assert len(one.tokens) == (one.prompt_length if i in cancelled else one.limit)
