"""Stored tensors with scales beside them arrive in panels with every number unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from quatre.formats.base import StoredTensor
from quatre.formats.floats import F8_E4M3
from quatre.formats.nvfp4 import NVFP4, NVFP4_BLOCKS
from quatre.formats.scales import BlockScales, GroupScales
from quatre.ops.native_backend import NativeOps


def blocks(shape: tuple[int, ...], rows: int, cols: int) -> StoredTensor:
    rng = np.random.default_rng(0)
    values = rng.uniform(1e-4, 2e-4, (*shape[:-2], -(-shape[-2] // rows), -(-shape[-1] // cols))).astype(np.float32)
    return StoredTensor("t", F8_E4M3, rng.integers(0, 120, shape, np.uint8), scales=BlockScales(values, rows, cols))


def nvfp4(*shape: int) -> StoredTensor:
    rng = np.random.default_rng(0)
    *lead, rows, cols = shape
    groups = rng.integers(0, 120, (*lead, rows, cols // 16), np.uint8)
    scales = GroupScales(groups, rng.uniform(1e-4, 2e-4, lead).astype(np.float32))
    return StoredTensor("t", NVFP4, rng.integers(0, 256, (*lead, rows, cols // 2), np.uint8), scales=scales)


def blocks_of_gguf() -> StoredTensor:
    """Every byte that a scale can be: none is NaN in a GGUF file, and 255 is more than e4m3 has."""
    rng = np.random.default_rng(0)
    data = rng.integers(0, 256, (32, 4, NVFP4_BLOCKS.group_bytes), np.uint8)
    data[..., :4] = rng.permutation(512).reshape(32, 4, 4) % 256
    factor = BlockScales(np.full((1, 1), 3e-4, np.float32), 32, 256)
    return StoredTensor("t", NVFP4_BLOCKS, data.reshape(32, -1), scales=factor)


@pytest.mark.parametrize(
    "tensor",
    {
        "per tensor": blocks((33, 40), 33, 40),
        "per expert": blocks((3, 33, 40), 33, 40),
        "per block": blocks((200, 300), 128, 128),
        "gate of a fused matrix": blocks((3, 64, 40), 64, 40).grouped_rows(3, 0, 32),
        "heads": blocks((96, 64), 96, 64).grouped_rows(4, 8, 24),
        "odd blocks": blocks((16, 30), 16, 5),
        "transposed": blocks((3, 33, 40), 33, 40).swapped(),
        "nvfp4": nvfp4(33, 64),
        "nvfp4 experts": nvfp4(3, 33, 64),
        "nvfp4, cut": nvfp4(3, 64, 64).grouped_rows(3, 32, 64),
        "nvfp4, half a group of the kernels": nvfp4(33, 48),
        "nvfp4, blocks of a GGUF file": blocks_of_gguf(),
    }.items(),
    ids=lambda case: case[0],
)
def test_panels_hold_the_numbers_of_the_checkpoint(tensor: tuple[str, StoredTensor]) -> None:
    expected = tensor[1].decode()
    matrix = NativeOps(threads=1).matrix(tensor[1])
    out = np.empty((matrix.count, matrix.rows, matrix.cols), np.float32)
    matrix.decode(out)
    np.testing.assert_array_equal(out.reshape(expected.shape), expected)


def test_rows_of_a_scaled_table_are_read() -> None:
    tensor = blocks((20, 40), 20, 40)
    ops = NativeOps(threads=1)
    rows = ops.embed(ops.table(tensor), np.array([3, 17], np.int32))
    np.testing.assert_array_equal(rows, tensor.decode()[[3, 17]])
