"""The code books of the IQ formats: points of a grid that stand for 4 or 8 numbers each, without their signs.

The authors of llama.cpp found them by trial, so nothing computes them: ``grids.bin`` holds for each number its place in
the list of levels, 2 bits for up to four levels and 4 bits for eight, lowest first. Written by
``tests/formats/make_grids.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Bytes, Floats

FILE = Path(__file__).with_name("grids.bin")


@dataclass(frozen=True)
class Grid:
    """``points`` of ``width`` numbers, each one of ``levels``."""

    points: int
    width: int
    levels: tuple[int, ...]

    @property
    def bits(self) -> int:
        """Of a number in the file."""
        return 2 if len(self.levels) <= 4 else 4

    @property
    def nbytes(self) -> int:
        """What it takes in the file."""
        return self.points * self.width * self.bits // 8


TWO_BITS = (8, 25, 43)
GRIDS = {
    "iq2_xxs": Grid(256, 8, TWO_BITS),
    "iq2_xs": Grid(512, 8, TWO_BITS),
    "iq2_s": Grid(1024, 8, TWO_BITS),
    "iq3_xxs": Grid(256, 4, (4, 12, 20, 28, 36, 44, 52, 62)),
    "iq3_s": Grid(512, 4, (1, 3, 5, 7, 9, 11, 13, 15)),
    "iq1": Grid(2048, 8, (-1, 0, 1)),
}
"""In the order of the file."""

EVEN = np.array([bits | (bits.bit_count() % 2) << 7 for bits in range(128)], np.uint8)


@cache
def points(name: str) -> Floats:
    """float32 ``[points, width]``."""
    grid, start = GRIDS[name], 0
    for before, other in GRIDS.items():
        if before == name:
            break
        start += other.nbytes
    packed = np.fromfile(FILE, np.uint8, grid.nbytes, offset=start)
    places = packed[:, None] >> np.arange(0, 8, grid.bits, dtype=np.uint8) & np.uint8(2**grid.bits - 1)
    numbers: Floats = np.array(grid.levels, np.float32)[places].reshape(grid.points, grid.width)
    return numbers


def signs(masks: Bytes) -> Floats:
    """Bits of bytes ``[...]`` → 1 or -1, ``[..., 8]``; a bit that is set makes its number negative."""
    bits = masks[..., None] >> np.arange(8, dtype=np.uint8) & np.uint8(1)
    return np.float32(1) - np.float32(2) * bits.astype(np.float32)


def with_parity(seven: NDArray[np.integer]) -> Bytes:
    """The lowest 7 bits are signs, and the number of negative ones is even, which gives the eighth."""
    masks: Bytes = EVEN[seven & 127]
    return masks
