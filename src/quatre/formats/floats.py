"""Plain floating point: f32, f16, bf16, and 8-bit e4m3 (whose tensors come with a scale beside them)."""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format, StoredTensor
from quatre.formats.e4m3 import E4M3_VALUES, e4m3_codes


def _decode_f32(data: Bytes) -> Floats:
    return data.view("<f4").astype(np.float32, copy=False)


def _encode_f32(values: Floats) -> Bytes:
    return np.ascontiguousarray(values, "<f4").view(np.uint8)


def _decode_f16(data: Bytes) -> Floats:
    return data.view("<f2").astype(np.float32)


def _encode_f16(values: Floats) -> Bytes:
    return np.ascontiguousarray(values.astype("<f2")).view(np.uint8)


def _decode_bf16(data: Bytes) -> Floats:
    return (data.view("<u2").astype(np.uint32) << 16).view(np.float32)


def _encode_bf16(values: Floats) -> Bytes:
    """Round to nearest, ties to even; NaN stays NaN (quiet)."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return np.where(nan, (bits >> 16).astype("<u2") | np.uint16(0x40), rounded).astype("<u2").view(np.uint8)


def _decode_f8_e4m3(data: Bytes) -> Floats:
    values: Floats = E4M3_VALUES[data]
    return values


def _decode_u8(data: Bytes) -> Floats:
    return data.astype(np.float32)


F32 = Format("f32", 1, 4, _decode_f32, _encode_f32)
F16 = Format("f16", 1, 2, _decode_f16, _encode_f16)
BF16 = Format("bf16", 1, 2, _decode_bf16, _encode_bf16)
F8_E4M3 = Format("f8_e4m3", 1, 1, _decode_f8_e4m3, e4m3_codes)
U8 = Format("u8", 1, 1, _decode_u8)  # bytes that other tensors explain, see quatre.checkpoint.scaled


def f32_tensor(name: str, array: Floats) -> StoredTensor:
    """Wrap a float32 array as a stored tensor (tests, small derived weights)."""
    flat = np.ascontiguousarray(array, np.float32)
    return StoredTensor.from_buffer(name, F32, flat.shape, flat.reshape(-1).view(np.uint8))
