"""The parent's end of the conversation: one engine in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

MODULES = Path(__file__).parents[1]  # where workers find the package ``peers``
LIMIT_S = 600.0


@dataclass(frozen=True)
class Memory:
    """GiB of a worker: ``peak`` resident so far, and ``own``: resident now and not backed by a file."""

    peak: float
    own: float


class WorkerError(RuntimeError):
    """A worker ended, or took longer than it may."""


class Engine:
    """A worker process that answers jobs; a context manager that ends it."""

    def __init__(self, command: list[str], limit_s: float = LIMIT_S) -> None:
        paths = [str(MODULES), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.command, self.limit_s = command, limit_s
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self.memory = Memory(0.0, 0.0)

    def ask(self, job: str, **arguments: Any) -> Any:
        """The answer to one job. WorkerError if the worker ends or exceeds its time, which ends it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        alarm = Timer(self.limit_s, self.process.kill)
        alarm.start()
        try:
            print(json.dumps({"job": job, **arguments}), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            code = self.process.wait()
            raise WorkerError(
                f"the worker ended with code {code} at {job} {arguments} (limit {self.limit_s:g} s): "
                f"{' '.join(self.command)}; its own message is above"
            )
        answer = json.loads(line)
        self.memory = Memory(**answer["memory"])
        return answer["value"]

    def close(self) -> None:
        """Close the pipe, which ends the worker; kill it if that does not."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
