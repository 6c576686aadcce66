"""The process in which grammars are tried: it hangs, swells and crashes alone, and nothing of it is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from fakes import END, VOCAB, ByteTokenizer, FakeEngine, fake_runtime
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.grammar import tryout
from quatre.grammar.compiler import Grammars
from quatre.grammar.tryout import Tryouts
from quatre.grammar.tryout_child import MOST_BYTES

PATIENCE_S = 30
GOOD = json.dumps({"grammars": [{"lark_grammar": "start: /a+/"}]})
CRASHES = json.dumps(
    {"grammars": [{"lark_grammar": "start: r0\n" + "\n".join(f"r{i}: r{i + 1}" for i in range(3000)) + "\nr3000: /a/"}]}
)


def new() -> Tryouts:
    return Tryouts(2, [END], [END], VOCAB)


@pytest.fixture
def tryouts() -> Iterator[Tryouts]:
    made = new()
    yield made
    made.close()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every process that was started."""
    processes: list[subprocess.Popen[bytes]] = []

    class Popen(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            processes.append(self)

    monkeypatch.setattr(tryout.subprocess, "Popen", Popen)
    return processes


def is_gone(process: subprocess.Popen[bytes]) -> bool:
    """Dead, waited for, and its pipes are closed."""
    assert process.stdin is not None
    assert process.stdout is not None
    return process.returncode is not None and process.stdin.closed and process.stdout.closed


def test_who_was_closed_never_starts_again(begun: list[subprocess.Popen[bytes]]) -> None:
    tryouts = new()
    tryouts.close()
    for use in (tryouts.start, lambda: tryouts.run(GOOD)):
        with pytest.raises(OverloadedError):
            use()
    tryouts.close()
    assert not begun


@pytest.mark.parametrize("after", [0, 0.01, 0.05, 0.2])
def test_closing_while_it_starts_waits_and_leaves_nothing(begun: list[subprocess.Popen[bytes]], after: float) -> None:
    tryouts = new()
    outcome: list[BaseException | None] = []

    def start() -> None:
        try:
            tryouts.start()
            outcome.append(None)
        except OverloadedError as error:
            outcome.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    sleep(after)
    tryouts.close()
    assert all(map(is_gone, begun))
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(outcome) == 4
    assert all(map(is_gone, begun))


def test_closing_ends_what_hangs(begun: list[subprocess.Popen[bytes]]) -> None:
    tryouts = new()
    tryouts.start()
    begun[0].send_signal(signal.SIGSTOP)  # it would never answer
    caught: list[BaseException] = []

    def run() -> None:
        try:
            tryouts.run(GOOD)
        except OverloadedError as error:
            caught.append(error)

    runs = [threading.Thread(target=run), threading.Thread(target=run)]
    for thread in runs:
        thread.start()
    tryouts.close()
    for thread in runs:
        thread.join(PATIENCE_S)
    assert caught
    assert all(map(is_gone, begun))


def test_one_that_is_forgotten_ends(begun: list[subprocess.Popen[bytes]]) -> None:
    tryouts = new()
    tryouts.start()
    del tryouts
    assert is_gone(begun[0])


def test_a_crash_is_the_grammars_fault_and_the_next_is_tried_anew(
    tryouts: Tryouts, begun: list[subprocess.Popen[bytes]]
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(RequestError, match="too deep or too large; simplify it"):
            tryouts.run(CRASHES)
    assert tryouts.run(GOOD).source == GOOD
    tryouts.close()
    assert len(begun) == 4
    assert all(process.returncode < 0 for process in begun)
    assert all(map(is_gone, begun))
    assert len(os.listdir("/proc/self/fd")) == before


def test_one_that_was_killed_by_others_blames_nobody(begun: list[subprocess.Popen[bytes]]) -> None:
    tryouts = Tryouts(1, [END], [END], VOCAB)
    tryouts.start()
    begun[0].send_signal(signal.SIGSTOP)
    killer = threading.Timer(0.3, begun[0].kill)
    killer.start()
    with pytest.raises(OverloadedError, match="try again later"):
        tryouts.run(GOOD)
    killer.join()
    assert tryouts.run(GOOD).source == GOOD
    tryouts.close()


def test_what_passed_is_not_tried_twice(tryouts: Tryouts, begun: list[subprocess.Popen[bytes]]) -> None:
    first = tryouts.run(GOOD)
    begun[0].kill()
    assert tryouts.run(GOOD) == first
    assert len(begun) == 1


def test_its_memory_is_limited(tryouts: Tryouts, begun: list[subprocess.Popen[bytes]]) -> None:
    tryouts.start()
    limits = Path(f"/proc/{begun[0].pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert line.split()[3:5] == [str(MOST_BYTES)] * 2


def test_it_dies_with_its_parent() -> None:
    program = (
        "import sys, time; from quatre.grammar.tryout import Tryouts\n"
        f"tryouts = Tryouts(1, [{END}], [{END}], {VOCAB}); tryouts.start()\n"
        "print(tryouts._all[0]._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
    deadline = monotonic() + PATIENCE_S
    while is_running(child):
        assert monotonic() < deadline
        sleep(0.02)


def is_running(pid: int) -> bool:
    """And no zombie, which is its new parent's to bury."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_one_that_cannot_start_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    grammars = Grammars(ByteTokenizer(), frozenset({END}), VOCAB)
    asked = StructuredOutputsParams(regex="a")
    try:
        with monkeypatch.context() as broken:
            broken.setattr(tryout, "PROGRAM", "/nowhere")
            with pytest.raises(EngineError, match="does not start"):
                grammars.constraint(asked)
            grammars.prepare()
        assert grammars.constraint(asked).mask()[ord("a")]
    finally:
        grammars.close()


def test_others_are_served_while_one_hangs() -> None:
    grammars = Grammars(ByteTokenizer(), frozenset({END}), VOCAB)
    hangs = StructuredOutputsParams(json={"type": "integer", "multipleOf": 9999991})
    caught: list[BaseException] = []

    def hang() -> None:
        try:
            grammars.constraint(hangs)
        except (RequestError, OverloadedError) as error:
            caught.append(error)

    try:
        grammars.prepare()
        thread = threading.Thread(target=hang)
        thread.start()
        for letter in "abc":
            assert grammars.constraint(StructuredOutputsParams(regex=letter)).mask()[ord(letter)]
        assert thread.is_alive()
    finally:
        grammars.close()
    thread.join(PATIENCE_S)
    assert caught


def test_a_runtime_that_was_closed_prepares_nothing(begun: list[subprocess.Popen[bytes]]) -> None:
    with fake_runtime(FakeEngine()) as runtime:
        waiting = threading.Thread(target=runtime.prepare_grammars, args=(PATIENCE_S,))
        waiting.start()
    waiting.join(PATIENCE_S / 2)
    assert not waiting.is_alive(), "closing wakes it"
    runtime.prepare_grammars()
    with fake_runtime(FakeEngine()) as unprepared:
        pass
    unprepared.prepare_grammars()
    with pytest.raises(OverloadedError, match="stopping"):
        unprepared.constraint(StructuredOutputsParams(regex="a"))
    assert not begun
