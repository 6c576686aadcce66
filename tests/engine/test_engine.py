"""The loop with a model that is a table: who answers what, how requests end, and what happens when a step fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, FinishReason, Request, SamplingParams
from quatre.errors import ConfigError, EngineError, OverloadedError, RequestError
from quatre.ops.interface import Batch

VOCAB = 10
PAGE = 4


class ArrayOps:
    """The ops that the engine itself calls."""

    def copy_page(self, cache: NDArray[np.int64], source: int, target: int) -> None:
        pages = cache.reshape(-1, PAGE)
        pages[target] = pages[source]

    def rows(self, x: NDArray[np.float32], index: NDArray[np.int32]) -> NDArray[np.float32]:
        return x[index]

    def to_numpy(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x


class CountingModel:
    """Says that the token after n is n + 1 (mod VOCAB). Checks that the cache holds what the batch claims."""

    ops = ArrayOps()
    vocab_size = VOCAB
    max_positions = 64
    cache_bytes_per_token = 4
    one_form = False

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False
        self.steps: list[Batch] = []

    def new_cache(self, pages: int, page_size: int) -> list[NDArray[np.int64]]:
        return [np.full(pages * page_size, -1)]

    def hidden(
        self, batch: Batch, cache: list[NDArray[np.int64]], wanted: NDArray[np.int32] | None = None
    ) -> NDArray[np.float32]:
        assert self.gate.wait(10)
        if self.broken:
            raise ValueError("a kernel fell over")
        self.steps.append(batch)
        for s in range(batch.num_sequences):
            table = np.repeat(batch.page_tables[s] * batch.page_size, batch.page_size)
            slots = table + np.tile(np.arange(batch.page_size), batch.page_tables.shape[1])
            mine = slice(batch.starts[s], batch.starts[s + 1])
            cache[0][slots[batch.positions[mine]]] = batch.ids[mine]
            assert (cache[0][slots[: batch.contexts[s]]] >= 0).all()
        hidden = np.eye(VOCAB, dtype=np.float32)[(batch.ids + 1) % VOCAB] * 8
        return hidden if wanted is None else hidden[wanted]

    def logits(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        return hidden


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


@pytest.fixture
def engine(model: CountingModel) -> Iterator[Engine]:
    config = EngineConfig(max_num_batched_tokens=4, max_num_seqs=3, page_size=PAGE, kv_cache_memory=4 * 64 * 3)
    engine = Engine(model, config)
    yield engine
    model.gate.set()
    engine.close()


class Client:
    """Submits one request and collects its events."""

    def __init__(self, engine: Engine, prompt: list[int], stop: set[int] | None = None, **params: object) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.id = f"r{id(self)}"
        sampling = SamplingParams(**{"temperature": 0, **params})  # type: ignore[arg-type]
        request = Request(id=self.id, prompt=prompt, params=sampling, stop_ids=frozenset(stop or ()))
        engine.submit(request, self.events.put)

    def all(self) -> list[Event]:
        events = [self.events.get(timeout=10)]
        while events[-1].finish_reason is None:
            events.append(self.events.get(timeout=10))
        return events

    def tokens(self) -> list[int]:
        return [token for event in self.all() for token in event.tokens]


def test_a_request_is_answered_until_max_tokens(engine: Engine) -> None:
    client = Client(engine, [1, 2, 3, 4, 5, 6], max_tokens=5)
    events = client.all()
    assert [event.tokens for event in events] == [(7,), (8,), (9,), (0,), (1,)]
    assert [event.finish_reason for event in events] == [None] * 4 + [FinishReason.LENGTH]


def test_a_stop_token_ends_the_answer_and_is_reported(engine: Engine) -> None:
    events = Client(engine, [1], stop={4}, max_tokens=50).all()
    assert [event.tokens for event in events] == [(2,), (3,), (4,)]
    assert events[-1].finish_reason is FinishReason.STOP


def test_the_context_ends_an_answer_without_max_tokens(engine: Engine) -> None:
    events = Client(engine, [0] * 60).all()
    assert len(events) == 4
    assert events[-1].finish_reason is FinishReason.LENGTH


def test_many_requests_get_the_answers_they_would_get_alone(engine: Engine) -> None:
    clients = [Client(engine, [i] * (1 + i * 3), max_tokens=6) for i in range(7)]
    for i, client in enumerate(clients):
        assert client.tokens() == [(i + k) % VOCAB for k in range(1, 7)]


def test_prompt_tokens_use_the_expanded_form_and_answers_the_absorbed_one(engine: Engine, model: CountingModel) -> None:
    Client(engine, [1, 2, 3, 4, 5], max_tokens=2).all()
    assert [(len(b.ids), bool(b.absorbed[0])) for b in model.steps] == [(4, False), (1, False), (1, True)]


def test_prompt_logprobs_come_once_and_cover_every_chunk(engine: Engine) -> None:
    events = Client(engine, [1, 2, 3, 5, 6, 7], max_tokens=2, prompt_logprobs=1, logprobs=0).all()
    first = events[0].prompt_logprobs
    assert first is not None
    assert first[0] is None
    assert [entry.token for entry in first[1:] if entry] == [2, 3, 5, 6, 7]
    assert [entry.rank for entry in first[1:] if entry] == [1, 1, 2, 1, 1]
    assert events[1].prompt_logprobs is None
    assert [event.logprobs[0].token for event in events] == [8, 9]


def test_cancelling_ends_a_request_and_frees_its_pages(engine: Engine, model: CountingModel) -> None:
    model.gate.clear()
    running = Client(engine, [1], max_tokens=50)
    waiting = [Client(engine, [1] * 40) for _ in range(4)]
    engine.cancel("nobody")
    for client in (running, *waiting):
        engine.cancel(client.id)
    model.gate.set()
    for client in (running, *waiting):
        assert client.all()[-1].finish_reason is FinishReason.CANCELLED
    assert Client(engine, [1] * 50, max_tokens=1).tokens() == [2]


def test_requests_that_can_never_run_are_refused_at_the_door(engine: Engine) -> None:
    with pytest.raises(RequestError, match="64 tokens, but the context holds 64") as caught:
        Client(engine, [1] * 64)
    assert caught.value.code == "context_length_exceeded"
    for prompt in ([], [-1], [VOCAB]):
        with pytest.raises(RequestError):
            Client(engine, prompt)


def test_a_full_queue_turns_requests_away(model: CountingModel) -> None:
    model.gate.clear()
    engine = Engine(model, EngineConfig(max_num_queued_reqs=2, max_num_seqs=1, page_size=4))
    clients = []

    def flood() -> None:
        clients.extend(Client(engine, [1], max_tokens=1) for _ in range(5))

    with pytest.raises(OverloadedError, match="3 of 3 answers"):
        flood()
    assert len(clients) == 3  # one that runs and two that wait
    model.gate.set()
    assert all(client.tokens() == [2] for client in clients)
    engine.close()


def test_each_answer_of_a_request_has_a_place_in_the_queue(model: CountingModel) -> None:
    model.gate.clear()
    engine = Engine(model, EngineConfig(max_num_queued_reqs=6, max_num_seqs=2, page_size=4))
    with pytest.raises(RequestError, match="asks for 9 answers, but at most 8 run and wait") as caught:
        Client(engine, [1], n=9)
    assert caught.value.param == "n"
    first, second = (submitted(engine, name, n=4, max_tokens=1) for name in ("first", "second"))
    with pytest.raises(OverloadedError, match="8 of 8 answers"):
        Client(engine, [1])
    engine.cancel("second", 3)
    engine.cancel("first", 0)
    model.gate.set()
    for events in (first, second):
        assert {events.get(timeout=10).index for _ in range(4)} == {0, 1, 2, 3}
    eight = submitted(engine, "third", n=8, max_tokens=1)  # all places are free again
    assert {eight.get(timeout=10).index for _ in range(8)} == set(range(8))
    engine.close()


def test_a_refused_request_takes_no_place(model: CountingModel) -> None:
    engine = Engine(model, EngineConfig(max_num_queued_reqs=0, max_num_seqs=1, page_size=4))
    for _ in range(3):
        with pytest.raises(RequestError):
            Client(engine, [1] * 64)
    assert Client(engine, [1], max_tokens=1).tokens() == [2]
    engine.close()
    for _ in range(2):
        with pytest.raises(OverloadedError, match="shutting down"):
            Client(engine, [1])


def test_a_failing_step_ends_every_request_with_the_reason(engine: Engine, model: CountingModel) -> None:
    model.gate.clear()
    clients = [Client(engine, [1], max_tokens=50) for _ in range(5)]
    model.broken = True
    model.gate.set()
    for client in clients:
        last = client.all()[-1]
        assert last.finish_reason is FinishReason.ERROR
        assert "a kernel fell over" in (last.error or "")
    assert not engine.alive
    with pytest.raises(EngineError, match="a kernel fell over"):
        Client(engine, [1])


def test_logits_without_any_finite_number_end_only_that_request(engine: Engine, model: CountingModel) -> None:
    model.logits = lambda hidden: np.full_like(hidden, np.nan)  # type: ignore[method-assign]
    assert Client(engine, [1]).all()[-1].error == "the model computed no finite logits"
    del model.logits
    assert Client(engine, [1], max_tokens=1).tokens() == [2]


def test_closing_ends_what_runs_and_refuses_what_comes(model: CountingModel) -> None:
    engine = Engine(model, EngineConfig(page_size=4))
    model.gate.clear()
    client = Client(engine, [1], max_tokens=50)
    threading.Timer(0.05, model.gate.set).start()
    engine.close()
    assert client.all()[-1].finish_reason is FinishReason.CANCELLED
    with pytest.raises(OverloadedError, match="shutting down"):
        Client(engine, [1])


def test_the_same_seed_gives_the_same_tokens_in_any_company(engine: Engine) -> None:
    hot = {"temperature": 2.0, "max_tokens": 12}
    alone = Client(engine, [3], seed=5, **hot).tokens()
    crowd = [Client(engine, [3], seed=seed, **hot) for seed in (4, 5, 6)]
    tokens = [client.tokens() for client in crowd]
    assert tokens[1] == alone
    assert tokens[0] != alone
    assert Client(engine, [3], **hot).tokens() != Client(engine, [3], **hot).tokens()


def test_logits_of_a_whole_text(engine: Engine, model: CountingModel) -> None:
    ids = [1, 2, 3, 4, 5, 6, 7]
    for prefill in (None, 0, 3):
        assert engine.logits(ids, prefill).argmax(-1).tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert model.steps[-1].absorbed.tolist() == [True]
    with pytest.raises(RequestError):
        engine.logits([VOCAB])
    with pytest.raises(RequestError, match="prefill must be from 0 to the 7 tokens"):
        engine.logits(ids, 8)


def test_a_context_that_does_not_fit_is_refused_with_the_one_that_would(model: CountingModel) -> None:
    with pytest.raises(ConfigError, match="lower max_model_len to 32"):
        EngineConfig(max_model_len=64, kv_cache_memory=4 * 35, page_size=4).resolve(model)
    with pytest.raises(ConfigError, match="more than the 64"):
        EngineConfig(max_model_len=65).resolve(model)
    with pytest.raises(ConfigError, match="max_num_seqs must be at least 1"):
        EngineConfig(max_num_seqs=0)
    fitted = EngineConfig(kv_cache_memory=4 * 35, page_size=4).resolve(model)
    assert fitted.max_model_len == 32


class Count:
    """A grammar: one number after the other from ``first`` on, ``length`` of them. Masks come with ``gate``."""

    def __init__(self, first: int, length: int, gate: Future[None]) -> None:
        self.begin, self.length, self.gate = first, length, gate
        self.said = 0

    @property
    def ready(self) -> bool:
        return self.said == 0 or self.gate.done()

    def when_ready(self, call: Callable[[], None]) -> None:
        self.gate.add_done_callback(lambda _: call())

    def mask(self) -> NDArray[np.bool_]:
        assert self.ready
        if self.begin < 0 and self.said:
            raise EngineError("the grammar could not be followed further")
        return np.arange(VOCAB) == (self.begin + self.said) % VOCAB

    def accept(self, token: int) -> bool:
        assert self.mask()[token] or self.begin < 0
        self.said += 1
        return self.said == self.length

    def fork(self) -> Count:
        return Count(self.begin, self.length, self.gate)


def opened() -> Future[None]:
    gate: Future[None] = Future()
    gate.set_result(None)
    return gate


def submitted(engine: Engine, id: str, constraint: Count | None = None, **params: object) -> SimpleQueue[Event]:
    events: SimpleQueue[Event] = SimpleQueue()
    sampling = SamplingParams(**{"temperature": 0, **params})  # type: ignore[arg-type]
    engine.submit(Request(id=id, prompt=[1, 2], params=sampling, constraint=constraint), events.put)
    return events


def ended(events: SimpleQueue[Event], answers: int = 1) -> dict[int, list[Event]]:
    by_index: dict[int, list[Event]] = {}
    while answers:
        event = events.get(timeout=10)
        by_index.setdefault(event.index, []).append(event)
        answers -= event.finish_reason is not None
    return by_index


def test_each_of_n_answers_ends_by_itself(engine: Engine) -> None:
    events = ended(submitted(engine, "n", n=5, max_tokens=3, prompt_logprobs=0), 5)
    assert sorted(events) == [0, 1, 2, 3, 4]
    for index, answer in events.items():
        assert [event.tokens for event in answer] == [(3,), (4,), (5,)]
        assert (answer[0].prompt_logprobs is not None) == (index == 0)


def test_n_answers_draw_their_own_tokens_and_the_same_ones_again(engine: Engine) -> None:
    first, second = (
        ended(submitted(engine, f"s{turn}", n=3, max_tokens=20, temperature=2, seed=3), 3) for turn in range(2)
    )
    texts = [[event.tokens for event in first[index]] for index in range(3)]
    assert texts == [[event.tokens for event in second[index]] for index in range(3)]
    assert texts[0] != texts[1] != texts[2]


def test_one_answer_of_several_is_cancelled(engine: Engine, model: CountingModel) -> None:
    model.gate.clear()
    events = submitted(engine, "n", n=3, max_tokens=3)
    engine.cancel("n", 1)
    model.gate.set()
    answers = ended(events, 3)
    assert answers[1][-1].finish_reason is FinishReason.CANCELLED
    assert answers[0][-1].finish_reason is answers[2][-1].finish_reason is FinishReason.LENGTH


def test_a_grammar_decides_and_ends_the_answer(engine: Engine) -> None:
    gate = opened()
    (answer,) = ended(submitted(engine, "g", Count(8, 4, gate))).values()
    assert [event.tokens for event in answer] == [(8,), (9,), (0,), (1,)]
    assert answer[-1].finish_reason is FinishReason.STOP


def test_nobody_waits_for_the_mask_of_another(engine: Engine) -> None:
    gate: Future[None] = Future()
    slow = submitted(engine, "slow", Count(8, 3, gate))
    assert slow.get(timeout=10).tokens == (8,)
    assert len(Client(engine, [1], max_tokens=30).tokens()) == 30
    assert slow.empty()
    gate.set_result(None)
    (answer,) = ended(slow).values()
    assert [event.tokens for event in answer] == [(9,), (0,)]


def test_a_request_that_waits_for_a_mask_can_be_cancelled(engine: Engine) -> None:
    gate: Future[None] = Future()
    events = submitted(engine, "slow", Count(8, 3, gate))
    assert events.get(timeout=10).tokens == (8,)
    engine.cancel("slow")
    assert events.get(timeout=10).finish_reason is FinishReason.CANCELLED
    gate.set_result(None)
    assert Client(engine, [1], max_tokens=2).tokens() == [2, 3]


def test_a_grammar_that_fails_ends_only_its_answer(engine: Engine) -> None:
    gate = opened()
    (answer,) = ended(submitted(engine, "g", Count(-1, 9, gate))).values()
    assert answer[-1].finish_reason is FinishReason.ERROR
    assert answer[-1].error == "the grammar could not be followed further"
    assert Client(engine, [1], max_tokens=2).tokens() == [2, 3]


# -- Shared pages --------------------------------------------------------------------------------------------------


def computed(model: CountingModel) -> int:
    """Tokens that went through the model since the last look."""
    count = sum(batch.num_tokens for batch in model.steps)
    model.steps.clear()
    return count


def test_a_second_prompt_shares_what_the_first_computed(engine: Engine, model: CountingModel) -> None:
    first = Client(engine, list(range(10)), max_tokens=1).all()
    assert (first[0].cached_tokens, computed(model)) == (0, 10)
    second = Client(engine, [*range(10), 3], max_tokens=1).all()
    assert (second[0].cached_tokens, computed(model)) == (8, 3)
    assert second[0].tokens == (4,)
    whole = Client(engine, list(range(8)), max_tokens=2).all()  # its last token must be computed for its logits
    assert [event.cached_tokens for event in whole] == [4, None]
    other = Client(engine, [9, *range(1, 10)], max_tokens=1).all()
    assert other[0].cached_tokens == 0


def test_a_salt_keeps_prompts_apart(engine: Engine) -> None:
    def cached(salt: str) -> int | None:
        events: SimpleQueue[Event] = SimpleQueue()
        params = SamplingParams(temperature=0, max_tokens=1)
        engine.submit(Request(id=salt, prompt=list(range(9)), params=params, cache_salt=salt), events.put)
        return events.get(timeout=10).cached_tokens

    assert [cached(salt) for salt in ("a", "b", "a", "")] == [0, 0, 8, 0]


def test_a_prompt_whose_probabilities_are_wanted_is_computed(engine: Engine, model: CountingModel) -> None:
    Client(engine, list(range(10)), max_tokens=1).all()
    computed(model)
    events = Client(engine, list(range(10)), max_tokens=1, prompt_logprobs=0).all()
    assert (events[0].cached_tokens, computed(model)) == (0, 10)
    assert events[0].prompt_logprobs is not None
    assert len(events[0].prompt_logprobs) == 10


def test_sharing_can_be_switched_off(model: CountingModel) -> None:
    engine = Engine(model, EngineConfig(page_size=PAGE, kv_cache_memory=4 * 64 * 3, enable_prefix_caching=False))
    try:
        for _ in range(2):
            assert Client(engine, list(range(10)), max_tokens=1).all()[0].cached_tokens == 0
            assert computed(model) == 10
    finally:
        engine.close()


def test_generated_tokens_are_shared_only_where_decoding_writes_what_prompts_do(model: CountingModel) -> None:
    for one_form, found in ((False, 4), (True, 12)):
        model.one_form = one_form
        engine = Engine(model, EngineConfig(page_size=PAGE, kv_cache_memory=4 * 64 * 3))
        try:
            answer = Client(engine, [0, 1, 2, 3, 4], max_tokens=8).tokens()
            events = Client(engine, [0, 1, 2, 3, 4, *answer, 9], max_tokens=1).all()
            assert events[0].cached_tokens == found
        finally:
            engine.close()


@pytest.mark.parametrize("length", [7, 8])
def test_several_answers_compute_their_prompt_once(engine: Engine, model: CountingModel, length: int) -> None:
    client = Client(engine, list(range(length)), max_tokens=3, n=3)
    events = []
    while sum(event.finish_reason is not None for event in events) < 3:
        events.append(client.events.get(timeout=10))
    for index in range(3):
        tokens = [event.tokens[0] for event in events if event.index == index]
        assert tokens == [(length + k) % VOCAB for k in range(3)]
    assert computed(model) == length + 3 * 2


def test_more_answers_than_places_take_turns(engine: Engine) -> None:
    client = Client(engine, list(range(7)), max_tokens=2, n=8)
    events = []
    while sum(event.finish_reason is not None for event in events) < 8:
        events.append(client.events.get(timeout=10))
    assert sorted(event.index for event in events if event.finish_reason) == list(range(8))


def test_when_the_leader_is_cancelled_early_another_answer_leads(engine: Engine, model: CountingModel) -> None:
    model.gate.clear()
    client = Client(engine, list(range(9)), max_tokens=2, n=3)
    engine.cancel(client.id, 0)
    model.gate.set()
    events = []
    while sum(event.finish_reason is not None for event in events) < 3:
        events.append(client.events.get(timeout=10))
    assert [event.finish_reason for event in events if event.index == 0] == [FinishReason.CANCELLED]
    for index in (1, 2):
        assert [event.tokens[0] for event in events if event.index == index] == [9, 0]


# -- Full caches, priorities, deadlines ----------------------------------------------------------------------------


def test_when_pages_run_out_the_last_is_computed_again(model: CountingModel) -> None:
    engine = Engine(model, EngineConfig(page_size=PAGE, kv_cache_memory=4 * 40, max_model_len=32, max_num_seqs=4))
    try:
        clients = [Client(engine, [i] * 6, max_tokens=20) for i in range(4)]
        for i, client in enumerate(clients):
            assert client.tokens() == [(i + k) % VOCAB for k in range(1, 21)]
        assert engine.statistics.preemptions > 0
        generated = [batch for batch in model.steps if any(batch.absorbed & (np.diff(batch.starts) > 1))]
        assert generated, "an answer was computed again, one form for the whole of it"
    finally:
        engine.close()
    assert (engine.statistics.held_pages, engine.statistics.running, engine.statistics.waiting) == (0, 0, 0)


def test_a_lower_priority_number_goes_first(engine: Engine, model: CountingModel) -> None:
    order: list[str] = []

    def submit(name: str, priority: int) -> None:
        request = Request(id=name, prompt=[1] * 3, params=SamplingParams(max_tokens=1), priority=priority)
        engine.submit(request, lambda event: order.append(name) if event.finish_reason else None)

    model.gate.clear()
    blocker = Client(engine, [0] * 40, max_tokens=1)
    for name, priority in (("b", 0), ("c", 0), ("d", 5), ("a", -1)):
        submit(name, priority)
    model.gate.set()
    blocker.all()
    Client(engine, [2], max_tokens=1).all()
    deadline = threading.Event()
    while len(order) < 4 and not deadline.wait(0.01):
        pass
    assert order == ["a", "b", "c", "d"]


def test_a_request_whose_time_is_over_fails_and_frees_its_pages(engine: Engine, model: CountingModel) -> None:
    events: SimpleQueue[Event] = SimpleQueue()
    params = SamplingParams(temperature=0, max_tokens=50)
    model.gate.clear()
    engine.submit(Request(id="late", prompt=[1, 2], params=params, timeout=0.05), events.put)
    threading.Event().wait(0.1)
    model.gate.set()
    seen = [events.get(timeout=10)]
    while seen[-1].finish_reason is None:
        seen.append(events.get(timeout=10))
    assert seen[-1].finish_reason is FinishReason.TIMEOUT
    assert seen[-1].error is not None
    assert "0.05 s" in seen[-1].error
    assert Client(engine, [1], max_tokens=1).tokens() == [2]
    assert engine.statistics.running == engine.statistics.waiting == 0


def test_the_first_event_says_when_the_queue_was_left(engine: Engine, model: CountingModel) -> None:
    began = perf_counter()
    first = Client(engine, [1, 2], max_tokens=3, n=2).all()
    by_index = {event.index: event.begun for event in first if event.begun is not None}
    assert began < by_index[0] < perf_counter()
    assert by_index.keys() == {0, 1}
    model.gate.clear()
    busy = Client(engine, list(range(9)), max_tokens=2)
    asked = perf_counter()
    waits = Client(engine, [3], max_tokens=1)
    model.gate.set()
    assert busy.all()
    (begun,) = [event.begun for event in waits.all() if event.begun is not None]
    assert begun > asked


def test_statistics_count(engine: Engine) -> None:
    for _ in range(2):
        Client(engine, list(range(9)), max_tokens=4).all()
    engine.close()
    now = engine.statistics
    assert now.step_tokens == {4: 2, 1: 1 + 3 + 1 + 3}
    assert (now.page_size, now.prefix_caching) == (PAGE, True)
    assert (now.prefix_queries, now.prefix_hits) == (18, 8)
    assert (now.prompt_tokens, now.generated_tokens) == (9 + 1, 8)
    assert now.steps >= 8
    assert now.step_seconds > 0
    assert (now.running, now.waiting, now.held_pages) == (0, 0, 0)
    assert now.known_pages == 2
