"""How much of a decode step is Python, at the full depth of Mistral Small 4.

    python benchmarks/python_share.py MODEL.gguf [--layers 36] [--threads N] [--steps 30]

The model may have fewer layers, such as true_shapes.py writes: they are taken several times over. A step is timed in
turns as it is, and with every kernel replaced by a function that does nothing; what remains is Python, NumPy included.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from peers.ours import Worker


class NoKernels:
    """Takes every call and does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def deepen(worker: Worker, layers: int) -> None:
    """Repeat the layers, and their caches, until there are ``layers``."""
    model = worker.model
    times = -(-layers // len(model.layers))
    model.layers = (model.layers * times)[:layers]
    worker.cache = (worker.cache * times)[:layers]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The share of Python in a decode step of one sequence.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    worker = Worker(str(options.model), options.threads, 512)
    deepen(worker, options.layers)
    real, none = worker.ops.core, NoKernels()
    whole, python = [], []
    for step in range(options.steps):
        worker.ops.core = real
        whole.append(worker.decode_step([0], step))
        worker.ops.core = none
        python.append(worker.decode_step([0], step))
    a, b = statistics.median(whole), statistics.median(python)
    print(f"{options.layers} layers: a step takes {1e3 * a:.1f} ms, of which Python {1e3 * b:.2f} ms ({b / a:.2%})")


if __name__ == "__main__":
    main()
