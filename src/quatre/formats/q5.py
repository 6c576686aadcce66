"""5-bit groups of 32: Q5_0 (scale) and Q5_1 (scale and offset).

The low four bits lie as in the 4-bit formats; the fifth bit of number i is bit i of a 32-bit word before them.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, from_f16, from_nibbles, nibbles, rows_of

GROUP = 32


def _codes(field: Bytes) -> Floats:
    """20 bytes, the word of fifth bits and then the nibbles → codes 0 … 31."""
    fifth = np.unpackbits(field[:, :4], axis=-1, bitorder="little")
    return (nibbles(field[:, 4:]) | (fifth << 4)).astype(np.float32)


def _from_codes(codes: Bytes) -> Bytes:
    fifth = np.packbits(codes >> 4, axis=-1, bitorder="little")
    return np.concatenate((fifth, from_nibbles(codes & np.uint8(15))), -1)


def _decode_q5_0(data: Bytes) -> Floats:
    blocks = blocks_of(data, 22)
    return rows_of(data, f16(blocks[:, :2]) * (_codes(blocks[:, 2:]) - np.float32(16)))


def _encode_q5_0(values: Floats) -> Bytes:
    groups = values.reshape(-1, GROUP)
    # The number of largest magnitude becomes -16 exactly, whatever its sign: codes reach further down than up.
    largest = np.take_along_axis(groups, np.abs(groups).argmax(-1)[:, None], -1)
    scale = largest / np.float32(-16)
    codes = np.divide(groups, scale, out=np.zeros_like(groups), where=scale != 0)
    packed = _from_codes(np.clip(np.floor(codes + np.float32(16.5)), 0, 31).astype(np.uint8))
    return rows_of(values, np.concatenate((from_f16(scale), packed), -1))


def _decode_q5_1(data: Bytes) -> Floats:
    blocks = blocks_of(data, 24)
    return rows_of(data, f16(blocks[:, :2]) * _codes(blocks[:, 4:]) + f16(blocks[:, 2:4]))


def _encode_q5_1(values: Floats) -> Bytes:
    groups = values.reshape(-1, GROUP)
    low = groups.min(-1, keepdims=True)
    scale = (groups.max(-1, keepdims=True) - low) / np.float32(31)
    codes = np.divide(groups - low, scale, out=np.zeros_like(groups), where=scale > 0)
    packed = _from_codes(np.clip(np.rint(codes), 0, 31).astype(np.uint8))
    return rows_of(values, np.concatenate((from_f16(scale), from_f16(low), packed), -1))


Q5_0 = Format("q5_0", GROUP, 22, _decode_q5_0, _encode_q5_0)
Q5_1 = Format("q5_1", GROUP, 24, _decode_q5_1, _encode_q5_1)
