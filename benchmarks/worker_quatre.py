"""Quatre's side of ``vs_llamacpp.py``: answers measuring jobs, one JSON line in and one out."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
from numpy.typing import NDArray

from quatre.checkpoint.load import load
from quatre.ops.interface import Batch
from quatre.ops.native_backend import NativeOps

PAGE = 32


def batch(sequences: int, context: int, tokens: int, absorbed: bool) -> Batch:
    """``tokens`` new tokens of each of ``sequences`` sequences behind ``context`` cached ones."""
    pages = -(-(context + tokens) // PAGE)
    ids = np.random.default_rng(0).integers(300, 1000, sequences * tokens)
    return Batch(
        ids=ids.astype(np.int32),
        positions=np.tile(np.arange(context, context + tokens, dtype=np.int32), sequences),
        starts=(np.arange(sequences + 1) * tokens).astype(np.int32),
        contexts=np.full(sequences, context + tokens, np.int32),
        page_tables=np.arange(sequences * pages, dtype=np.int32).reshape(sequences, pages),
        page_size=PAGE,
        absorbed=np.full(sequences, absorbed),
    )


class Worker:
    """A loaded model and the three things that are timed."""

    def __init__(self, path: str, threads: int) -> None:
        start = time.perf_counter()
        self.model = load(path, NativeOps(threads=threads)).model
        self.load_s = time.perf_counter() - start

    def step(self, cache: list[object], step: Batch) -> NDArray[np.float32]:
        last = (step.starts[1:] - 1).astype(np.int32)
        return self.model.ops.to_numpy(self.model.logits(self.model.hidden(step, cache, last)))

    def prefill(self, tokens: int) -> float:
        """Tokens per second of one prompt, logits of its last token."""
        cache = self.model.new_cache(-(-tokens // PAGE), PAGE)
        start = time.perf_counter()
        for at in range(0, tokens, 512):
            self.step(cache, batch(1, at, min(512, tokens - at), False))
        return tokens / (time.perf_counter() - start)

    def decode(self, sequences: int, context: int, steps: int) -> float:
        """Tokens per second of all sequences together, each behind ``context`` cached tokens.

        The cached tokens are zeros: what they say changes no time.
        """
        pages = -(-(context + steps + 1) // PAGE)
        cache = self.model.new_cache(sequences * pages, PAGE)
        self.step(cache, batch(sequences, context, 1, True))
        times = []
        for i in range(steps):
            step = batch(sequences, context + i, 1, True)
            start = time.perf_counter()
            self.step(cache, step)
            times.append(time.perf_counter() - start)
        return sequences / float(np.median(times))


def main() -> None:
    """Jobs on standard input, results on standard output."""
    worker = Worker(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({"load_s": worker.load_s}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        value = getattr(worker, job.pop("job"))(**job)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"value": value, "peak_gib": peak}), flush=True)


if __name__ == "__main__":
    main()
