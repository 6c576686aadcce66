"""4-bit codes with a scale and an offset per group of 32: Q4_1."""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, from_f16, from_nibbles, nibbles, rows_of

GROUP = 32


def _decode(data: Bytes) -> Floats:
    blocks = blocks_of(data, 20)
    scale, offset = f16(blocks[:, :2]), f16(blocks[:, 2:4])
    return rows_of(data, scale * nibbles(blocks[:, 4:]).astype(np.float32) + offset)


def _encode(values: Floats) -> Bytes:
    groups = values.reshape(-1, GROUP)
    low = groups.min(-1, keepdims=True)
    scale = (groups.max(-1, keepdims=True) - low) / np.float32(15)
    codes = np.divide(groups - low, scale, out=np.zeros_like(groups), where=scale > 0)
    packed = from_nibbles(np.clip(np.rint(codes), 0, 15).astype(np.uint8))
    return rows_of(values, np.concatenate((from_f16(scale), from_f16(low), packed), -1))


Q4_1 = Format("q4_1", GROUP, 20, _decode, _encode)
