"""A worker's end of the conversation: one JSON job per line in, one JSON answer per line out.

Only the standard library, so that it runs wherever a peer is installed. Standard output carries answers only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Job = Callable[..., Any]


def answers_only() -> TextIO:
    """The real standard output; whatever else prints, C libraries included, goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def serve(jobs: dict[str, Job], answers: TextIO) -> None:
    """Answer jobs until the parent closes the pipe: ``{"job": name, **arguments}`` → ``{"value": …, "memory": …}``."""
    for line in sys.stdin:
        arguments = json.loads(line)
        value = jobs[arguments.pop("job")](**arguments)
        print(json.dumps({"value": value, "memory": memory()}), file=answers)


def memory() -> dict[str, float]:
    """GiB: ``peak`` resident so far; ``own`` resident now that no file backs, which the system cannot drop."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest}
    return {"peak": kib["VmHWM"] / 2**20, "own": kib["RssAnon"] / 2**20}
