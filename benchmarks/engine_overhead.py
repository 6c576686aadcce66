"""What the engine costs beside the model: scheduling, packing, sampling, cache bookkeeping, telling the listeners.

    python benchmarks/engine_overhead.py [MODEL] [--sequences 128] [--steps 200] [--vocab 131072] [--context 1024]

The engine's own loop runs, by default with a model that computes nothing: its logits are ready rows. A step's time is
counted from one call of the model to the next, without the call. With MODEL the last column is the model's share of the
whole: how near the engine's throughput is to that of its kernels.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.checkpoint.load import load
from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, Request, SamplingParams
from quatre.ops.interface import Batch
from quatre.ops.native_backend import NativeOps

WARM_UP = 20  # steps
KINDS = {
    "greedy": SamplingParams(temperature=0),
    "temperature 0.7": SamplingParams(temperature=0.7, seed=1),
    "temperature 0.7, top-p 0.95": SamplingParams(temperature=0.7, top_p=0.95, seed=1),
    "temperature 0.7, top-k 50": SamplingParams(temperature=0.7, top_k=50, seed=1),
}


class Nothing:
    """The ops that the engine itself calls, and a model whose logits cost nothing."""

    max_positions = 1 << 18
    cache_bytes_per_token = 1
    one_form = False

    def __init__(self, vocab: int, sequences: int) -> None:
        self.ops = self
        self.vocab_size = vocab
        self.ready = np.random.default_rng(0).standard_normal((sequences, vocab), np.float32) * 4

    def new_cache(self, *_: int) -> list[NDArray[np.float32]]:
        return []

    def hidden(self, _batch: Batch, _cache: object, wanted: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.zeros((len(wanted), 1), np.float32)

    def logits(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.ready[: len(hidden)]

    def rows(self, x: NDArray[np.float32], index: NDArray[np.int32]) -> NDArray[np.float32]:
        return x[index]

    def to_numpy(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x


class Timed:
    """A model that notes the tokens of each step, the seconds before it, and its own."""

    def __init__(self, model: Any, profile: cProfile.Profile | None) -> None:
        self._model = model
        self._profile = profile
        self._left = 0.0
        self.steps: list[tuple[int, float, float]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def hidden(self, batch: Batch, *rest: Any) -> Any:
        entered = perf_counter()
        before = entered - self._left
        if self._profile is not None and len(self.steps) == WARM_UP:
            self._profile.enable()
        hidden = self._model.hidden(batch, *rest)
        self._left = perf_counter()
        self.steps.append((len(batch.ids), before, self._left - entered))
        return hidden

    def logits(self, hidden: Any) -> Any:
        logits = self._model.logits(hidden)
        now = perf_counter()
        tokens, before, inside = self.steps[-1]
        self.steps[-1] = tokens, before, inside + now - self._left
        self._left = now
        return logits


def measure(
    inner: Any, params: SamplingParams, options: argparse.Namespace, profile: cProfile.Profile | None
) -> list[tuple[float, float]]:
    """Milliseconds beside the model and in it, for each decode step of all sequences."""
    total, count = options.context + options.steps, options.sequences
    config = EngineConfig(
        max_model_len=total + 2,
        max_num_seqs=count,
        max_num_batched_tokens=(options.context + 1) * count,
        kv_cache_memory=(total + 64) * count * inner.cache_bytes_per_token,
    )
    model = Timed(inner, profile)
    engine = Engine(model, config)  # type: ignore[arg-type]
    ended = threading.Semaphore(0)

    def listen(event: Event) -> None:
        if event.finish_reason is not None:
            ended.release()

    rng = np.random.default_rng(1)
    params = SamplingParams(**{**vars(params), "max_tokens": options.steps})
    prompt = rng.integers(0, inner.vocab_size, options.context).tolist()  # the same for all, so that all begin together
    for i in range(count):
        engine.submit(Request(id=str(i), prompt=prompt, params=params), listen)
    for _ in range(count):
        ended.acquire()
    engine.close()
    return [(1e3 * beside, 1e3 * inside) for tokens, beside, inside in model.steps[1:] if tokens == count][WARM_UP:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The engine's own time per step.")
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--sequences", type=int, default=128)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--vocab", type=int, default=131072)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--profile", action="store_true", help="where the time goes, for the first kind")
    options = parser.parse_args()
    model: Any = Nothing(options.vocab, options.sequences)
    if options.model:
        model = load(options.model, NativeOps()).model
    if options.profile:
        profile = cProfile.Profile()
        measure(model, KINDS["greedy"], options, profile)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    print(f"{options.sequences} sequences, {model.vocab_size} tokens in the vocabulary; medians, ms per step")
    for name, params in KINDS.items():
        beside, inside = (
            statistics.median(times) for times in zip(*measure(model, params, options, None), strict=True)
        )
        share = inside / (beside + inside)
        print(f"{name:28} engine {beside:6.2f}   model {inside:7.2f}   the model's share {share:6.1%}", flush=True)


if __name__ == "__main__":
    main()
