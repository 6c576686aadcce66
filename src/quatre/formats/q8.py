"""8-bit groups: Q8_0, 32 signed bytes and one float16 scale."""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, from_f16, rows_of

GROUP = 32


def _decode(data: Bytes) -> Floats:
    blocks = blocks_of(data, 34)
    return rows_of(data, f16(blocks[:, :2]) * blocks[:, 2:].view(np.int8).astype(np.float32))


def _encode(values: Floats) -> Bytes:
    groups = values.reshape(-1, GROUP)
    scale = np.abs(groups).max(-1, keepdims=True) / np.float32(127)
    codes = np.rint(np.divide(groups, scale, out=np.zeros_like(groups), where=scale > 0)).astype(np.int8)
    return rows_of(values, np.concatenate((from_f16(scale), codes.view(np.uint8)), -1))


Q8_0 = Format("q8_0", GROUP, 34, _decode, _encode)
