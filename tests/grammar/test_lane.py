"""Turns: each client's in the order in which it asked, and nobody behind all that another has sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from quatre.errors import OverloadedError
from quatre.grammar.lane import Lane, settle

PATIENCE_S = 30


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("test", 1, 4, "full")
    yield made
    made.close()


class Busy:
    """A lane whose only thread is held until :meth:`go`, so that all else waits."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.done: list[str] = []
        self._gate = threading.Event()
        begun = threading.Event()
        lane.put("first", Future(), lambda: (begun.set(), self._gate.wait(PATIENCE_S)))
        assert begun.wait(PATIENCE_S)

    def put(self, client: str, name: str) -> Future[str]:
        made: Future[str] = Future()

        def work() -> None:
            self.done.append(name)
            settle(made, result=name)

        self.lane.put(client, made, work)
        return made

    def go(self) -> None:
        self._gate.set()


def test_clients_take_turns(lane: Lane) -> None:
    busy = Busy(lane)
    waiting = [busy.put("a", "a1"), busy.put("a", "a2"), busy.put("a", "a3"), busy.put("b", "b1")]
    busy.go()
    for made in waiting:
        made.result(PATIENCE_S)
    assert busy.done == ["a1", "b1", "a2", "a3"]


def test_of_a_full_lane_the_client_with_most_in_it_loses_its_last(lane: Lane) -> None:
    busy = Busy(lane)
    waiting = [busy.put("a", name) for name in ("a1", "a2", "a3", "a4")]
    with pytest.raises(OverloadedError, match="full"):
        busy.put("a", "a5")
    other = busy.put("b", "b1")
    with pytest.raises(OverloadedError, match="full"):
        waiting[-1].result(0)
    other_again = busy.put("b", "b2")
    with pytest.raises(OverloadedError, match="full"):
        busy.put("b", "b3")
    busy.go()
    for made in (*waiting[:2], other, other_again):
        made.result(PATIENCE_S)
    assert busy.done == ["a1", "b1", "a2", "b2"]


def test_what_was_cancelled_is_not_done_and_takes_no_place(lane: Lane) -> None:
    busy = Busy(lane)
    for name in ("a1", "a2", "a3", "a4"):
        assert busy.put("a", name).cancel()
    waiting = [busy.put("a", name) for name in ("a5", "a6", "a7", "a8")]
    busy.go()
    for made in waiting:
        made.result(PATIENCE_S)
    assert busy.done == ["a5", "a6", "a7", "a8"]


def test_at_the_end_all_that_waits_is_cancelled(lane: Lane) -> None:
    busy = Busy(lane)
    waiting = busy.put("a", "a1")
    lane.close()
    assert waiting.cancelled()
    with pytest.raises(OverloadedError, match="stopping"):
        busy.put("a", "a2")
    busy.go()
    assert not busy.done


def test_an_outcome_for_nobody_is_dropped() -> None:
    made: Future[str] = Future()
    made.cancel()
    settle(made, result="late")
    assert made.cancelled()
    settled: Future[str] = Future()
    settle(settled, result="first")
    settle(settled, error=RuntimeError())
    assert settled.result(0) == "first"
