"""New grammars are tried in a process of its own before the server compiles them: it can be ended, and it may crash."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from time import monotonic

from quatre.errors import RequestError
from quatre.grammar.source import PARAM
from quatre.grammar.tryout_child import LONGEST_S

PROGRAM = Path(__file__).with_name("tryout_child.py")
LONGEST_WAIT_S = 60.0  # for a process that gets no time to compute; those that use it too long end by themselves
MOST_RESIDENT = 256 << 20  # bytes; beyond, the process is replaced


class Tryouts:
    """``count`` of them, lent one at a time. ``special``: the control tokens; ``ends``: those that end an answer."""

    def __init__(self, count: int, special: Sequence[int], ends: Sequence[int]) -> None:
        self._free: SimpleQueue[_Tryout] = SimpleQueue()
        self._all = [_Tryout(json.dumps({"special": list(special), "ends": list(ends)})) for _ in range(count)]
        for tryout in self._all:
            self._free.put(tryout)
        self.close = weakref.finalize(self, _end, self._all)  # also when it is forgotten, and at exit

    def run(self, source: str) -> int:
        """How many bytes the compiled grammar takes, roughly. RequestError if it is wrong, or too much of anything."""
        with self._lent() as tryout:
            return tryout.run(source)

    @contextmanager
    def _lent(self) -> Iterator[_Tryout]:
        tryout = self._free.get()
        try:
            yield tryout
        finally:
            self._free.put(tryout)

    def start(self) -> None:
        """Start the first, so that nobody waits for it."""
        with self._lent() as tryout:
            tryout.start()


def _end(tryouts: Sequence[_Tryout]) -> None:
    for tryout in tryouts:
        tryout.end()


class _Tryout:
    """One process: started when it is needed, and again after it died."""

    def __init__(self, began: str) -> None:
        self._began = began
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is None or process.poll() is not None:
            self.end()
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is meant for the server
            )
            _send(process, self._began)
            _line(process)
        return process

    def run(self, source: str) -> int:
        process = self.start()
        try:
            _send(process, source)
            line = _line(process)
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self.end()
            slow = process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
            why = f"compiling takes longer than {LONGEST_S} seconds" if slow else "it is too deep or too large"
            raise RequestError(f"structured output: {why}; simplify it", param=PARAM)
        answer = json.loads(line)
        if answer["resident"] > MOST_RESIDENT:
            self.end()
        if answer["wrong"]:
            raise refused(answer["wrong"])
        return int(answer["grown"])

    def end(self) -> None:
        """Kill it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with suppress(BrokenPipeError):  # what was not sent is lost
                    pipe.close()


def _send(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    content = text.encode()
    process.stdin.write(len(content).to_bytes(4, "little") + content)
    process.stdin.flush()


def _line(process: subprocess.Popen[bytes]) -> bytes:
    """One line of its output; less if it died, or if the time is over."""
    assert process.stdout is not None
    line, deadline = b"", monotonic() + LONGEST_WAIT_S
    while not line.endswith(b"\n"):
        came, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - monotonic()))
        part = os.read(process.stdout.fileno(), 1 << 16) if came else b""
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
