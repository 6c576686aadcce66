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
