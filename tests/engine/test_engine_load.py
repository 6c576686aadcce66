"""Many threads that submit, cancel and let requests run out of time, on a cache that is far too small."""

from __future__ import annotations

import random
import threading
from queue import SimpleQueue
from time import monotonic, sleep

import numpy as np
from numpy.typing import NDArray
from test_engine import VOCAB, CountingModel

from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, FinishReason, Request, SamplingParams
from quatre.ops.interface import Batch

PAGE = 4
THREADS = 8
REQUESTS = 40  # of each thread


class ConsecutiveModel(CountingModel):
    """Every text here counts upwards, so a slot with somebody else's token is noticed when it is read."""

    def hidden(
        self, batch: Batch, cache: list[NDArray[np.int64]], wanted: NDArray[np.int32] | None = None
    ) -> NDArray[np.float32]:
        hidden = super().hidden(batch, cache, wanted)
        pages = cache[0].reshape(-1, PAGE)
        for table, context in zip(batch.page_tables, batch.contexts, strict=True):
            held = pages[table].ravel()[:context]
            assert (np.diff(held) % VOCAB == 1).all(), held
        self.steps.clear()
        return hidden


def expected(request: Request, count: int) -> list[int]:
    return [(request.prompt[-1] + 1 + i) % VOCAB for i in range(count)]


def ask(engine: Engine, name: str, rng: random.Random) -> None:
    """One request, to its end; AssertionError if anything about it is wrong."""
    first, n = rng.randrange(2), rng.choice((1, 1, 3))
    request = Request(
        id=name,
        prompt=[(first + i) % VOCAB for i in range(rng.randint(1, 40))],
        params=SamplingParams(temperature=0, max_tokens=rng.randint(1, 20), n=n),
        priority=rng.choice((0, 0, 1)),
        timeout=rng.choice((None, None, 0.001, 30)),
        cache_salt=rng.choice(("", "", "mine")),
    )
    events: SimpleQueue[Event] = SimpleQueue()
    engine.submit(request, events.put)
    patience = rng.choice((None, None, 0, 1, 5))
    said: dict[int, list[int]] = {index: [] for index in range(n)}
    ends: dict[int, FinishReason] = {}
    while len(ends) < n:
        if patience is not None and sum(map(len, said.values())) >= patience:
            engine.cancel(name, rng.choice((None, 0)))
            patience = None
        event = events.get(timeout=60)
        assert event.index not in ends
        said[event.index] += event.tokens
        if event.finish_reason is not None:
            ends[event.index] = event.finish_reason
    for index, reason in ends.items():
        assert said[index] == expected(request, len(said[index]))
        if reason is FinishReason.LENGTH:
            assert len(said[index]) == request.params.max_tokens
        else:
            assert reason is FinishReason.CANCELLED or (reason is FinishReason.TIMEOUT and request.timeout == 0.001)


def test_nothing_is_stuck_lost_or_mixed_up() -> None:
    model = ConsecutiveModel()
    config = EngineConfig(
        max_model_len=60, max_num_seqs=12, max_num_batched_tokens=24, page_size=PAGE, kv_cache_memory=4 * PAGE * 40
    )
    engine = Engine(model, config)
    failures: list[BaseException] = []

    def client(seed: int) -> None:
        rng = random.Random(seed)
        try:
            for i in range(REQUESTS):
                ask(engine, f"{seed} {i}", rng)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(THREADS)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in threads)
        assert not failures, failures
        now = engine.statistics
        assert now.preemptions > 0
        assert now.prefix_hits > 0
        settled = monotonic() + 60  # the last cancel may still be on its way
        while now.running or now.waiting or now.held_pages:
            assert monotonic() < settled, now
            sleep(0.01)
        assert engine.alive
    finally:
        engine.close()
    assert not any(vars(engine._answers)[name] for name in ("_samplers", "_followers", "_held", "_deadlines"))
