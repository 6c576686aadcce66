"""Weights whose scales lie beside them: e4m3 bytes in blocks, and 4-bit floats in groups of 16 with two levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from matrix_cases import QUANTISED_TOLERANCE, TOLERANCE, inputs
from numpy.typing import NDArray

from quatre.formats.floats import E4M3_VALUES, f32_tensor
from quatre.ops import _native
from quatre.ops.interface import Experts
from quatre.ops.native_backend import NativeOps

ISAS = _native.available_isas()
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)


@pytest.fixture(scope="module", params=ISAS)
def ops(request: pytest.FixtureRequest) -> NativeOps:
    return NativeOps(threads=2, isa=request.param)


@dataclass(frozen=True)
class Blocks:
    """e4m3 ``[count, rows, cols]`` with a factor for each block."""

    codes: NDArray[np.uint8]
    factors: NDArray[np.float32]
    rows: int
    cols: int

    def numbers(self) -> NDArray[np.float32]:
        _, rows, cols = self.codes.shape
        each = self.factors.repeat(self.rows, 1)[:, :rows].repeat(self.cols, 2)[:, :, :cols]
        return E4M3_VALUES[self.codes] * each

    def packed(self, ops: NativeOps) -> _native.Matrix:
        return ops.core.block_matrix(self.codes, self.codes.shape[2], self.factors, self.rows, self.cols)


def blocks(count: int, rows: int, cols: int, block_rows: int, block_cols: int, seed: int = 0) -> Blocks:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (count, rows, cols), dtype=np.uint8)
    codes[(codes & 0x7F) == 0x7F] = 0
    factors = rng.uniform(0.5e-4, 2e-4, (count, -(-rows // block_rows), -(-cols // block_cols)))
    return Blocks(codes, factors.astype(np.float32), block_rows, block_cols)


@dataclass(frozen=True)
class Micro:
    """Nibbles ``[count, rows, cols / 2]``, e4m3 groups ``[count, rows, cols / 16]``, factors ``[count]``."""

    codes: NDArray[np.uint8]
    groups: NDArray[np.uint8]
    factors: NDArray[np.float32]

    def numbers(self) -> NDArray[np.float32]:
        elements = np.stack((self.codes & 15, self.codes >> 4), -1).reshape(*self.codes.shape[:2], -1)
        return E2M1[elements] * E4M3_VALUES[self.groups].repeat(16, 2) * self.factors[:, None, None]

    def packed(self, ops: NativeOps) -> _native.Matrix:
        return ops.core.micro_matrix(self.codes, 2 * self.codes.shape[2], self.groups, self.factors, False)


def micro(count: int, rows: int, cols: int, seed: int = 0) -> Micro:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 127, (count, rows, cols // 16), dtype=np.uint8)
    factors = rng.uniform(0.5e-4, 2e-4, count).astype(np.float32)
    return Micro(rng.integers(0, 256, (count, rows, cols // 2), dtype=np.uint8), groups, factors)


def decoded(matrix: _native.Matrix) -> NDArray[np.float32]:
    out = np.empty((matrix.count, matrix.rows, matrix.cols), np.float32)
    matrix.decode(out)
    return out


CASES: dict[str, Blocks | Micro] = {
    "one block": blocks(1, 50, 320, 50, 320),
    "128 x 128": blocks(1, 50, 320, 128, 128),
    "16 x 64": blocks(1, 50, 320, 16, 64),
    "24 x 30": blocks(1, 50, 320, 24, 30),
    "micro": micro(1, 50, 320),
}


def relative(found: NDArray[np.float32], reference: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(found - reference) / np.linalg.norm(reference))


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 50, 300])
@pytest.mark.parametrize("cols", [1, 7, 128, 130, 513])
def test_packed_blocks_lose_nothing(rows: int, cols: int) -> None:
    for block_rows, block_cols in ((rows, cols), (128, 128), (16, 64)):
        tensor = blocks(3, rows, cols, block_rows, block_cols)
        assert np.array_equal(decoded(tensor.packed(NativeOps(threads=2))), tensor.numbers())


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 50])
def test_packed_micro_scales_lose_nothing(rows: int) -> None:
    tensor = micro(3, rows, 96)
    assert np.array_equal(decoded(tensor.packed(NativeOps(threads=2))), tensor.numbers())


def test_every_code_and_every_scale(ops: NativeOps) -> None:
    """Also those that checkpoints should not hold: NaN, and negative scales."""
    codes = np.arange(256, dtype=np.uint8).reshape(1, 1, 256)
    tensor = Blocks(codes, np.full((1, 1, 1), 0.125, np.float32), 1, 256)
    assert np.array_equal(decoded(tensor.packed(ops)), tensor.numbers(), equal_nan=True)
    unit = np.eye(256, dtype=np.float32)
    unit = unit[(codes[0, 0] & 0x7F) != 0x7F]
    numbers = tensor.numbers()[0, :, (codes[0, 0] & 0x7F) != 0x7F]
    clean = Blocks(np.where((codes & 0x7F) == 0x7F, 0, codes).astype(np.uint8), tensor.factors, 1, 256)
    assert np.array_equal(ops.linear(unit, clean.packed(ops)), numbers)

    groups = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    nibbles = np.random.default_rng(0).integers(0, 256, (1, 16, 128), dtype=np.uint8)
    scaled = Micro(nibbles, groups, np.full(1, 0.01, np.float32))
    assert np.array_equal(decoded(scaled.packed(ops)), scaled.numbers(), equal_nan=True)


def test_nan_weights_poison_their_row_only(ops: NativeOps) -> None:
    for tensor in (blocks(1, 20, 64, 20, 64), micro(1, 20, 64)):
        clean = ops.linear(inputs(5, 64), tensor.packed(ops))
        (tensor.codes if isinstance(tensor, Blocks) else tensor.groups)[0, 3, 1] = 0x7F
        dirty = ops.linear(inputs(5, 64), tensor.packed(ops))
        assert np.isnan(dirty[:, 3]).all()
        rest = np.arange(20) != 3
        assert np.array_equal(dirty[:, rest], clean[:, rest])


@pytest.mark.parametrize("name", CASES)
def test_products_are_those_of_the_decoded_weights(ops: NativeOps, name: str) -> None:
    tensor, x = CASES[name], inputs(29, 320)
    reference = x.astype(np.float64) @ tensor.numbers()[0].astype(np.float64).T
    bound = QUANTISED_TOLERANCE if name == "micro" else TOLERANCE["bf16"]
    assert relative(ops.linear(x, tensor.packed(ops)), reference) < bound


@pytest.mark.parametrize("name", CASES)
def test_a_token_has_the_same_bits_in_any_company(ops: NativeOps, name: str) -> None:
    weight, x = CASES[name].packed(ops), inputs(40, 320)
    together = ops.linear(x, weight)
    for count in (1, 2, 3, 5, 12, 13):
        for first in (0, 40 - count):
            alone = ops.linear(x[first : first + count].copy(), weight)
            assert np.array_equal(alone.view(np.uint32), together[first : first + count].view(np.uint32))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("isa", ISAS)
def test_the_number_of_threads_changes_no_bit(name: str, isa: str) -> None:
    tensor, x = CASES[name], inputs(20, 320)
    one, three = (ops.linear(x, tensor.packed(ops)) for ops in (NativeOps(1, isa), NativeOps(3, isa)))
    assert np.array_equal(one.view(np.uint32), three.view(np.uint32))


@pytest.mark.parametrize("kind", ["blocks", "micro"])
def test_experts_have_scales_of_their_own(ops: NativeOps, kind: str) -> None:
    """With a router that sends each token to one expert, the mixture is that expert's feed-forward."""
    count, dim, width = 4, 64, 32

    def stack(rows: int, cols: int, seed: int) -> Blocks | Micro:
        return blocks(count, rows, cols, rows, cols, seed) if kind == "blocks" else micro(count, rows, cols, seed)

    w1, w3, w2 = stack(width, dim, 1), stack(width, dim, 2), stack(dim, width, 3)
    router = np.zeros((count, dim), np.float32)
    router[np.arange(count), np.arange(count)] = 50
    x = inputs(count, dim)
    x[:, :count] = np.eye(count)
    experts = Experts(ops.matrix(f32_tensor("router", router)), *(w.packed(ops) for w in (w1, w3, w2)), None)
    found = ops.moe(x, experts, top_k=1, normalise=True, scale=1.0, residual=np.zeros_like(x))
    for i in range(count):
        gate, up = x[i].astype(np.float64) @ w1.numbers()[i].T, x[i].astype(np.float64) @ w3.numbers()[i].T
        reference = (gate / (1 + np.exp(-gate)) * up) @ w2.numbers()[i].T
        assert relative(found[i], reference) < 4 * QUANTISED_TOLERANCE  # inputs are rounded twice, and gates multiply


def test_scales_that_do_not_fit_are_refused() -> None:
    core = NativeOps(threads=1).core
    codes = np.zeros((2, 8, 64), np.uint8)
    with pytest.raises(ValueError, match=r"factors must be .*\[2, 1, 1\], got \[1, 1, 1\]"):
        core.block_matrix(codes, 64, np.ones((1, 1, 1), np.float32), 8, 64)
    with pytest.raises(ValueError, match="even number of columns"):
        core.block_matrix(codes, 64, np.ones((2, 1, 3), np.float32), 8, 31)
    with pytest.raises(ValueError, match="have rows"):
        core.block_matrix(codes, 64, np.ones((2, 1, 1), np.float32), 0, 64)
    with pytest.raises(ValueError, match=r"groups must have contiguous rows, \[2, 8, 8\], got \[2, 8, 4\]"):
        core.micro_matrix(codes, 128, np.zeros((2, 8, 4), np.uint8), np.ones(2, np.float32), False)
    with pytest.raises(ValueError, match=r"factors must be .*\[2\], got \[1\]"):
        core.micro_matrix(codes, 128, np.zeros((2, 8, 8), np.uint8), np.ones(1, np.float32), False)
    with pytest.raises(ValueError, match="scales beside"):
        core.matrix("f8_e4m3", codes, 64)
