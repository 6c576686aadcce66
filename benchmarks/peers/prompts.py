"""The token ids that every engine is given: the same ones, so that the same experts are chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 300, 30_000  # ordinary words of every vocabulary measured here


def token_ids(sequence: int, first: int, last: int) -> NDArray[np.int32]:
    """The ids at positions ``first`` to ``last - 1`` of a sequence; the same for every engine and run.

    A hash (splitmix64) and not a generator: a worker asks for any position at any time, and must not grow by a table.
    """
    x = (np.uint64(sequence) << np.uint64(32)) + np.arange(first, last, dtype=np.uint64)
    x = (x + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (LOWEST + (x ^ (x >> np.uint64(31))) % np.uint64(HIGHEST - LOWEST)).astype(np.int32)
