"""New grammars are tried in a process of its own before the server compiles them: it can be ended, and it may crash."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import NamedTuple

from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.grammar.source import PARAM
from quatre.grammar.tryout_child import HEAD, LONGEST_S

PROGRAM = Path(__file__).with_name("tryout_child.py")
LONGEST_WAIT_S = 60.0  # for a process that gets no time to compute; those that use it too long end by themselves
LOOK_S = 0.1
"""Between two looks whether somebody still waits."""
MOST_PASSED = 4096
MOST_RESIDENT = 256 << 20  # bytes; beyond, the process is replaced


class Passed(NamedTuple):
    """A grammar that can be compiled: in llguidance's notation, and roughly how many bytes it takes."""

    source: str
    weight: int


class TooSlowError(RequestError):
    """The grammar cannot be tried in the time that it was given."""


class Tryouts:
    """``count`` of them, lent one at a time. ``special``: the control tokens; ``ends``: those that end an answer."""

    def __init__(self, count: int, special: Sequence[int], ends: Sequence[int], vocab_size: int) -> None:
        began = json.dumps({"special": list(special), "ends": list(ends), "size": vocab_size})
        self._all = [_Tryout(began) for _ in range(count)]
        self._passed: OrderedDict[bytes, int] = OrderedDict()
        self._free: SimpleQueue[_Tryout] = SimpleQueue()
        for tryout in self._all:
            self._free.put(tryout)
        self.close = weakref.finalize(self, _close, self._all, self._free)
        """End them for good, once nobody uses them; also at exit, and when they are forgotten."""

    def run(
        self, source: str, longest: float = LONGEST_S, *, salt: str = "", is_wanted: Callable[[], bool] = lambda: True
    ) -> Passed:
        """RequestError if the grammar is wrong, or too much of anything: TooSlowError if it takes more than the
        ``longest`` seconds of computing.

        OverloadedError or EngineError if that could not be found out, or if it ``is_wanted`` no more. What has passed
        once is not tried again for the same ``salt``.
        """
        key = blake2b(f"{salt}\0{source}".encode(), digest_size=16).digest()
        weight = self._passed.get(key)
        if weight is not None:
            return Passed(source, weight)
        with self._lent() as tryout:
            passed = tryout.run(source, longest, is_wanted)
        if passed.source == source:  # else the translation would have to be kept, too
            self._passed[key] = passed.weight
            if len(self._passed) > MOST_PASSED:
                self._passed.popitem(last=False)
        return passed

    def start(self) -> None:
        """Start the first, so that nobody waits for it. OverloadedError after :attr:`close`."""
        with self._lent() as tryout:
            tryout.start()

    @contextmanager
    def _lent(self) -> Iterator[_Tryout]:
        tryout = self._free.get()
        try:
            yield tryout
        finally:
            self._free.put(tryout)


def _close(tryouts: Sequence[_Tryout], free: SimpleQueue[_Tryout]) -> None:
    for tryout in tryouts:
        tryout.forbid()
    for tryout in [free.get() for _ in tryouts]:  # whoever had borrowed one has given it back
        tryout.end()
        free.put(tryout)


class _Tryout:
    """One process: started when it is needed, and again after it died. Whoever has borrowed it uses it alone.

    Only :meth:`forbid` comes from other threads: it kills the process, and leaves it to the borrower, who may be
    reading from it, to close the pipes.
    """

    def __init__(self, began: str) -> None:
        self._began = began
        self._process: subprocess.Popen[bytes] | None = None
        self._forbidden = False
        self._door = threading.Lock()  # between starting and forbidding

    def forbid(self) -> None:
        """No process runs, or will ever run again."""
        with self._door:
            self._forbidden = True
            if self._process is not None:
                self._process.kill()

    def start(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is not None and process.poll() is None:
            return process
        self.end()
        process = self._begin()
        try:
            _send(process, self._began)
            line = _line(process)
        except OSError:
            line = b""
        if line:
            return process
        self.end()
        self._check_allowed()
        raise EngineError(f"the process in which grammars are tried does not start: it ended with {process.returncode}")

    def _begin(self) -> subprocess.Popen[bytes]:
        with self._door:
            self._check_allowed()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", str(PROGRAM)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is meant for the server
                )
            except OSError as error:
                raise EngineError(f"the process in which grammars are tried does not start: {error}") from error
            return self._process

    def _check_allowed(self) -> None:
        if self._forbidden:
            raise OverloadedError("the server is stopping")

    def run(self, source: str, longest: float, is_wanted: Callable[[], bool]) -> Passed:
        process = self.start()
        try:
            _send(process, source, longest)
            line = _line(process, is_wanted)
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self.end()
            self._check_allowed()
            raise _why(process.returncode, longest)
        answer = json.loads(line)
        if answer["resident"] > MOST_RESIDENT:
            self.end()
        if answer["wrong"]:
            raise refused(answer["wrong"])
        return Passed(answer["translated"] or source, answer["grown"])

    def end(self) -> None:
        """Kill it, and leave nothing of it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with suppress(BrokenPipeError):  # what was not sent is lost
                    pipe.close()


def _why(returncode: int, longest: float) -> RequestError | OverloadedError:
    """What it means that the process ended in the middle of a grammar. Only others kill it: us too, after a minute, or
    when nobody waits for it."""
    if returncode == -signal.SIGKILL:
        return OverloadedError("the machine had no time or memory to look over the grammar; try again later")
    if returncode == -signal.SIGPROF:
        why = f"compiling takes longer than {longest:g} seconds"
        return TooSlowError(f"structured output: {why}; simplify it", param=PARAM)
    return RequestError("structured output: it is too deep or too large; simplify it", param=PARAM)


def _send(process: subprocess.Popen[bytes], text: str, longest: float = 0.0) -> None:
    assert process.stdin is not None
    content = text.encode()
    process.stdin.write(HEAD.pack(longest, len(content)) + content)
    process.stdin.flush()


def _line(process: subprocess.Popen[bytes], is_wanted: Callable[[], bool] = lambda: True) -> bytes:
    """One line of its output; less if it died, if the time is over, or if nobody waits for it any more."""
    assert process.stdout is not None
    output, poll = process.stdout.fileno(), select.poll()  # select() knows no files beyond the 1024th
    poll.register(output, select.POLLIN)
    line, deadline = b"", monotonic() + LONGEST_WAIT_S
    while not line.endswith(b"\n"):
        came = poll.poll(LOOK_S * 1000)
        if not came and is_wanted() and monotonic() < deadline:
            continue
        part = os.read(output, 1 << 16) if came else b""
        if not part:
            if came:
                process.wait()
            break
        line += part
    return line


def refused(reason: str) -> RequestError:
    """llguidance's reason as a sentence for whoever sent the grammar; the keyword is in it."""
    if "NoExtension" in reason:
        reason = "nothing satisfies it"
    reason = reason.replace("<non-verbose/>", "").strip()
    for told, meant in WORDS.items():
        if told in reason:
            reason = meant.format(reason)
    return RequestError(f"structured output: not supported: {reason}"[:500], param=PARAM)


WORDS = {
    "oneOf constraints are not supported": "oneOf whose alternatives may overlap; use anyOf",
    "Failed to generate regex for": "minimum or maximum: {}",
    "is not present in a registry": "$ref to another document: {}",
    "regex parse error": "pattern or regex: {}",
}
"""Where llguidance does not name the keyword."""
