"""Quatre against llama.cpp, or its fork ik_llama.cpp, on one GGUF file, taking turns, with the same threads.

    python benchmarks/vs_llamacpp.py MODEL.gguf --peer-python PYTHON_WITH_LLAMA_CPP [--out FOLDER]
    python benchmarks/vs_llamacpp.py MODEL.gguf --peer ik_llama.cpp --peer-python PYTHON_WITH_IK_LLAMA_CPP

Each engine lives in its own process. Every row is measured ``--repeats`` times in pairs, one engine right after the
other; a row whose ratios spread by more than 30 % is measured as often again. README.md says what is timed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from peers.machine import commit, load_average, machine
from peers.others import Others, wait_for_quiet
from peers.process import Engine, WorkerError
from peers.report import write
from peers.tables import Row, head

PEERS = {"llama.cpp": "peers.llamacpp", "ik_llama.cpp": "peers.ik_llamacpp"}
KINDS = ("decode", "prefill", "batch", "load", "memory")
STEPS, STEPS_OF_MANY, BEHIND = 16, 6, 16  # timed steps of one sequence and of many, and the context of the many
PAUSE_S = 0.05  # between turns, until the other engine's threads have stopped spinning

Measure = Callable[[], tuple[float, float, float]]
"""Ours, theirs, and the share of the machine that others had meanwhile."""


class Pair:
    """Both engines, running. ``quiet`` is how many seconds to wait before a pair for others to finish."""

    def __init__(self, ours: Engine, theirs: Engine, quiet: float) -> None:
        self.ours, self.theirs, self.quiet = ours, theirs, quiet

    def ask(self, job: str, **arguments: Any) -> tuple[float, float, float]:
        """One turn each."""
        pids = [self.ours.process.pid, self.theirs.process.pid]
        wait_for_quiet(self.quiet, pids)
        others = Others(pids)
        time.sleep(PAUSE_S)
        a = self.ours.ask(job, **arguments)
        time.sleep(PAUSE_S)
        return a, self.theirs.ask(job, **arguments), others.share()


def speed_rows(options: argparse.Namespace) -> Iterator[tuple[Row, str, dict[str, int]]]:
    """What is measured in tokens per second, in the order of the table, and the job for it."""
    if "decode" in options.rows:
        room = max(options.contexts, default=0)
        for c in sorted(options.contexts):
            job = {"sequences": 1, "context": c, "steps": STEPS, "room": room}
            yield Row("decode", f"decode behind {c:,}", "tokens/s", c), "decode", job
    if "prefill" in options.rows:
        for n in options.prompts:
            yield Row("prefill", f"prefill {n:,}", "tokens/s", n), "prefill", {"tokens": n}
    if "batch" in options.rows:
        for n in options.batches:
            job = {"sequences": n, "context": BEHIND, "steps": STEPS_OF_MANY, "room": BEHIND}
            yield Row("batch", f"decode of {n}", "tokens/s", n), "decode", job


def fill(row: Row, repeats: int, measure: Measure) -> Row:
    """Measure the pairs of a row; as many again if they disagree."""
    for more in range(2):
        if more and not row.wide:
            break
        for i in range(repeats):
            progress(f"{row.name}: {i + 1 + more * repeats} of {(1 + more) * repeats}")
            a, b, others = measure()
            row.pairs.append((a, b))
            row.others.append(others)
    progress("")
    print(row.line(), flush=True)
    return row


def progress(text: str) -> None:
    """Where the run is, on a terminal; nothing in a file."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def start(options: argparse.Namespace, ours: bool) -> tuple[Engine, dict[str, Any]]:
    """One engine with the model loaded, and what it says of itself."""
    module = "peers.ours" if ours else PEERS[options.peer]
    python = sys.executable if ours else options.peer_python
    model = options.packed or options.model if ours else options.model
    engine = Engine([python, "-m", module, str(model), str(options.threads), str(options.chunk)])
    try:
        return engine, engine.ask("about")
    except BaseException:
        engine.close()
        raise


def load_row(options: argparse.Namespace) -> Row:
    """From opening the file, which is in the page cache, to the first token; a new process each time."""

    def once(ours: bool) -> tuple[float, float]:
        others = Others([])
        engine, about = start(options, ours)
        others.mine.append(engine.process.pid)
        share = others.share()
        engine.close()
        return float(about["load_s"]), share

    def both() -> tuple[float, float, float]:
        wait_for_quiet(options.quiet, [])
        (a, others), (b, more) = once(True), once(False)
        return a, b, max(others, more)

    return fill(Row("load", "load to first token", "s", sooner=True), options.repeats, both)


def bandwidth(engine: Engine, repeats: int) -> str:
    """How near our decode of one sequence behind nothing comes to what memory gives, measured in turns."""
    reached, possible = [], []
    for _ in range(repeats):
        reading = engine.ask("reading")
        tokens = engine.ask("decode", sequences=1, context=0, steps=STEPS, room=0)
        possible += [reading["rate"], engine.ask("reading")["rate"]]
        reached.append(reading["per_token"] * tokens)
    share = statistics.median(r / statistics.mean(possible[2 * i : 2 * i + 2]) for i, r in enumerate(reached))
    speed, limit = statistics.median(reached) / 1e9, statistics.median(possible) / 1e9
    return f"decode behind 0 reads {speed:.1f} GB/s of weights, memory gives {limit:.1f} GB/s: {share:.0%}"


def memory_rows(pair: Pair) -> list[Row]:
    """After everything else has run; a mapped file counts as resident as long as memory is not short."""
    a, b = pair.ours.memory, pair.theirs.memory
    rows = [
        Row("memory", "peak resident (less is better)", "GiB", pairs=[(a.peak, b.peak)]),
        Row("memory", "resident without the file (less is better)", "GiB", pairs=[(a.own, b.own)]),
    ]
    for row in rows:
        print(row.line(), flush=True)
    return rows


def warm(path: Path) -> None:
    """Read the file once, so that nobody pays for the disk."""
    progress("reading the file")
    block = bytearray(1 << 24)
    with path.open("rb", buffering=0) as file:
        while file.readinto(block):
            pass
    progress("")


def measure(options: argparse.Namespace) -> tuple[dict[str, Any], list[Row]]:
    """What was measured, and all rows."""
    about: dict[str, Any] = {
        "date": date.today().isoformat(),
        "peer": options.peer,
        "command": "python " + " ".join(sys.argv),
        "commit": commit(),
        "threads": options.threads,
        "load average before": round(load_average(), 2),
        "machine": machine(),
    }
    for path in [options.model, *([] if options.packed is None else options.packed.rglob("*.quatre"))]:
        warm(path)
    print(head(options.peer), flush=True)
    rows = [load_row(options)] if "load" in options.rows else []
    with ExitStack() as stack:
        engines: list[Engine] = []
        for name, ours in (("Quatre", True), (options.peer, False)):
            progress(f"{name}: loading")
            engine, said = start(options, ours)
            engines.append(stack.enter_context(engine))
            about[name] = f"{said['engine']} ({said['features']})"
        pair = Pair(engines[0], engines[1], options.quiet)
        for row, job, arguments in speed_rows(options):
            rows.append(fill(row, options.repeats, partial(pair.ask, job, **arguments)))
        if "memory" in options.rows:
            rows += memory_rows(pair)
        if "decode" in options.rows:
            about["bandwidth"] = bandwidth(pair.ours, 2 * options.repeats)
    return about, rows


def numbers(text: str) -> list[int]:
    """A comma-separated list of whole numbers; empty for none."""
    return [int(part) for part in text.split(",") if part]


def kinds(text: str) -> list[str]:
    """A comma-separated list of kinds of rows."""
    chosen = text.split(",")
    if unknown := sorted(set(chosen) - set(KINDS)):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: expected some of {', '.join(KINDS)}")
    return chosen


def arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description="Quatre against llama.cpp or ik_llama.cpp on one GGUF file.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--packed", type=Path, help="the same model as `quatre convert` packed it, for our side")
    parser.add_argument("--peer", choices=PEERS, default="llama.cpp")
    parser.add_argument("--peer-python", default=sys.executable, help="an interpreter with the peer's Python package")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=kinds, default=list(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--contexts", type=numbers, default=[0, 4096, 16384])
    parser.add_argument("--prompts", type=numbers, default=[512, 4096])
    parser.add_argument("--batches", type=numbers, default=[1, 4, 16, 32, 64, 128])
    parser.add_argument("--chunk", type=int, default=512, help="tokens of a prompt computed at once, by both")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quiet", type=float, default=10.0, help="seconds to wait before a pair for others to finish")
    parser.add_argument("--out", type=Path, default=Path("vs_llamacpp"), help="a folder for the table, a plot and JSON")
    return parser.parse_args()


def main() -> None:
    """Measure and write."""
    options = arguments()
    if not options.model.is_file():
        raise SystemExit(f"{options.model} is not a file; give a GGUF file, such as true_shapes.py writes")
    try:
        about, rows = measure(options)
    except WorkerError as error:
        raise SystemExit(str(error)) from error
    for name, value in about.items():
        print(f"{name}: {value}")
    for path in write(options.out, about, rows):
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
