"""One-bit code books, blocks of 256 numbers: IQ1_S, IQ1_M.

Eight numbers are a point of a grid of 2048 whose numbers are -1, 0 or 1 (grids.py), all moved by an eighth up or down,
times ``d · (2 scale + 1)`` for each 32 (S) or 16 numbers (M). The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, nibble_pairs, rows_of
from quatre.formats.grids import points
from quatre.formats.iq2 import EIGHTH, GROUP, odd

THREES = np.array([0, 3, 6, 9], np.uint16)  # where a word holds fields of three bits


def _numbers(data: Bytes, scales: Floats, index: NDArray[np.int16], down: NDArray[np.bool_]) -> Floats:
    """``[blocks, k]`` scales; ``[blocks, 32]`` points, and whether each is moved down."""
    moved = points("iq1")[index] + np.where(down, -EIGHTH, EIGHTH)[..., None]
    return rows_of(data, (scales[..., None] * moved.reshape(*scales.shape, -1)).reshape(-1, GROUP))


def _decode_iq1_s(data: Bytes) -> Floats:
    """50 bytes: float16, 32 bytes of points, and for each 32 numbers 4 · 3 more bits, 3 of scale, one of direction."""
    blocks = blocks_of(data, 50)
    words = np.ascontiguousarray(blocks[:, 34:]).view("<u2")
    high = (words[..., None] >> THREES & np.uint16(7)).reshape(-1, 32)
    index = blocks[:, 2:34].astype(np.int16) | high.astype(np.int16) << 8
    scales = f16(blocks[:, :2]) * odd((words >> 12 & 7).astype(np.uint8))
    return _numbers(data, scales, index, np.repeat(words >= 0x8000, 4, -1))


def _decode_iq1_m(data: Bytes) -> Floats:
    """56 bytes: 32 of points, 32 nibbles of 3 more bits and a direction, 4 words of 4 · 3 bits of scale.

    The upper four bits of those words are a float16, lowest first.
    """
    blocks = blocks_of(data, 56)
    nibbles = nibble_pairs(blocks[:, 32:48])
    index = blocks[:, :32].astype(np.int16) | (nibbles & 7).astype(np.int16) << 8
    words = np.ascontiguousarray(blocks[:, 48:]).view("<u2")
    d = np.bitwise_or.reduce(words >> 12 << np.array([0, 4, 8, 12], np.uint16), -1).view("<f2").astype(np.float32)
    scales = d[:, None] * odd((words[..., None] >> THREES & np.uint16(7)).reshape(-1, 16).astype(np.uint8))
    return _numbers(data, scales, index, nibbles >= 8)


IQ1_S = Format("iq1_s", GROUP, 50, _decode_iq1_s)
IQ1_M = Format("iq1_m", GROUP, 56, _decode_iq1_m)
