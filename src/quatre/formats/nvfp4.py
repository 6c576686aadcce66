"""NVFP4: 4-bit floats (E2M1) with a scale for each 16 columns, and one more for all (model.md 4.2).

Checkpoints of safetensors keep the codes apart, two to a byte, the even column in the low half. They alone decode to
0 … 6; what they are worth is said by the :class:`~quatre.formats.scales.GroupScales` beside them. GGUF files have
blocks of 64 numbers: four scales, then four times 8 bytes with the codes of numbers i (low half) and i + 8 (high half).
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from quatre.formats.base import Bytes, Floats, Format, StoredTensor
from quatre.formats.blocks import blocks_of, rows_of
from quatre.formats.scales import GROUP, MAGNITUDES, BlockScales, GroupScales

E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)
GROUPS = 4  # in a block of a GGUF file
BLOCK_BYTES = GROUPS + GROUPS * GROUP // 2

# Their scales have no sign. Where e4m3 has no number they have 0, and 480 where a sign is set that does not count.
MAGNITUDE_OF = (np.arange(256) & 127).astype(np.uint8)
MAGNITUDE_OF[127] = 0
BLOCK_SCALES = MAGNITUDES[MAGNITUDE_OF]


def _decode(data: Bytes) -> Floats:
    values: Floats = E2M1[np.stack((data & 15, data >> 4), -1)]
    return values.reshape(*data.shape[:-1], 2 * data.shape[-1])


def _decode_blocks(data: Bytes) -> Floats:
    blocks = blocks_of(data, BLOCK_BYTES)
    codes = blocks[:, GROUPS:].reshape(-1, GROUPS, GROUP // 2)
    values = E2M1[np.concatenate((codes & 15, codes >> 4), -1)] * BLOCK_SCALES[blocks[:, :GROUPS]][..., None]
    return rows_of(data, values.reshape(len(blocks), -1))


NVFP4 = Format("nvfp4", GROUP, GROUP // 2, _decode)
NVFP4_BLOCKS = Format("nvfp4", GROUPS * GROUP, BLOCK_BYTES, _decode_blocks)


def from_blocks(tensor: StoredTensor) -> StoredTensor:
    """A tensor of a GGUF file, with a factor per matrix or none, as checkpoints of safetensors keep it: a copy."""
    *lead, rows, row_bytes = tensor.data.shape
    count, blocks = prod(lead), row_bytes // BLOCK_BYTES
    codes = np.empty((count, rows, blocks * GROUPS, GROUP // 2), np.uint8)
    groups = np.empty((count, rows, blocks, GROUPS), np.uint8)
    for i, matrix in enumerate(tensor.data.reshape(count, rows, blocks, BLOCK_BYTES)):
        groups[i] = MAGNITUDE_OF[matrix[..., :GROUPS]]
        halves = matrix[..., GROUPS:].reshape(rows, -1, GROUP // 2)
        even, odd = halves[..., 0::2], halves[..., 1::2]
        codes[i, ..., :4] = even & 15 | odd << 4
        codes[i, ..., 4:] = even >> 4 | odd & 0xF0
    factors = np.ones(count, np.float32)
    if isinstance(tensor.scales, BlockScales):
        factors[:] = tensor.scales.values[..., 0, 0].reshape(-1)
    return replace(
        tensor,
        format=NVFP4,
        data=codes.reshape(*lead, rows, -1),
        scales=GroupScales(groups.reshape(*lead, rows, -1), factors.reshape(lead), magnitudes=True),
    )
