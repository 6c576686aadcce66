"""Encoders: how far a number may move, and that a second pass changes nothing that the first did not."""

from __future__ import annotations

import gguf
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quatre.formats.base import Format
from quatre.formats.codebook4 import NON_LINEAR
from quatre.formats.floats import f32_tensor
from quatre.formats.registry import BY_NAME

ENCODERS = {name: fmt for name, fmt in BY_NAME.items() if fmt.encode is not None}
GROUPED = {name: fmt for name, fmt in ENCODERS.items() if fmt.group > 1}

# The step of a format's grid for groups of numbers between -1 and 1.
STEPS = {
    "q8_0": 1 / 127,
    "q5_0": 1 / 16,
    "q5_1": 2 / 31,
    "q4_0": 1 / 8,
    "iq4_nl": 24 / 113,  # of the widest gap
    "q4_1": 2 / 15,
    "q4_k": 2 / 15,
    "q6_k": 1 / 31,
}


def encode(fmt: Format, values: NDArray[np.float32]) -> NDArray[np.uint8]:
    assert fmt.encode is not None
    return fmt.encode(values)


def test_there_is_a_bound_for_every_encoder() -> None:
    assert set(STEPS) == set(GROUPED)


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.parametrize("scale", [1.0, 1e-3, 300.0])
def test_an_encoded_number_moves_by_half_a_step_at_most(name: str, scale: float) -> None:
    fmt = GROUPED[name]
    x = np.random.default_rng(3).uniform(-1, 1, (7, 2 * fmt.group)).astype(np.float32) * np.float32(scale)
    data = encode(fmt, x)
    assert data.shape == (7, 2 * fmt.group_bytes)
    assert data.dtype == np.uint8
    # Half a step. Codes of Q4_0 and Q5_0 reach one step less far up than down; the K-quants round the step too.
    reach = {"iq4_nl": 1.0, "q4_0": 1.0, "q5_0": 1.0, "q4_k": 0.75, "q6_k": 0.75}.get(name, 0.5)
    step = scale * STEPS[name]
    of_float16_scale = max(scale * 2**-11, 2**-25 / STEPS[name])  # 11 significant bits; subnormal below 2^-14
    assert np.abs(fmt.decode(data) - x).max() <= step * reach + 2 * of_float16_scale


@pytest.mark.parametrize("name", ["q8_0", "q5_0", "q5_1", "q4_0", "q4_1"])
def test_simple_groups_encode_as_gguf_does(name: str) -> None:
    """Ties and last bits of a reciprocal aside: at least 999 of 1000 bytes agree, and scales always do."""
    fmt = GROUPED[name]
    x = np.random.default_rng(4).normal(size=(64, 256)).astype(np.float32)
    ours = encode(fmt, x).reshape(-1, fmt.group_bytes)
    theirs = gguf.quants.quantize(x, gguf.GGMLQuantizationType[name.upper()]).reshape(-1, fmt.group_bytes)
    np.testing.assert_array_equal(ours[:, :2], theirs[:, :2])
    assert (ours == theirs).mean() > 0.999


@pytest.mark.parametrize("name", ["q8_0", "q5_0", "q5_1", "q4_0", "q4_1"])
def test_decoded_numbers_encode_to_themselves(name: str) -> None:
    fmt = GROUPED[name]
    once = fmt.decode(encode(fmt, np.random.default_rng(5).normal(size=(50, 64)).astype(np.float32)))
    twice = fmt.decode(encode(fmt, once))
    # Q4_1 and Q5_1 keep their offset in float16, so the second scale can move by a last bit of it.
    np.testing.assert_allclose(twice, once, rtol=0, atol=0 if name.endswith("_0") else 2e-3)


@pytest.mark.parametrize("draw", ["normal", "laplace"])
def test_the_code_book_is_nearer_to_weights_than_even_steps_of_as_many_bits(draw: str) -> None:
    x = getattr(np.random.default_rng(8), draw)(size=(300, 256)).astype(np.float32)

    def error(name: str) -> float:
        fmt = GROUPED[name]
        return float(np.linalg.norm(fmt.decode(encode(fmt, x)) - x) / np.linalg.norm(x))

    assert error("iq4_nl") < 0.88 * error("q4_0")


def test_a_code_book_scale_is_the_best_of_a_fine_search() -> None:
    fmt = GROUPED["iq4_nl"]
    x = np.random.default_rng(9).normal(size=(50, fmt.group)).astype(np.float32)
    ours = ((fmt.decode(encode(fmt, x)) - x) ** 2).sum(-1)
    largest = np.take_along_axis(x, np.abs(x).argmax(-1)[:, None], -1)
    fine = np.full(len(x), np.inf)
    for reach in np.linspace(-150, 130, 2001):
        if abs(reach) > 60:
            steps = x / (largest / reach)
            told = NON_LINEAR[np.abs(steps[..., None] - NON_LINEAR).argmin(-1)]
            best = (told * x).sum(-1) / (told**2).sum(-1)
            fine = np.minimum(fine, ((best[:, None] * told - x) ** 2).sum(-1))
    assert (ours >= fine * 0.999).all()
    assert ours.sum() < 1.06 * fine.sum()


def test_a_number_that_is_none_stays_visible_in_a_code_book() -> None:
    fmt = GROUPED["iq4_nl"]
    x = np.ones((2, fmt.group), np.float32)
    x[0, 5] = np.nan
    decoded = fmt.decode(encode(fmt, x))
    assert np.isnan(decoded[0]).any()
    np.testing.assert_allclose(decoded[1], 1, rtol=0.01)


@pytest.mark.parametrize("name", GROUPED)
def test_zeros_stay_zero(name: str) -> None:
    fmt = GROUPED[name]
    assert not fmt.decode(encode(fmt, np.zeros((2, fmt.group), np.float32))).any()


@pytest.mark.parametrize("name", ["f16", "bf16"])
def test_small_floats_round_to_nearest_even(name: str) -> None:
    fmt = ENCODERS[name]
    x = (np.random.default_rng(6).normal(size=(100, 8)) * 10.0 ** np.arange(-4, 4)).astype(np.float32)
    dtype = np.dtype(np.float16 if name == "f16" else ml_dtypes.bfloat16)
    np.testing.assert_array_equal(encode(fmt, x), x.astype(dtype).view(np.uint8))


@given(st.integers(0, 2**32 - 1))
def test_bf16_of_any_float32_is_that_of_ml_dtypes(bits: int) -> None:
    x = np.array([bits], np.uint32).view(np.float32)
    got = encode(ENCODERS["bf16"], x).view(np.uint16)[0]
    if np.isnan(x[0]):
        assert got & 0x7F80 == 0x7F80
        assert got & 0x7F
    else:
        assert got == x.astype(ml_dtypes.bfloat16).view(np.uint16)[0]


@pytest.mark.parametrize("name", ["f32", "f16", "bf16"])
def test_floats_survive_both_ways(name: str) -> None:
    fmt = ENCODERS[name]
    data = np.random.default_rng(7).integers(0, 0x3C, (3, 8 * fmt.group_bytes), np.uint8)
    np.testing.assert_array_equal(encode(fmt, fmt.decode(data)), data)


def test_a_float32_array_becomes_a_stored_tensor() -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensor = f32_tensor("x", x.T)
    assert tensor.shape == (3, 2)
    assert tensor.nbytes == 24
    np.testing.assert_array_equal(tensor.decode(), x.T)
