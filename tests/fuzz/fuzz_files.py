"""Damaged files without end: packed, safetensors, GGUF, vocabularies, headers, pictures. ``make fuzz MINUTES=10``.

    PYTHONPATH=tests python tests/fuzz/fuzz_files.py --minutes 10
    PYTHONPATH=tests python tests/fuzz/fuzz_files.py --subjects packed --seed 7 --first 1234 --cases 1   # one again

Each case must end in a sentence (a QuatreError) or in a model that computes. A batch of cases is a process; one that
dies, raises anything else, runs out of memory or does not end is reported with the way to see it again, and the files
are kept in ``build/fuzz``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")
KEPT = Path("build/fuzz")
SUBJECTS = (
    *("gguf", "gguf-nvfp4", "mmproj", "hf", "fp8", "nvfp4", "packed", "tekken"),
    *("png", "jpeg", "webp", "gif", "bmp"),
)
SILENCE_S = 120  # between two cases, on a machine that has other things to do
SHOWN = 4000  # characters of a traceback


@dataclass(frozen=True)
class Batch:
    """What became of one: cases that ran, how many of them were refused, and what the last one died of, if it did."""

    cases: int
    refused: int
    last: int
    failure: str


def run_batch(subject: str, folder: Path, seed: int, first: int, count: int, silence: float) -> Batch:
    """A process of ``count`` cases in an empty folder."""
    command = [sys.executable, str(WORKER), subject, str(folder), str(seed), str(first), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stderr is not None
        errors: list[str] = []
        reading = threading.Thread(target=lambda: errors.extend(worker.stderr or ()))
        reading.start()
        cases, refused, hung = 0, 0, threading.Event()
        watch = Watch(silence, worker, hung)
        for line in worker.stdout:
            watch.again()
            if line.startswith("refused"):
                refused = int(line.split()[1])
            else:
                cases += 1
        watch.stop()
        reading.join()
        status = worker.wait()
    failure = ""
    if hung.is_set():
        failure = f"nothing for {silence:g} s"
    elif status:
        failure = f"exit status {status}\n{''.join(errors)[-SHOWN:]}"
    return Batch(cases, refused, first + cases - 1, failure)


class Watch:
    """Kills a worker that says nothing for too long."""

    def __init__(self, seconds: float, worker: subprocess.Popen[str], hung: threading.Event) -> None:
        self._seconds, self._worker, self._hung = seconds, worker, hung
        self.again()

    def again(self) -> None:
        """It said something."""
        if hasattr(self, "_timer"):
            self._timer.cancel()
        self._timer = threading.Timer(self._seconds, self._kill)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """It has ended."""
        self._timer.cancel()

    def _kill(self) -> None:
        self._hung.set()
        self._worker.kill()


def fuzz(subjects: list[str], seed: int, first: int, per_batch: int, minutes: float) -> int:
    """Batches in turn until the time is over (one of each at least); how many cases failed."""
    end = time.monotonic() + 60 * minutes
    cases: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    failures = 0
    at = dict.fromkeys(subjects, first)
    while True:
        for subject in subjects:
            with tempfile.TemporaryDirectory() as parent:
                folder = Path(parent) / "files"
                folder.mkdir()
                batch = run_batch(subject, folder, seed, at[subject], per_batch, SILENCE_S)
                if batch.failure:
                    failures += 1
                    _report(subject, seed, batch, folder)
            cases[subject] += batch.cases
            refused[subject] += batch.refused
            at[subject] = batch.last + 1
            if time.monotonic() >= end and all(cases.values()) and len(cases) == len(subjects):
                print(_table(cases, refused, failures))
                return failures


def _report(subject: str, seed: int, batch: Batch, folder: Path) -> None:
    kept = KEPT / f"{subject}-{seed}-{batch.last}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    print(f"{subject}, case {batch.last} of seed {seed}: {batch.failure}")
    print(f"  files: {kept}; again: --subjects {subject} --seed {seed} --first {batch.last} --cases 1", flush=True)


def _table(cases: Counter[str], refused: Counter[str], failures: int) -> str:
    rows = [f"{name:8} {count:8,} cases, {refused[name]:8,} refused" for name, count in cases.items()]
    return "\n".join([*rows, f"{'all':8} {cases.total():8,} cases, {failures} failed"])


def main() -> None:
    """Exit status 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0, help="until then; at least one batch of each")
    parser.add_argument("--subjects", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=int, default=300, help="of a batch")
    options = parser.parse_args()
    if fuzz(options.subjects, options.seed, options.first, options.cases, options.minutes):
        sys.exit(1)


if __name__ == "__main__":
    main()
