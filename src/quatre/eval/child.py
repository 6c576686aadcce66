"""A server of one's own to ask: ``quatre serve`` in another process, so that asking does not slow down answering."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from quatre.errors import ConfigError

QUATRE = (sys.executable, "-c", "from quatre.cli import main; main()")
READY = re.compile(r"^Serving .+ at (http://\S+/v1)$", re.MULTILINE)
STOP_S = 20
LOOK_S = 0.05


@contextmanager
def serving(model: str, *flags: str) -> Iterator[str]:
    """The URL, with ``/v1``, of a server that is ready; it is stopped at the end. ConfigError if it does not start."""
    command = [*QUATRE, "serve", model, "--port", "0", "--log-level", "warning", *flags]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield _url(process, said)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _url(process: subprocess.Popen[bytes], said: IO[str]) -> str:
    """Loading may take minutes, so there is no deadline: the server says where it is, or ends."""
    while True:
        ended = process.poll() is not None
        said.seek(0)
        text = said.read()
        if ready := READY.search(text):
            return ready[1]
        if ended:
            reason = (text.strip().splitlines() or ["it said nothing"])[-1].removeprefix("quatre: ")
            raise ConfigError(f"the server did not start: {reason}")
        time.sleep(LOOK_S)
