"""From a packed file to a first token: seconds from the start of the process, and how much memory of its own it takes.

    python benchmarks/start.py PACKED

PACKED is a folder of ``quatre convert`` with a ``tekken.json``; the goals (1.5 s, 300 MB, whatever its size) are meant
for all 131,072 tokens and a warm page cache, so the file is read through once before, if memory can hold it.

``serve`` is what a user waits for: the time from ``quatre serve`` to the first token of a chat over HTTP; the client
asks as soon as the server says where. ``tool`` is the same with a request that must call a tool, under a grammar.
``generate`` is ``quatre generate`` to its first character. Memory is what the system cannot drop (without the mapped
file), at its highest until then. On a busy machine only the processor's time says something. The first run of each kind
is not counted. The second table has the parts of ``serve`` (``start_parts.py``), but for HTTP.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.others import Others, processor_seconds
from quatre.chat.tekken_file import TABLES
from quatre.checkpoint.packed import PACKED
from quatre.engine.memory import available_memory

QUATRE = (sys.executable, "-c", "from quatre.cli import main; main()")
PARTS = Path(__file__).with_name("start_parts.py")
PATIENCE_S = 120
COMPILED = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of what is measured: an installation has its modules compiled, and so do we after the first run."""

READ_BYTES = 64 << 20

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather in a city", "parameters": CITY}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "What is the weather like in Paris?"}],
    "max_tokens": 4,
    "stream": True,
}


@dataclass(frozen=True)
class Start:
    """To the first token: seconds, those in which a processor worked, bytes, and the others' share of the machine."""

    seconds: float
    worked: float
    memory: int
    others: float


class Memory(threading.Thread):
    """The most memory that a process had, but for mapped files. It is looked up every few milliseconds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{pid}/status")
        self.peak = 0
        self.start()

    def run(self) -> None:
        """See the class."""
        with suppress(OSError, ValueError):  # until the process ends
            while True:
                words = self.status.read_text().split()
                kilobytes = sum(int(words[words.index(key) + 1]) for key in ("RssAnon:", "RssShmem:"))
                self.peak = max(self.peak, 1024 * kilobytes)
                time.sleep(0.01)


def to_first_answer(model: Path, request: dict[str, Any]) -> Start:
    """Seconds from the start of a server to the first token of its answer, and the server's memory."""
    command = [*QUATRE, "serve", str(model), "--port", "0", "--served-model-name", "m"]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=COMPILED
    ) as server:
        others, memory = Others([server.pid]), Memory(server.pid)
        try:
            connection = http.client.HTTPConnection(_address(server), timeout=PATIENCE_S)
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/chat/completions", json.dumps(request), headers)
            response = connection.getresponse()
            if response.status != 200:
                raise RuntimeError(response.read().decode())
            while not _has_token(response.readline()):
                pass
            return _start(began, server.pid, memory, others)
        finally:
            server.terminate()


def _start(began: float, pid: int, memory: Memory, others: Others) -> Start:
    return Start(time.perf_counter() - began, processor_seconds(pid), memory.peak, others.share())


def _address(server: subprocess.Popen[str]) -> str:
    """Host and port, once the server says that it serves there."""
    assert server.stdout is not None
    found = re.search(r"at http://(\S+)/v1", server.stdout.readline())
    if found is None:
        raise RuntimeError("quatre serve did not start")
    return found[1]


def _has_token(line: bytes) -> bool:
    if not line:
        raise RuntimeError("the stream ended without a token")
    if not line.startswith(b"data: {"):
        return False
    delta = json.loads(line[6:])["choices"][0]["delta"]
    return any(delta.get(key) for key in ("content", "reasoning", "reasoning_content", "tool_calls"))


def to_first_text(model: Path) -> Start:
    """The same for ``quatre generate``."""
    command = [*QUATRE, "generate", str(model), "--prompt", "Once upon a time", "--max-tokens", "2"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=COMPILED) as process:
        others, memory = Others([process.pid]), Memory(process.pid)
        assert process.stdout is not None
        if not os.read(process.stdout.fileno(), 1):
            raise RuntimeError("quatre generate wrote nothing")
        return _start(began, process.pid, memory, others)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--kinds", nargs="+", choices=("serve", "tool", "generate"))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(about(options.model), end="\n\n")
    kinds: dict[str, Callable[[], Start]] = {
        "serve": lambda: to_first_answer(options.model, CHAT),
        "tool": lambda: to_first_answer(options.model, CHAT | {"tools": [TOOL], "tool_choice": "required"}),
        "generate": lambda: to_first_text(options.model),
    }
    print("| to the first token | median | fastest – slowest | processor | memory | others' CPU |")
    print("|---|---|---|---|---|---|")
    for kind in options.kinds or kinds:
        run = kinds[kind]
        run()
        print(_row(kind, run, options.repeats), flush=True)
    print()
    _print_parts([parts_of(options.model) for _ in range(1 + options.repeats)][1:])


def _row(kind: str, run: Callable[[], Start], repeats: int) -> str:
    starts = [run() for _ in range(repeats)]
    seconds = [start.seconds for start in starts]
    worked = statistics.median(start.worked for start in starts)
    memory = max(start.memory for start in starts) / 1e6
    others = statistics.mean(start.others for start in starts)
    spread = f"{min(seconds):.2f} – {max(seconds):.2f} s"
    return (
        f"| {kind} | {statistics.median(seconds):.2f} s | {spread} | {worked:.2f} s | {memory:.0f} MB | {others:.0%} |"
    )


def about(model: Path) -> str:
    """What is started. Reads the weights once, so that they are in memory as far as it goes."""
    file = model / PACKED
    tekken = model / "tekken.json"
    if not file.is_file() or not tekken.is_file():
        raise SystemExit(f"{model} is no folder of quatre convert with a tekken.json")
    size, free = file.stat().st_size, available_memory()
    if size < free:
        with file.open("rb", buffering=0) as weights:
            while weights.read(READ_BYTES):
                pass
    vocabulary = json.loads(tekken.read_bytes())["config"]["default_vocab_size"]
    warm = "in the page cache" if size < free else f"not all in the page cache: {free / 1e9:.1f} GB are free"
    tables = "with" if (model / TABLES).is_file() else "without"
    return f"{file}: {size / 1e9:.2f} GB, {warm}; {vocabulary:,} tokens, {tables} their tables"


def parts_of(model: Path) -> list[tuple[str, float, float, int]]:
    """Name, seconds, seconds of the processor, and memory behind it, of each part of one start."""
    command = [sys.executable, str(PARTS), str(model), str(time.perf_counter())]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=COMPILED)
    return [tuple(part) for part in json.loads(done.stdout)]


def _print_parts(runs: list[list[tuple[str, float, float, int]]]) -> None:
    print("| part of `serve` | median | processor | memory behind it |")
    print("|---|---|---|---|")
    whole = statistics.median(sum(part[1] for part in run) for run in runs)
    for same in zip(*runs, strict=True):
        seconds, worked = (statistics.median(part[i] for part in same) for i in (1, 2))
        print(f"| {same[0][0]} | {seconds:.3f} s | {worked:.3f} s | {max(part[3] for part in same) / 1e6:.0f} MB |")
    print(f"| all of them | {whole:.3f} s | | |")


if __name__ == "__main__":
    main()
