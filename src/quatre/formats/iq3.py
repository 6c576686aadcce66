"""Three-bit code books, blocks of 256 numbers: IQ3_XXS, IQ3_S.

Four numbers are a point of a grid of 256 or 512 (grids.py), times signs, times a scale for each 32 numbers:
``d / 4 · (2 scale + 1)`` in XXS, ``d · (2 scale + 1)`` in S. The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, nibble_pairs
from quatre.formats.grids import points, signs, with_parity
from quatre.formats.iq2 import GROUP, SEVENS, numbers, odd


def _decode_iq3_xxs(data: Bytes) -> Floats:
    """98 bytes: float16, 64 bytes of points, and for each 32 numbers a word: 4 · 7 signs, 4 bits of scale."""
    blocks = blocks_of(data, 98)
    words = np.ascontiguousarray(blocks[:, 66:]).view("<u4")
    scales = f16(blocks[:, :2]) * np.float32(0.25) * odd((words >> 28).astype(np.uint8))
    return numbers(data, scales, points("iq3_xxs")[blocks[:, 2:66]], signs(with_parity(words[..., None] >> SEVENS)))


def _decode_iq3_s(data: Bytes) -> Floats:
    """110 bytes: float16, 64 bytes of points, 8 with a ninth bit of each, 32 of signs, 8 scales of 4 bits."""
    blocks = blocks_of(data, 110)
    ninth = blocks[:, 66:74, None] >> np.arange(8, dtype=np.uint8) & np.uint8(1)
    index = blocks[:, 2:66].astype(np.int16) | ninth.reshape(-1, 64).astype(np.int16) << 8
    scales = f16(blocks[:, :2]) * odd(nibble_pairs(blocks[:, 106:]))
    return numbers(data, scales, points("iq3_s")[index], signs(blocks[:, 74:106]))


IQ3_XXS = Format("iq3_xxs", GROUP, 98, _decode_iq3_xxs)
IQ3_S = Format("iq3_s", GROUP, 110, _decode_iq3_s)
