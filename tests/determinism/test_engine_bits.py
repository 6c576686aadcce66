"""On the native back end the numbers of a request depend on the request alone: not on its company, not on how its
prompt is cut, not on threads, not on pages. Compared bit for bit, end to end, on every instruction set here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

import tiny_checkpoints as tiny
from quatre.checkpoint.load import load
from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, Request, SamplingParams
from quatre.formats.floats import BF16
from quatre.ops import _native
from quatre.ops.native_backend import NativeOps

Outcome = tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...]]
BASE = EngineConfig(max_model_len=256, max_num_seqs=8, max_num_batched_tokens=64, page_size=16)
PARAMS = SamplingParams(temperature=1.0, top_p=0.95, seed=7, max_tokens=24, logprobs=3, prompt_logprobs=0)


@pytest.fixture(scope="module", params=["MISTRAL4", "LLAMA"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of each family, stored in bf16 so that caches are bf16 too."""
    config = getattr(tiny, request.param)
    folder = tmp_path_factory.mktemp(request.param.lower())
    tiny.write_hf(folder, config, tiny.random_weights(config, seed=0), fmt=BF16)
    return folder


def prompt(seed: int, length: int) -> list[int]:
    return [int(t) for t in np.random.default_rng(seed).integers(0, 96, length)]


def submit(engine: Engine, name: str, ids: list[int], params: SamplingParams) -> SimpleQueue[Event]:
    events: SimpleQueue[Event] = SimpleQueue()
    engine.submit(Request(id=name, prompt=ids, params=params), events.put)
    return events


def outcome(events: SimpleQueue[Event]) -> Outcome:
    """Tokens, their logprobs, and the prompt's logprobs."""
    tokens, logprobs, first = [], [], None
    while True:
        event = events.get(timeout=60)
        tokens.extend(event.tokens)
        logprobs.extend(entry.logprob for entry in event.logprobs)
        first = first or event.prompt_logprobs
        if event.finish_reason is not None:
            assert event.error is None
            return tuple(tokens), tuple(logprobs), tuple(e.logprob for e in first or () if e is not None)


def alone(checkpoint: Path, config: EngineConfig, threads: int = 2, isa: str | None = None) -> list[Outcome]:
    """Three requests one after the other."""
    engine = Engine(load(checkpoint, NativeOps(threads=threads, isa=isa)).model, config)
    try:
        return [outcome(submit(engine, "r", prompt(n, n), PARAMS)) for n in (5, 40, 150)]
    finally:
        engine.close()


@pytest.fixture(scope="module")
def expected(checkpoint: Path) -> list[Outcome]:
    return alone(checkpoint, BASE)


def test_company_changes_nothing(checkpoint: Path, expected: list[Outcome]) -> None:
    engine = Engine(load(checkpoint, NativeOps(threads=2)).model, BASE)
    try:
        crowd = [submit(engine, f"other {i}", prompt(900 + i, 1 + 11 * i), replace(PARAMS, seed=i)) for i in range(6)]
        ours = [submit(engine, f"ours {n}", prompt(n, n), PARAMS) for n in (5, 40, 150)]
        assert [outcome(events) for events in ours] == expected
        for events in crowd:
            outcome(events)
    finally:
        engine.close()


@pytest.mark.parametrize("budget", [1, 7, 256])
def test_chunks_of_the_prompt_change_nothing(checkpoint: Path, expected: list[Outcome], budget: int) -> None:
    assert alone(checkpoint, replace(BASE, max_num_batched_tokens=budget)) == expected


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(checkpoint: Path, expected: list[Outcome], threads: int) -> None:
    assert alone(checkpoint, BASE, threads=threads) == expected


@pytest.mark.parametrize("page_size", [2, 32, 64])
def test_pages_change_nothing(checkpoint: Path, expected: list[Outcome], page_size: int) -> None:
    assert alone(checkpoint, replace(BASE, page_size=page_size)) == expected


@pytest.mark.parametrize("isa", _native.available_isas())
def test_every_instruction_set_keeps_the_promise(checkpoint: Path, isa: str) -> None:
    small = alone(checkpoint, replace(BASE, max_num_batched_tokens=5), threads=1, isa=isa)
    assert alone(checkpoint, BASE, threads=2, isa=isa) == small


def test_another_seed_changes_something(checkpoint: Path, expected: list[Outcome]) -> None:
    engine = Engine(load(checkpoint, NativeOps(threads=2)).model, BASE)
    try:
        other = outcome(submit(engine, "r", prompt(40, 40), replace(PARAMS, seed=8)))
    finally:
        engine.close()
    assert other[0] != expected[1][0]
    assert other[2] == expected[1][2]


# -- Shared pages, full caches -------------------------------------------------------------------------------------

GENERATED = replace(PARAMS, prompt_logprobs=None)


def run(
    checkpoint: Path,
    config: EngineConfig,
    prompts: list[list[int]],
    isa: str | None = None,
    params: SamplingParams = GENERATED,
) -> list[Outcome]:
    """All at once, each with its own seed."""
    engine = Engine(load(checkpoint, NativeOps(threads=2, isa=isa)).model, config)
    try:
        running = [submit(engine, str(i), ids, replace(params, seed=i)) for i, ids in enumerate(prompts)]
        return [outcome(events) for events in running]
    finally:
        engine.close()


@pytest.mark.parametrize("isa", _native.available_isas())
def test_a_shared_beginning_changes_nothing(checkpoint: Path, isa: str) -> None:
    beginning = prompt(1, 100)
    prompts = [beginning + prompt(i, i) for i in (1, 17, 40)] + [beginning[:64], beginning]
    apart = [run(checkpoint, replace(BASE, enable_prefix_caching=False), [ids], isa)[0] for ids in prompts]
    engine = Engine(load(checkpoint, NativeOps(threads=2, isa=isa)).model, BASE)
    try:
        for i, ids in enumerate([*prompts, *prompts]):  # one after the other, then all from the cache
            events = submit(engine, str(i), ids, replace(GENERATED, seed=0))
            assert outcome(events) == apart[i % len(prompts)]
        assert engine.statistics.prefix_hits > 7 * 48
    finally:
        engine.close()


def test_an_answer_that_becomes_a_prompt_is_read_as_one(checkpoint: Path) -> None:
    """The next turn of a chat gives what it would give to somebody who never had the first turn."""
    engine = Engine(load(checkpoint, NativeOps(threads=2)).model, BASE)
    try:
        first = outcome(submit(engine, "first", prompt(3, 50), GENERATED))
        turn = [*prompt(3, 50), *first[0], *prompt(4, 9)]
        second = outcome(submit(engine, "second", turn, GENERATED))
    finally:
        engine.close()
    fresh = Engine(load(checkpoint, NativeOps(threads=2)).model, BASE)
    try:
        assert outcome(submit(fresh, "second", turn, GENERATED)) == second
    finally:
        fresh.close()


@pytest.mark.parametrize("isa", _native.available_isas())
def test_being_computed_again_changes_nothing(checkpoint: Path, isa: str) -> None:
    prompts, long = [prompt(i, 10 + 3 * i) for i in range(8)], replace(GENERATED, max_tokens=60)
    expected = run(checkpoint, replace(BASE, enable_prefix_caching=False), prompts, isa, long)
    model = load(checkpoint, NativeOps(threads=2, isa=isa)).model
    for sharing in (False, True):
        tight = replace(
            BASE,
            max_model_len=96,
            kv_cache_memory=96 * 3 * model.cache_bytes_per_token,
            enable_prefix_caching=sharing,
            max_num_batched_tokens=29,
        )
        engine = Engine(model, tight)
        try:
            running = [submit(engine, str(i), ids, replace(long, seed=i)) for i, ids in enumerate(prompts)]
            found = [outcome(events) for events in running]
            assert engine.statistics.preemptions > 0
        finally:
            engine.close()
        assert found == expected


def test_alone_and_among_127_others(checkpoint: Path, expected: list[Outcome]) -> None:
    others = np.random.default_rng(5).integers(1, 60, 125)
    engine = Engine(load(checkpoint, NativeOps(threads=2)).model, replace(BASE, max_num_seqs=128))
    try:
        crowd = [
            submit(engine, f"other {i}", prompt(700 + i, int(n)), replace(PARAMS, seed=i, max_tokens=1 + int(n) % 20))
            for i, n in enumerate(others)
        ]
        ours = [submit(engine, f"ours {n}", prompt(n, n), PARAMS) for n in (5, 40, 150)]
        assert [outcome(events) for events in ours] == expected
        for events in crowd:
            outcome(events)
    finally:
        engine.close()


def test_several_answers_to_one_prompt_are_those_without_sharing(checkpoint: Path) -> None:
    results = []
    for config in (BASE, replace(BASE, enable_prefix_caching=False, max_num_seqs=1, max_num_batched_tokens=8)):
        engine = Engine(load(checkpoint, NativeOps(threads=2)).model, config)
        try:
            events = submit(engine, "r", prompt(9, 45), replace(GENERATED, n=4))
            tokens: dict[int, list[int]] = {i: [] for i in range(4)}
            ended = 0
            while ended < 4:
                event = events.get(timeout=60)
                tokens[event.index] += event.tokens
                ended += event.finish_reason is not None
            results.append(tokens)
        finally:
            engine.close()
    assert results[0] == results[1]
    assert len({tuple(answer) for answer in results[0].values()}) > 1
