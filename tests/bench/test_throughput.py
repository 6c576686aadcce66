"""The engine's own speed, over canned answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes import BOS, VOCAB, FakeEngine, fake_runtime
from quatre import LLM
from quatre.bench.throughput import asks_for, bench_throughput
from quatre.bench.workload import Ask, RandomLengths
from quatre.errors import ConfigError


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("x" * 50)


@pytest.fixture
def llm(engine: FakeEngine) -> Iterator[LLM]:
    with fake_runtime(engine) as runtime:
        yield LLM.of(runtime)


def test_every_answer_has_its_full_length(llm: LLM, engine: FakeEngine) -> None:
    asks = asks_for(llm, 4, RandomLengths(input_len=9, output_len=5), seed=1)
    result = bench_throughput(llm, asks, n=2, seed=3)
    assert (result["total_input_tokens"], result["total_output_tokens"]) == (4 * 9, 4 * 2 * 5)
    assert result["total_num_tokens"] == 76
    assert result["tokens_per_second"] == pytest.approx(76 / result["elapsed_time"])
    measured = engine.requests[1:]  # the first one is the warm-up
    assert [list(request.prompt) for request in measured] == [ask.prompt for ask in asks]
    assert all(request.stop_ids == frozenset() and max(request.prompt) < VOCAB for request in measured)
    assert [request.params.seed for request in measured] == [3, 4, 5, 6]


def test_texts_and_conversations(llm: LLM, engine: FakeEngine) -> None:
    bench_throughput(llm, [Ask("hi", 1), Ask([{"role": "user", "content": "yo"}], 1)])
    assert [list(request.prompt) for request in engine.requests[1:]] == [[BOS, *b"hi"], [BOS, *b"user: yo\n"]]


def test_what_does_not_fit_is_said_before_anything_runs(llm: LLM, engine: FakeEngine) -> None:
    with pytest.raises(ConfigError, match="500 \\+ 13 tokens do not fit a context of 512"):
        bench_throughput(llm, [Ask([1], 1), Ask([1] * 500, 13)])
    assert engine.requests == []
