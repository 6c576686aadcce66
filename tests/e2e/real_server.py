"""``quatre serve`` as users start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60

QUATRE = (sys.executable, "-c", "from quatre.cli import main; main()")


@contextmanager
def quatre_serve(
    model: Path, log: Path, *flags: str, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """URL and process of ``quatre serve`` with the model, once it says that it listens."""
    command = [*QUATRE, "serve", str(model), "--port", "0", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    try:
        yield _url(process, log), process
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = re.search(r"at (http://\S+)/v1", log.read_text())
        if found:
            return found[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    raise AssertionError(f"not ready after {START_S} s: {log.read_text()}")
