"""How long a prompt takes until its first token: by the tokens of a step, and when its beginning is in the cache.

    python benchmarks/prompts.py MODEL [--tokens 20000] [--own 64] [--batched 512 1024 2048 4096 8192] [--threads N]

For every ``--batched`` the same random prompt is read by a fresh engine; then one that shares all but its last
``--own`` tokens. Peak memory counts the whole process, the model's file and the cache included.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

import numpy as np

from quatre.checkpoint.load import load
from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, Request, SamplingParams
from quatre.model.decoder import Decoder
from quatre.ops.native_backend import NativeOps

GIB = 2**30


def first_token(engine: Engine, name: str, prompt: Sequence[int]) -> tuple[float, int]:
    """Seconds to the first token, and how much of the prompt was in the cache."""
    events: SimpleQueue[Event] = SimpleQueue()
    began = perf_counter()
    engine.submit(Request(id=name, prompt=prompt, params=SamplingParams(temperature=0, max_tokens=1)), events.put)
    event = events.get()
    assert event.error is None, event.error
    return perf_counter() - began, event.cached_tokens or 0


def peak_bytes() -> int:
    """Most memory that was resident since the last call."""
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return peak


def measure(model: Decoder, batched: int, tokens: int, own: int) -> None:
    """One row of the table."""
    rng = np.random.default_rng(0)
    first = rng.integers(0, model.vocab_size, tokens).tolist()
    second = first[: tokens - own] + rng.integers(0, model.vocab_size, own).tolist()
    room = tokens + 64
    config = EngineConfig(
        max_model_len=room,
        max_num_batched_tokens=batched,
        kv_cache_memory=2 * room * model.cache_bytes_per_token,
    )
    engine = Engine(model, config)
    try:
        first_token(engine, "warm up", first[:17])
        peak_bytes()
        cold, _ = first_token(engine, "first", first)
        peak = peak_bytes()
        warm, cached = first_token(engine, "second", second)
    finally:
        engine.close()
    print(
        f"{batched:>8} {cold:>10.2f} {tokens / cold:>10.0f} {peak / GIB:>10.2f} {warm:>10.3f} {warm / cold:>8.2%} "
        f"{cached:>8}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time to the first token of a long prompt.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=20000)
    parser.add_argument("--own", type=int, default=64)
    parser.add_argument("--batched", type=int, nargs="+", default=[2048])
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    model = load(options.model, NativeOps(threads=options.threads)).model
    print("batched   first, s   tokens/s  peak, GiB  second, s    share   cached")
    for batched in options.batched:
        measure(model, batched, options.tokens, options.own)


if __name__ == "__main__":
    main()
