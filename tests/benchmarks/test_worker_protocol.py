"""Jobs and answers between the benchmark and an engine's process."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from peers.others import Others, wait_for_quiet
from peers.process import Engine, WorkerError
from peers.prompts import HIGHEST, LOWEST, token_ids

FAKE = [sys.executable, str(Path(__file__).parent / "fake_worker.py")]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(FAKE) as running:
        yield running


def test_answers_survive_what_a_library_prints(engine: Engine) -> None:
    assert [engine.ask("echo", number=n) for n in (1.5, 2.5)] == [1.5, 2.5]


def test_memory_is_the_workers(engine: Engine) -> None:
    engine.ask("echo", number=0.0)
    assert 0.001 < engine.memory.own <= engine.memory.peak < 0.5


def test_a_dead_worker_is_one_sentence(engine: Engine) -> None:
    with pytest.raises(WorkerError, match="ended with code 3 at die"):
        engine.ask("die")
    with pytest.raises(WorkerError, match="ended with code 3 at echo"):
        engine.ask("echo", number=1.0)


def test_a_worker_that_hangs_is_ended() -> None:
    with Engine(FAKE, limit_s=0.5) as hanging, pytest.raises(WorkerError, match=r"limit 0\.5 s"):
        hanging.ask("sleep", seconds=60)


def test_close_ends_the_process() -> None:
    with Engine(FAKE) as engine:
        engine.ask("echo", number=0.0)
    assert engine.process.returncode == 0


def test_ids_are_the_same_however_they_are_asked_for() -> None:
    whole = token_ids(3, 0, 1000)
    assert whole.dtype == np.int32
    assert np.array_equal(np.concatenate([token_ids(3, 0, 1), token_ids(3, 1, 700), token_ids(3, 700, 1000)]), whole)
    assert LOWEST <= whole.min() < whole.max() < HIGHEST
    assert len(np.unique(whole)) > 900
    assert not np.array_equal(token_ids(4, 0, 1000), whole)


def test_a_worker_is_not_among_the_others(engine: Engine) -> None:
    others, everybody, start = Others([engine.process.pid]), Others([]), time.monotonic()
    engine.ask("work", seconds=0.2)
    whole = (os.cpu_count() or 1) * (time.monotonic() - start)
    assert (everybody.share() - others.share()) * whole == pytest.approx(0.2, abs=0.1)


def test_waiting_for_quiet_ends() -> None:
    assert wait_for_quiet(0.0, []) < 0.1
    assert wait_for_quiet(0.2, [], look_s=0.05) < 1
