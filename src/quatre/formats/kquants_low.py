"""K-quants of 2 and 3 bits: super-blocks of 256 numbers, 16 groups of 16: Q2_K, Q3_K.

Q2_K: each group ``d · scale · code - dmin · min`` with 4-bit scales and mins in one byte.
Q3_K: each group ``d · (scale - 32) · (code - 4)`` with 6-bit scales packed into 12 bytes, and the third bit of the
codes in a mask of their own. The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, rows_of, two_bits

GROUP = 256


def _decode_q2_k(data: Bytes) -> Floats:
    blocks = blocks_of(data, 84)
    scales, codes = blocks[:, :16], two_bits(blocks[:, 16:80], 2).reshape(-1, 16, 16)
    d = f16(blocks[:, 80:82]) * (scales & 15).astype(np.float32)
    m = f16(blocks[:, 82:84]) * (scales >> 4).astype(np.float32)
    return rows_of(data, (d[:, :, None] * codes.astype(np.float32) - m[:, :, None]).reshape(-1, GROUP))


def _six_bit_scales(field: Bytes) -> Bytes:
    """12 bytes → 16 scales: low nibbles in the first 8 bytes, the high pairs of bits in the last 4."""
    low = np.concatenate((field[:, :8] & 15, field[:, :8] >> 4), -1)
    scales: Bytes = low | (two_bits(field[:, 8:], 1) << 4)
    return scales


def _decode_q3_k(data: Bytes) -> Floats:
    blocks = blocks_of(data, 110)
    third = (blocks[:, None, :32] >> np.arange(8, dtype=np.uint8)[:, None]) & 1  # bit g of byte i: number 32 g + i
    codes = two_bits(blocks[:, 32:96], 2) | (third.reshape(-1, GROUP) << 2)
    centred = codes.astype(np.float32) - np.float32(4)
    d = f16(blocks[:, 108:110]) * (_six_bit_scales(blocks[:, 96:108]).astype(np.float32) - np.float32(32))
    return rows_of(data, (d[:, :, None] * centred.reshape(-1, 16, 16)).reshape(-1, GROUP))


Q2_K = Format("q2_k", GROUP, 84, _decode_q2_k)
Q3_K = Format("q3_k", GROUP, 110, _decode_q3_k)
