"""4-bit codes looked up in a table of 16 values, with a scale per group of 32: Q4_0, IQ4_NL, IQ4_XS, MXFP4.

Byte i of a group holds the codes of numbers i (low half) and i + 16 (high half). IQ4_XS gathers eight groups under one
float16, with 6-bit scales between.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.blocks import blocks_of, f16, from_f16, from_nibbles, nibbles, rows_of

GROUP = 32

LINEAR = np.arange(-8, 8, dtype=np.float32)
# IQ4_NL: denser around zero, where weights are (llama.cpp's table).
NON_LINEAR = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32)
NEAREST = (
    np.abs((np.arange(-256, 256) + 0.5)[:, None] / 2 - NON_LINEAR).argmin(-1).astype(np.uint8)
)  # codes of half steps
REACHES = (-137, -127, -117, 113)  # places in the table where the number of largest magnitude may come to lie
# E2M1 floats, doubled so that all are whole; the scale is halved in return.
E2M1_DOUBLED = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], np.float32)


def _decode_q4_0(data: Bytes) -> Floats:
    blocks = blocks_of(data, 18)
    return rows_of(data, f16(blocks[:, :2]) * LINEAR[nibbles(blocks[:, 2:])])


def _encode_q4_0(values: Floats) -> Bytes:
    groups = values.reshape(-1, GROUP)
    # The number of largest magnitude becomes -8 exactly, whatever its sign: the table reaches further down than up.
    largest = np.take_along_axis(groups, np.abs(groups).argmax(-1)[:, None], -1)
    scale = largest / np.float32(-8)
    codes = np.divide(groups, scale, out=np.zeros_like(groups), where=scale != 0)
    packed = from_nibbles(np.clip(np.floor(codes + np.float32(8.5)), 0, 15).astype(np.uint8))
    return rows_of(values, np.concatenate((from_f16(scale), packed), -1))


def _decode_iq4_nl(data: Bytes) -> Floats:
    blocks = blocks_of(data, 18)
    return rows_of(data, f16(blocks[:, :2]) * NON_LINEAR[nibbles(blocks[:, 2:])])


def _encode_iq4_nl(values: Floats) -> Bytes:
    """Of four scales, and the best one for the codes that each leads to, the one with the least squared error."""
    groups = values.reshape(-1, GROUP)
    largest = np.take_along_axis(groups, np.abs(groups).argmax(-1)[:, None], -1)
    scale = np.full_like(largest, np.nan)  # what it stays where a number is not finite
    most = np.full_like(largest, -1)
    for reach in REACHES:
        told = NON_LINEAR[_nearest(groups, largest / np.float32(reach))]
        along, length = (told * groups).sum(-1, keepdims=True), (told * told).sum(-1, keepdims=True)
        explained = along * along / length  # |groups|² less the squared error that the best scale leaves
        np.copyto(scale, along / length, where=explained > most)
        np.maximum(most, explained, out=most)
    stored = from_f16(scale)
    return rows_of(values, np.concatenate((stored, from_nibbles(_nearest(groups, f16(stored)))), -1))


def _nearest(groups: Floats, scale: Floats) -> Bytes:
    """Codes of the table's numbers that lie next to ``groups / scale``; whatever they are where the scale is 0."""
    steps = np.divide(2 * groups, scale, out=np.zeros_like(groups), where=scale != 0)
    steps = np.nan_to_num(np.clip(np.floor(steps), -256, 255))
    codes: Bytes = NEAREST[steps.astype(np.int16) + np.int16(256)]
    return codes


def _decode_iq4_xs(data: Bytes) -> Floats:
    """136 bytes: float16, a word with the high 2 bits of 8 scales, 4 bytes with their low nibbles, 8 groups."""
    blocks = blocks_of(data, 136)
    pairs = np.arange(0, 16, 2, dtype=np.uint16)
    high = (np.ascontiguousarray(blocks[:, 2:4]).view("<u2") >> pairs) & 3  # [blocks, 8]
    low = np.stack((blocks[:, 4:8] & 15, blocks[:, 4:8] >> 4), -1).reshape(-1, 8)
    scales = f16(blocks[:, :2]) * ((low | (high << 4)).astype(np.float32) - np.float32(32))
    values = NON_LINEAR[nibbles(blocks[:, 8:].reshape(-1, 16))].reshape(-1, 8, GROUP)
    return rows_of(data, (scales[:, :, None] * values).reshape(-1, 8 * GROUP))


def _decode_mxfp4(data: Bytes) -> Floats:
    """The scale is a power of two: byte e stands for 2^(e - 127); halved here, so 2^(e - 128)."""
    blocks = blocks_of(data, 17)
    scale = np.ldexp(np.float32(1), blocks[:, :1].astype(np.int32) - 128).astype(np.float32)
    return rows_of(data, scale * E2M1_DOUBLED[nibbles(blocks[:, 1:])])


Q4_0 = Format("q4_0", GROUP, 18, _decode_q4_0, _encode_q4_0)
IQ4_NL = Format("iq4_nl", GROUP, 18, _decode_iq4_nl, _encode_iq4_nl)
IQ4_XS = Format("iq4_xs", 8 * GROUP, 136, _decode_iq4_xs)
MXFP4 = Format("mxfp4", GROUP, 17, _decode_mxfp4)
