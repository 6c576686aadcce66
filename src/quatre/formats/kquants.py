"""K-quants of 4 bits and more: super-blocks of 256 numbers with quantised scales: Q4_K, Q5_K, Q6_K.

Q4_K and Q5_K: 8 groups of 32, each ``d · scale · code - dmin · min`` with 6-bit scales and mins packed into 12 bytes.
Q6_K: 16 groups of 16, each ``d · scale · (code - 32)`` with 8-bit scales. The layouts are llama.cpp's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, from_f16, rows_of

GROUP = 256


def _six_bit_pairs(field: Bytes) -> tuple[Bytes, Bytes]:
    """12 bytes → 8 scales and 8 mins: four of each in the low 6 bits, the rest split between nibbles and top bits."""
    a, b, c = field[:, 0:4], field[:, 4:8], field[:, 8:12]
    scales = np.concatenate((a & 63, (c & 15) | ((a >> 6) << 4)), -1)
    mins = np.concatenate((b & 63, (c >> 4) | ((b >> 6) << 4)), -1)
    return scales.astype(np.uint8), mins.astype(np.uint8)


def _from_six_bit_pairs(scales: Bytes, mins: Bytes) -> Bytes:
    a = (scales[:, :4] & 63) | ((scales[:, 4:] >> 4) << 6)
    b = (mins[:, :4] & 63) | ((mins[:, 4:] >> 4) << 6)
    c = (scales[:, 4:] & 15) | ((mins[:, 4:] & 15) << 4)
    packed: Bytes = np.concatenate((a, b, c), -1)
    return packed


def _affine(blocks: Bytes, codes: Bytes) -> Floats:
    """``codes`` ``[blocks, 8, 32]`` with the header of Q4_K and Q5_K."""
    scales, mins = _six_bit_pairs(blocks[:, 4:16])
    d = f16(blocks[:, 0:2]) * scales.astype(np.float32)
    m = f16(blocks[:, 2:4]) * mins.astype(np.float32)
    values: Floats = d[:, :, None] * codes.astype(np.float32) - m[:, :, None]
    return values


def _paired_nibbles(field: Bytes) -> Bytes:
    """128 bytes → ``[blocks, 8, 32]``: each 32 bytes hold one group in the low and the next in the high halves."""
    runs = field.reshape(-1, 4, 1, 32)
    codes: Bytes = np.concatenate((runs & 15, runs >> 4), 2).reshape(-1, 8, 32)
    return codes


def _decode_q4_k(data: Bytes) -> Floats:
    blocks = blocks_of(data, 144)
    return rows_of(data, _affine(blocks, _paired_nibbles(blocks[:, 16:])).reshape(-1, GROUP))


def _encode_q4_k(values: Floats) -> Bytes:
    """Plain rounding of scales, mins and codes in turn; not llama.cpp's search for the best scale."""
    groups = values.reshape(-1, 8, 32)
    low = np.minimum(groups.min(-1), 0)
    step = (groups.max(-1) - low) / np.float32(15)
    d, scales = _to_codes(step, 63)
    dmin, mins = _to_codes(-low, 63)
    unit, offset = d * scales, dmin * mins
    lifted = groups + offset[:, :, None]
    codes = np.divide(lifted, unit[:, :, None], out=np.zeros_like(lifted), where=unit[:, :, None] > 0)
    codes = np.clip(np.rint(codes), 0, 15).astype(np.uint8).reshape(-1, 4, 2, 32)
    packed = (codes[:, :, 0] | (codes[:, :, 1] << 4)).reshape(-1, 128)
    header = np.concatenate((from_f16(d), from_f16(dmin), _from_six_bit_pairs(scales, mins)), -1)
    return rows_of(values, np.concatenate((header, packed), -1))


def _to_codes(values: Floats, most: int) -> tuple[Floats, Bytes]:
    """``[blocks, n]`` not negative → a scale ``[blocks, 1]`` that float16 holds, and codes 0 … ``most`` for it."""
    exact = values.max(-1, keepdims=True) / np.float32(most)
    nearest = exact.astype(np.float16)
    # Upwards, so that the largest is within reach: a subnormal float16 can be far below the number it rounds.
    up = np.nextafter(nearest, np.float16(np.inf))
    scale = np.where(nearest < exact, up, nearest).astype(np.float32)
    codes = np.divide(values, scale, out=np.zeros_like(values), where=scale > 0)
    return scale, np.clip(np.rint(codes), 0, most).astype(np.uint8)


def _decode_q5_k(data: Bytes) -> Floats:
    blocks = blocks_of(data, 176)
    high = (blocks[:, None, 16:48] >> np.arange(8, dtype=np.uint8)[:, None]) & 1  # bit g of byte i: group g, number i
    codes = (_paired_nibbles(blocks[:, 48:]) | (high << 4)).astype(np.uint8)
    return rows_of(data, _affine(blocks, codes).reshape(-1, GROUP))


def _decode_q6_k(data: Bytes) -> Floats:
    blocks = blocks_of(data, 210)
    codes = _six_bit_codes(blocks[:, :128], blocks[:, 128:192]).astype(np.float32) - np.float32(32)
    d = f16(blocks[:, 208:210]) * blocks[:, 192:208].view(np.int8).astype(np.float32)
    return rows_of(data, (d[:, :, None] * codes.reshape(-1, 16, 16)).reshape(-1, GROUP))


def _six_bit_codes(low: Bytes, high: Bytes) -> Bytes:
    """Two halves of 128 numbers; in each, four runs of 32 share bytes: low nibbles of 64 bytes, 2 bits of 32 bytes."""
    nibbles = low.reshape(-1, 2, 1, 2, 32)
    fours = np.concatenate((nibbles & 15, nibbles >> 4), 2).reshape(-1, 2, 4, 32)
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    twos = (high.reshape(-1, 2, 1, 32) >> shifts) & 3
    codes: Bytes = (fours | (twos << 4)).reshape(-1, GROUP)
    return codes


def _encode_q6_k(values: Floats) -> Bytes:
    """Plain rounding: the largest magnitude of each group of 16 reaches the end of its range."""
    groups = values.reshape(-1, 16, 16)
    d, scales = _to_codes(np.abs(groups).max(-1) / np.float32(31), 127)
    unit = (d * scales)[:, :, None]
    codes = np.divide(groups, unit, out=np.zeros_like(groups), where=unit > 0)
    biased = (np.clip(np.rint(codes), -32, 31) + 32).astype(np.uint8).reshape(-1, 2, 4, 32)
    low, high = _from_six_bit_codes(biased)
    return rows_of(values, np.concatenate((low, high, scales, from_f16(d)), -1))


def _from_six_bit_codes(codes: NDArray[np.uint8]) -> tuple[Bytes, Bytes]:
    fours = (codes & 15).reshape(-1, 2, 2, 2, 32)  # [blocks, half, nibble, which 32 bytes, byte]
    low = (fours[:, :, 0] | (fours[:, :, 1] << 4)).reshape(-1, 128)
    twos = codes >> 4
    high = twos[:, :, 0] | (twos[:, :, 1] << 2) | (twos[:, :, 2] << 4) | (twos[:, :, 3] << 6)
    return low.astype(np.uint8), high.reshape(-1, 64).astype(np.uint8)


Q4_K = Format("q4_k", GROUP, 144, _decode_q4_k, _encode_q4_k)
Q5_K = Format("q5_k", GROUP, 176, _decode_q5_k)
Q6_K = Format("q6_k", GROUP, 210, _decode_q6_k, _encode_q6_k)
