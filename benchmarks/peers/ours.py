"""Quatre's worker: the model as the engine steps it, without the engine's bookkeeping, as llama_decode is timed too."""

from __future__ import annotations

import sys
import time
from dataclasses import fields, is_dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from peers.answering import answers_only, serve
from peers.prompts import token_ids
from quatre.checkpoint.load import load
from quatre.ops import _native
from quatre.ops.interface import Batch, Experts
from quatre.ops.native_backend import NativeOps

PAGE = 32  # the engine's default
READ_BYTES = 1 << 29


class Worker:
    """A loaded model, one cache at a time, and how many tokens of each sequence that cache holds."""

    def __init__(self, path: str, threads: int, chunk: int) -> None:
        self.chunk = chunk
        self.room = self.sequences = 0
        start = time.perf_counter()
        self.ops = NativeOps(threads=threads)
        self.model = load(path, self.ops).model
        self.open(chunk, 1)
        self.decode_step([0], 0)
        self.load_s = time.perf_counter() - start

    def about(self) -> dict[str, Any]:
        """What was measured."""
        built = sha256(Path(_native.__file__).read_bytes()).hexdigest()[:12]
        features = f"{self.ops.isa}, kernels {built}"
        return {"engine": f"quatre {version('quatre')}", "features": features, "load_s": self.load_s}

    def reading(self) -> dict[str, float]:
        """Bytes of weights per decoded token, and how many bytes a second the same threads read of memory."""
        chosen = getattr(self.model.config, "n_experts_per_tok", 0)
        weights = [*self.model.layers, self.model.output]
        return {"per_token": bytes_read(weights, chosen), "rate": self.ops.core.read_rate(READ_BYTES)}

    def open(self, tokens: int, sequences: int) -> None:
        """A cache with room for ``tokens`` per sequence; the present one if it has that."""
        if self.sequences == sequences and self.room >= tokens:
            return
        pages = -(-tokens // PAGE)
        self.cache = self.model.new_cache(sequences * pages, PAGE)
        self.tables = np.arange(sequences * pages, dtype=np.int32).reshape(sequences, pages)
        self.room, self.sequences, self.held = tokens, sequences, 0

    def run(self, sequences: list[int], first: int, last: int, *, absorbed: bool, logits: bool = True) -> float:
        """Seconds of one step: positions ``first`` to ``last - 1`` of each sequence, logits of the last if wanted."""
        count, n = last - first, len(sequences)
        step = Batch(
            ids=np.concatenate([token_ids(s, first, last) for s in sequences]),
            positions=np.tile(np.arange(first, last, dtype=np.int32), n),
            starts=(np.arange(n + 1) * count).astype(np.int32),
            contexts=np.full(n, last, np.int32),
            page_tables=self.tables[sequences],
            page_size=PAGE,
            absorbed=np.full(n, absorbed),
        )
        wanted = (step.starts[1:] - 1).astype(np.int32) if logits else np.empty(0, np.int32)
        start = time.perf_counter()
        hidden = self.model.hidden(step, self.cache, wanted)
        if logits:
            self.ops.to_numpy(self.model.logits(hidden))
        return time.perf_counter() - start

    def fill(self, sequence: int, first: int, last: int) -> float:
        """Seconds to prefill the positions ``first`` to ``last - 1`` of one sequence; logits of the last only."""
        ends = [(at, min(last, at + self.chunk)) for at in range(first, last, self.chunk)]
        return sum(self.run([sequence], at, end, absorbed=False, logits=end == last) for at, end in ends)

    def decode_step(self, sequences: list[int], position: int) -> float:
        """Seconds for one more token of each sequence."""
        return self.run(sequences, position, position + 1, absorbed=True)

    def prefill(self, tokens: int) -> float:
        """Tokens per second of one prompt."""
        self.open(tokens, 1)
        rate = tokens / self.fill(0, 0, tokens)
        self.held = tokens
        return rate

    def decode(self, sequences: int, context: int, steps: int, room: int) -> float:
        """Tokens per second of all sequences together behind ``context`` tokens each; the first step is not timed.

        ``room`` is the longest context to come: what is filled now is kept until then.
        """
        self.open(room + steps + 1, sequences)
        for sequence in range(sequences):
            self.fill(sequence, min(self.held, context), context)
        self.held = context
        everyone = list(range(sequences))
        times = [self.decode_step(everyone, context + i) for i in range(steps + 1)]
        return sequences / float(np.median(times[1:]))


def bytes_read(weights: Any, chosen: int) -> int:
    """What one token makes the kernels read of a model's weights, with ``chosen`` experts of each mixture."""
    if isinstance(weights, _native.Matrix):
        return int(weights.nbytes)
    if isinstance(weights, Experts):
        routed = sum(w.nbytes for w in (weights.w1, weights.w3, weights.w2))
        return routed * chosen // weights.router.rows + bytes_read((weights.router, weights.shared), chosen)
    if is_dataclass(weights):
        weights = [getattr(weights, field.name) for field in fields(weights)]
    return sum(bytes_read(w, chosen) for w in weights) if isinstance(weights, list | tuple) else 0


def main() -> None:
    """``python -m peers.ours MODEL THREADS CHUNK``."""
    answers = answers_only()
    worker = Worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    jobs = {"about": worker.about, "reading": worker.reading, "prefill": worker.prefill, "decode": worker.decode}
    serve(jobs, answers)


if __name__ == "__main__":
    main()
