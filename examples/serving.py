"""``quatre serve`` for as long as an example needs it, and how to read what it streams."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

QUATRE = Path(sys.executable).with_name("quatre")
READY = re.compile(r"Serving (?P<name>.+) at (?P<url>http://\S+)/v1")
START_S = 180
STOP_S = 20


class DemoError(Exception):
    """Something that the user should read."""


@contextmanager
def server(*model: str) -> Iterator[tuple[str, str]]:
    """URL and model name of a server on a free port that is ready; it is stopped at the end, whatever happens."""
    with tempfile.TemporaryFile("w+") as log:
        command = [str(QUATRE), "serve", *model, "--port", "0", "--log-level", "warning"]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield wait_until_ready(process, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], log: IO[str]) -> tuple[str, str]:
    """URL and model name, as soon as the server says that it listens."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        log.seek(0)
        said = log.read()
        if ready := READY.search(said):
            return ready["url"], ready["name"]
        if process.poll() is not None:
            raise DemoError(f"the server ended with status {process.returncode}. It said:\n{said}")
        time.sleep(0.02)
    raise DemoError(f"the server was not ready after {START_S} s. It said:\n{said}")


def events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """The JSON of each server-sent event until ``[DONE]``."""
    check(answer)
    for line in answer.iter_lines():
        if line == "data: [DONE]":
            return
        if line.startswith("data: "):
            chunk = json.loads(line.removeprefix("data: "))
            if "error" in chunk:
                raise DemoError(chunk["error"]["message"])
            yield chunk


def check(answer: httpx.Response) -> httpx.Response:
    """The answer. DemoError if it is an error."""
    if answer.is_error:
        answer.read()
        raise DemoError(f"the server answered {answer.status_code}: {answer.text}")
    return answer
