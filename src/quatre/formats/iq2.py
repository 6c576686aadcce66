"""Two-bit code books, blocks of 256 numbers: IQ2_XXS, IQ2_XS, IQ2_S.

Eight numbers are a point of a grid of 256, 512 or 1024 (grids.py), times signs, times ``d / 8 · (2 scale + 1)`` for
each 32 (XXS) or 16 numbers. XXS and XS store seven of eight signs. The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, nibble_pairs, rows_of
from quatre.formats.grids import points, signs, with_parity

GROUP = 256
SEVENS = np.array([0, 7, 14, 21], np.uint32)  # where a word holds the signs of each eight numbers
EIGHTH = np.float32(0.125)


def odd(scales: Bytes) -> Floats:
    """``2 scale + 1``, in float32."""
    return np.float32(2) * scales.astype(np.float32) + np.float32(1)


def numbers(data: Bytes, scales: Floats, point: Floats, sign: Floats) -> Floats:
    """Rows from ``[blocks, k]`` scales, each for as many points in turn, and signs of every eight numbers."""
    signed = point.reshape(sign.shape) * sign
    return rows_of(data, (scales[..., None] * signed.reshape(*scales.shape, -1)).reshape(-1, GROUP))


def _decode_iq2_xxs(data: Bytes) -> Floats:
    """66 bytes: float16, and for each 32 numbers four bytes of points, then a word: 4 · 7 signs, 4 bits of scale."""
    blocks = blocks_of(data, 66)
    groups = np.ascontiguousarray(blocks[:, 2:]).reshape(-1, 8, 8)
    words = groups[..., 4:].copy().view("<u4")[..., 0]  # [blocks, 8]
    scales = f16(blocks[:, :2]) * EIGHTH * odd((words >> 28).astype(np.uint8))
    return numbers(data, scales, points("iq2_xxs")[groups[..., :4]], signs(with_parity(words[..., None] >> SEVENS)))


def _decode_iq2_xs(data: Bytes) -> Floats:
    """74 bytes: float16, 32 words of 9 bits of a point and 7 signs, 16 scales of 4 bits."""
    blocks = blocks_of(data, 74)
    words = np.ascontiguousarray(blocks[:, 2:66]).view("<u2")
    scales = f16(blocks[:, :2]) * EIGHTH * odd(nibble_pairs(blocks[:, 66:]))
    return numbers(data, scales, points("iq2_xs")[words & 511], signs(with_parity(words >> 9)))


def _decode_iq2_s(data: Bytes) -> Floats:
    """82 bytes: float16, 32 bytes of points, 32 of signs, 8 with two more bits of each point, 16 scales of 4 bits."""
    blocks = blocks_of(data, 82)
    high = blocks[:, 66:74, None] >> np.array([0, 2, 4, 6], np.uint8) & np.uint8(3)
    index = blocks[:, 2:34].astype(np.int16) | high.reshape(-1, 32).astype(np.int16) << 8
    scales = f16(blocks[:, :2]) * EIGHTH * odd(nibble_pairs(blocks[:, 74:]))
    return numbers(data, scales, points("iq2_s")[index], signs(blocks[:, 34:66]))


IQ2_XXS = Format("iq2_xxs", GROUP, 66, _decode_iq2_xxs)
IQ2_XS = Format("iq2_xs", GROUP, 74, _decode_iq2_xs)
IQ2_S = Format("iq2_s", GROUP, 82, _decode_iq2_s)
