"""Every decoder against the reference decoders of the ``gguf`` and ``ml_dtypes`` packages, bit for bit."""

from __future__ import annotations

import gguf
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_grids import all_bytes
from numpy.typing import NDArray

from quatre.errors import CheckpointError
from quatre.formats.base import Format, StoredTensor
from quatre.formats.floats import F8_E4M3, F32
from quatre.formats.grids import FILE
from quatre.formats.registry import BY_GGML_TYPE, BY_NAME, GGML_NAMES
from random_blocks import set_scales

GROUPED = {number: fmt for number, fmt in BY_GGML_TYPE.items() if fmt.group > 1}
UNDER_HALVES = {n: fmt for n, fmt in GROUPED.items() if fmt.encode is None and "fp4" not in fmt.name}
CODES = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "f8_e4m3": ml_dtypes.float8_e4m3fn}


def assert_same_bits(got: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    assert got.dtype == np.float32
    assert got.shape == expected.shape
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(got), ~number)
    np.testing.assert_array_equal(got.view(np.uint32)[number], expected.view(np.uint32)[number])


def every_byte_everywhere(fmt: Format) -> NDArray[np.uint8]:
    """Rows in which each byte of a group takes all 256 values, with its neighbours drawn at random."""
    rng = np.random.default_rng(fmt.group_bytes)
    order = [rng.permutation(256).astype(np.uint8) for _ in range(fmt.group_bytes)]
    groups = np.stack(order, -1)  # [256, group_bytes]
    return groups.reshape(64, 4 * fmt.group_bytes)


@pytest.mark.parametrize("number", GROUPED, ids=lambda n: GROUPED[n].name)
def test_grouped_formats_decode_as_gguf_does(number: int) -> None:
    fmt = GROUPED[number]
    data = every_byte_everywhere(fmt)
    with np.errstate(invalid="ignore", over="ignore"):  # some scales are infinite, NaN or huge
        got = fmt.decode(data)
        expected = gguf.quants.dequantize(data, gguf.GGMLQuantizationType(number))
    assert got.shape == (64, 4 * fmt.group)
    assert_same_bits(got, expected)


@pytest.mark.parametrize("number", UNDER_HALVES, ids=lambda n: UNDER_HALVES[n].name)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_random_blocks_decode_as_gguf_does(number: int, seed: int) -> None:
    """More blocks than bytes have values: points of a grid are numbers of up to 11 bits."""
    fmt = UNDER_HALVES[number]
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, (100, fmt.group_bytes), np.uint8)
    set_scales(fmt, data, rng.normal(size=(100, 2)))
    assert_same_bits(fmt.decode(data), gguf.quants.dequantize(data, gguf.GGMLQuantizationType(number)))


def test_grids_are_those_of_the_gguf_package() -> None:
    assert FILE.read_bytes() == all_bytes()


@pytest.mark.parametrize("name", ["tq1_0", "tq2_0"])
def test_ternary_numbers_are_what_gguf_made_of_them(name: str) -> None:
    values = np.random.default_rng(0).integers(-1, 2, (3, 512)).astype(np.float32) * 0.25
    data = gguf.quants.quantize(values, gguf.GGMLQuantizationType[name.upper()])
    np.testing.assert_array_equal(BY_NAME[name].decode(data), values)


@pytest.mark.parametrize("number", GROUPED, ids=lambda n: GROUPED[n].name)
def test_the_size_of_a_group_is_the_one_of_ggml(number: int) -> None:
    fmt = GROUPED[number]
    kind = gguf.GGMLQuantizationType(number)
    assert kind.name.lower() == fmt.name
    assert gguf.GGML_QUANT_SIZES[kind] == (fmt.group, fmt.group_bytes)


@pytest.mark.parametrize("name", CODES)
def test_small_floats_decode_every_code(name: str) -> None:
    fmt = BY_NAME[name]
    words = np.arange(256**fmt.group_bytes, dtype=np.uint32).astype(f"<u{fmt.group_bytes}")
    expected = words.view(CODES[name]).astype(np.float32)
    assert_same_bits(fmt.decode(words.view(np.uint8)), expected)


def test_e4m3_spans_what_the_checkpoints_use() -> None:
    values = F8_E4M3.decode(np.arange(256, dtype=np.uint8))
    assert np.nanmax(values) == 448
    assert np.count_nonzero(np.isnan(values)) == 2
    assert values[1] == 2.0**-9


def test_f32_is_passed_through_without_a_copy() -> None:
    data = np.arange(12, dtype=np.float32).view(np.uint8)
    assert np.shares_memory(F32.decode(data), data)


@pytest.mark.parametrize("name", BY_NAME)
def test_decoding_keeps_leading_dimensions_and_rows_stand_alone(name: str) -> None:
    fmt = BY_NAME[name]
    data = np.random.default_rng(1).integers(0, 0x3C, (2, 3, 2 * fmt.group_bytes), np.uint8)  # no NaN in any format
    whole = fmt.decode(data)
    assert whole.shape == (2, 3, 2 * fmt.group)
    np.testing.assert_array_equal(whole[1, 2], fmt.decode(data[1, 2].copy()))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_strided_tensor_decodes_like_its_copy(name: str) -> None:
    fmt = BY_NAME[name]
    data = np.random.default_rng(2).integers(0, 0x3C, (6, fmt.group_bytes), np.uint8)
    tensor = StoredTensor("t", fmt, data).grouped_rows(2, 1, 3)
    assert tensor.shape == (2, 2, fmt.group)
    np.testing.assert_array_equal(tensor.decode(), fmt.decode(data).reshape(2, 3, -1)[:, 1:])
    np.testing.assert_array_equal(tensor.swapped().decode(), tensor.decode().swapaxes(1, 2))


def test_a_row_must_be_whole_groups() -> None:
    with pytest.raises(CheckpointError, match="q6_k stores groups of 256 numbers, but a row has 300"):
        BY_NAME["q6_k"].row_bytes(300)


def test_every_number_that_ggml_knows_is_readable_or_named() -> None:
    for kind in gguf.GGMLQuantizationType:
        known = BY_GGML_TYPE[kind].name.upper() if kind in BY_GGML_TYPE else GGML_NAMES[kind]
        assert known == kind.name
    assert not set(BY_GGML_TYPE) & set(GGML_NAMES)
