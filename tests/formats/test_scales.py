"""Scales beside tensors: decoded as the definition says, and cut with their tensor."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.e4m3 import e4m3_codes
from quatre.formats.floats import F8_E4M3
from quatre.formats.nvfp4 import NVFP4
from quatre.formats.scales import BlockScales, GroupScales


def finite_codes(rng: np.random.Generator, *shape: int) -> NDArray[np.uint8]:
    codes = rng.integers(0, 256, shape, np.uint8)
    return np.where(codes & 0x7F == 0x7F, 0, codes).astype(np.uint8)


def e4m3(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    return codes.view(ml_dtypes.float8_e4m3fn).astype(np.float32)


def block_tensor(shape: tuple[int, ...], rows: int, cols: int) -> tuple[StoredTensor, NDArray[np.float32]]:
    """A tensor in e4m3, and its numbers one by one from the definition."""
    rng = np.random.default_rng(0)
    codes = finite_codes(rng, *shape)
    blocks = (*shape[:-2], -(-shape[-2] // rows), -(-shape[-1] // cols))
    values = rng.uniform(1e-4, 2e-4, blocks).astype(np.float32)
    numbers = e4m3(codes)
    for place in np.ndindex(*shape):
        numbers[place] *= values[(*place[:-2], place[-2] // rows, place[-1] // cols)]
    return StoredTensor("t", F8_E4M3, codes, scales=BlockScales(values, rows, cols)), numbers


def nvfp4_tensor(*shape: int) -> tuple[StoredTensor, NDArray[np.float32]]:
    rng = np.random.default_rng(1)
    *lead, rows, cols = shape
    elements = rng.integers(0, 16, shape, np.uint8)
    groups = finite_codes(rng, *lead, rows, cols // 16) & 0x7F
    factors = rng.uniform(1e-4, 2e-4, lead).astype(np.float32)
    values = elements.view(ml_dtypes.float4_e2m1fn).astype(np.float32)
    numbers = values * e4m3(groups).repeat(16, -1) * factors[..., None, None]
    packed = elements[..., 0::2] | elements[..., 1::2] << 4
    return StoredTensor("t", NVFP4, packed, scales=GroupScales(groups, factors)), numbers


@pytest.mark.parametrize("shape", [(6, 10), (3, 6, 10)])
@pytest.mark.parametrize(("rows", "cols"), [(6, 10), (4, 4), (1, 10), (128, 128)])
def test_e4m3_numbers_are_multiplied_by_the_scale_of_their_block(shape: tuple[int, ...], rows: int, cols: int) -> None:
    tensor, numbers = block_tensor(shape, rows, cols)
    np.testing.assert_array_equal(tensor.decode(), numbers)
    np.testing.assert_array_equal(tensor.swapped().decode(), numbers.swapaxes(-1, -2))
    assert tensor.nbytes == tensor.data.nbytes + 4 * tensor.scales.values.size  # type: ignore[union-attr]


@pytest.mark.parametrize("shape", [(5, 48), (3, 5, 48)])
def test_nvfp4_has_two_levels(shape: tuple[int, ...]) -> None:
    tensor, numbers = nvfp4_tensor(*shape)
    assert tensor.shape == shape
    np.testing.assert_array_equal(tensor.decode(), numbers)


@given(
    heads=st.integers(1, 4),
    run=st.integers(2, 12),
    block=st.sampled_from([1, 2, 3, 5, 8, 128]),
    data=st.data(),
)
def test_scales_of_blocks_follow_every_cut(heads: int, run: int, block: int, data: st.DataObject) -> None:
    lo = data.draw(st.integers(0, run - 1))
    hi = data.draw(st.integers(lo + 1, run))
    for shape in ((heads * run, 6), (heads, run, 6)):
        tensor, numbers = block_tensor(shape, block, 4)
        cut = tensor.grouped_rows(heads, lo, hi)
        np.testing.assert_array_equal(cut.decode(), numbers.reshape(heads, run, 6)[:, lo:hi])
        np.testing.assert_array_equal(cut[heads - 1].decode(), cut.decode()[heads - 1])


def test_groups_of_nvfp4_follow_every_cut() -> None:
    tensor, numbers = nvfp4_tensor(3, 8, 32)
    np.testing.assert_array_equal(tensor.grouped_rows(3, 4, 8).decode(), numbers[:, 4:])
    np.testing.assert_array_equal(tensor.grouped_rows(6, 1, 3).decode(), numbers.reshape(6, 4, 32)[:, 1:3])
    np.testing.assert_array_equal(tensor[1:].decode(), numbers[1:])
    with pytest.raises(ValueError, match="cross matrices"):
        tensor.grouped_rows(1, 0, 24)


def test_rows_of_a_scaled_matrix_are_no_entries() -> None:
    with pytest.raises(IndexError, match="single rows share scales"):
        block_tensor((6, 10), 6, 10)[0][1]


@given(st.lists(st.floats(-500, 500, width=32), min_size=1))
def test_e4m3_rounds_to_nearest_even(values: list[float]) -> None:
    array = np.array(values, np.float32)
    expected = array.clip(-448, 448).astype(ml_dtypes.float8_e4m3fn).view(np.uint8)
    np.testing.assert_array_equal(e4m3_codes(array), expected)


def test_e4m3_keeps_every_number_that_it_has() -> None:
    codes = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(e4m3_codes(e4m3(codes)), codes)
