"""What the engine costs beside the model: scheduling, packing, sampling, cache bookkeeping, telling the listeners.

    python benchmarks/engine_overhead.py [--sequences 128] [--steps 200] [--vocab 131072] [--context 1024]

The engine's own loop runs with a model that computes nothing: its logits are ready rows. So a step's whole time is the
engine's. Steps are timed from one call of the model to the next, without the call.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import threading
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, Request, SamplingParams
from quatre.ops.interface import Batch

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

    def __init__(self, vocab: int, sequences: int, profile: cProfile.Profile | None) -> None:
        self.ops = self
        self.vocab_size = vocab
        self.ready = np.random.default_rng(0).standard_normal((sequences, vocab), np.float32) * 4
        self.steps: list[tuple[int, float]] = []  # tokens of a step, and the time from the last one to it
        self.profile = profile
        self._left = 0.0

    def new_cache(self, *_: int) -> list[NDArray[np.float32]]:
        return []

    def hidden(self, batch: Batch, _: object, wanted: NDArray[np.int32]) -> NDArray[np.float32]:
        if self._left:
            self.steps.append((len(batch.ids), perf_counter() - self._left))
        if self.profile is not None and len(self.steps) == WARM_UP:
            self.profile.enable()
        return np.zeros((len(wanted), 1), np.float32)

    def logits(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = self.ready[: len(hidden)]
        self._left = perf_counter()
        return logits

    def rows(self, x: NDArray[np.float32], index: NDArray[np.int32]) -> NDArray[np.float32]:
        return x[index]

    def to_numpy(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x


def measure(params: SamplingParams, options: argparse.Namespace, profile: cProfile.Profile | None) -> list[float]:
    """Milliseconds between two calls of the model, for each decode step of all sequences."""
    total, steps = options.context + options.steps, options.steps
    config = EngineConfig(
        max_model_len=total + 2,
        max_num_seqs=options.sequences,
        max_num_batched_tokens=(options.context + 1) * options.sequences,
        kv_cache_memory=(total + 64) * options.sequences,
    )
    model = Nothing(options.vocab, options.sequences, profile)
    engine = Engine(model, config)  # type: ignore[arg-type]
    ended = threading.Semaphore(0)

    def listen(event: Event) -> None:
        if event.finish_reason is not None:
            ended.release()

    rng = np.random.default_rng(1)
    params = SamplingParams(**{**vars(params), "max_tokens": steps})
    for i in range(options.sequences):
        prompt = rng.integers(0, options.vocab, options.context).tolist()
        engine.submit(Request(id=str(i), prompt=prompt, params=params), listen)
    for _ in range(options.sequences):
        ended.acquire()
    engine.close()
    return [1e3 * seconds for tokens, seconds in model.steps if tokens == options.sequences][WARM_UP:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The engine's own time per step.")
    parser.add_argument("--sequences", type=int, default=128)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--vocab", type=int, default=131072)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--profile", action="store_true", help="where the time goes, for the first kind")
    options = parser.parse_args()
    if options.profile:
        profile = cProfile.Profile()
        measure(KINDS["greedy"], options, profile)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    print(f"{options.sequences} sequences, {options.vocab} tokens in the vocabulary, ms per step")
    for name, params in KINDS.items():
        times = sorted(measure(params, options, None))
        print(f"{name:30} median {statistics.median(times):6.2f}   90 % below {times[int(len(times) * 0.9)]:6.2f}")


if __name__ == "__main__":
    main()
