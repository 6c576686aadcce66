"""Numbers that are ``-d``, 0 or ``d``, blocks of 256: TQ1_0 (five in a byte), TQ2_0 (four).

A byte of TQ1_0 is a fraction of 256 in base three, rounded up, so that its first digit is what ``3 · byte`` carries
over 256, and the next one what ``3 · (3 · byte)`` does. The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, rows_of, two_bits

GROUP = 256


def _digits(field: Bytes, count: int) -> Bytes:
    """Bytes ``[blocks, k]`` → ``[blocks, count k]``: all first digits, then all second ones …"""
    moved = field[:, None] * np.array([3**i for i in range(count)], np.uint8)[:, None]  # without what is carried
    digits: Bytes = (moved.astype(np.uint16) * 3 >> 8).astype(np.uint8).reshape(len(field), -1)
    return digits


def _numbers(data: Bytes, d: Floats, codes: Bytes) -> Floats:
    return rows_of(data, d * (codes.astype(np.float32) - np.float32(1)))


def _decode_tq1_0(data: Bytes) -> Floats:
    """54 bytes: 32 and 16 of five digits, 4 of four, float16."""
    blocks = blocks_of(data, 54)
    runs = _digits(blocks[:, :32], 5), _digits(blocks[:, 32:48], 5), _digits(blocks[:, 48:52], 4)
    return _numbers(data, f16(blocks[:, 52:]), np.concatenate(runs, -1))


def _decode_tq2_0(data: Bytes) -> Floats:
    """66 bytes: two runs of 32 with all lowest pairs of bits first, float16."""
    blocks = blocks_of(data, 66)
    return _numbers(data, f16(blocks[:, 64:]), two_bits(blocks[:, :64], 2))


TQ1_0 = Format("tq1_0", GROUP, 54, _decode_tq1_0)
TQ2_0 = Format("tq2_0", GROUP, 66, _decode_tq2_0)
