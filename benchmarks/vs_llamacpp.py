"""Quatre against llama.cpp on the same GGUF file, in one run, in alternation, with the same threads.

    python benchmarks/vs_llamacpp.py MODEL.gguf --peer-python PYTHON_WITH_LLAMA_CPP

Each engine lives in its own process. Every row is measured ``--repeats`` times, the engines taking turns; the table
shows medians, the ratio of the medians, and the lowest and highest ratio of a pair.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One thing to measure: a name for the table, and the job both workers understand."""

    name: str
    job: dict[str, Any]


class Engine:
    """One worker process."""

    def __init__(self, python: str, script: str, model: Path, threads: int) -> None:
        command = [python, str(HERE / script), str(model), str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.load_s = self._read()["load_s"]
        self.peak_gib = 0.0

    def measure(self, job: dict[str, Any]) -> float:
        """Tokens per second."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = self._read()
        self.peak_gib = answer["peak_gib"]
        return float(answer["value"])

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended early: {self.process.args!r}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def rows(options: argparse.Namespace) -> list[Row]:
    """What to measure, in the order of the table."""
    decode = [
        Row(f"decode at {c:,}", {"job": "decode", "sequences": 1, "context": c, "steps": 16}) for c in options.contexts
    ]
    prefill = [Row(f"prefill {n:,}", {"job": "prefill", "tokens": n}) for n in options.prompts]
    many = [
        Row(f"decode of {n}", {"job": "decode", "sequences": n, "context": 16, "steps": 6}) for n in options.batches
    ]
    return decode + prefill + many


def table_row(name: str, ours: list[float], theirs: list[float]) -> str:
    """A line of the table: medians, their ratio, and the spread of the ratio pair by pair."""
    a, b = statistics.median(ours), statistics.median(theirs)
    pairs = [x / y for x, y in zip(ours, theirs, strict=True)]
    return f"| {name} | {a:.1f} | {b:.1f} | **{a / b:.2f}** | {min(pairs):.2f} – {max(pairs):.2f} |"


def numbers(text: str) -> list[int]:
    """A comma-separated list of whole numbers; empty for none."""
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Quatre against llama.cpp on the same GGUF file.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--peer-python", default=sys.executable, help="an interpreter with llama-cpp-python")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--contexts", type=numbers, default=[0, 4096, 16384])
    parser.add_argument("--prompts", type=numbers, default=[512, 4096])
    parser.add_argument("--batches", type=numbers, default=[4, 16, 32, 64, 128])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    ours = Engine(sys.executable, "worker_quatre.py", options.model, options.threads)
    theirs = Engine(options.peer_python, "worker_llamacpp.py", options.model, options.threads)
    print("| tokens/s | Quatre | llama.cpp | ratio | lowest – highest |\n|---|---|---|---|---|", flush=True)
    for row in rows(options):
        pairs = [(ours.measure(row.job), theirs.measure(row.job)) for _ in range(options.repeats)]
        print(table_row(row.name, [a for a, _ in pairs], [b for _, b in pairs]), flush=True)
    print(f"\nload: {ours.load_s:.2f} s against {theirs.load_s:.2f} s; ", end="")
    print(f"peak memory: {ours.peak_gib:.2f} GiB against {theirs.peak_gib:.2f} GiB")
    ours.close()
    theirs.close()


if __name__ == "__main__":
    main()
