"""Formats of one to three bits, whose blocks share scales at several levels: none may stand in for another."""

from __future__ import annotations

import numpy as np
import pytest
from matrix_cases import inputs, product

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from quatre.ops import _native
from quatre.ops.native_backend import NativeOps
from random_blocks import set_scales

LOW = ["q2_k", "q3_k", "iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "tq1_0", "tq2_0"]
# Bytes in memory for 256 numbers, where they are not those of the file.
LARGER = {"q3_k": 146, "iq1_m": 58, "tq1_0": 66}


@pytest.fixture(scope="module", params=_native.available_isas())
def ops(request: pytest.FixtureRequest) -> NativeOps:
    return NativeOps(threads=2, isa=request.param)


def low_bits(name: str, rows: int, cols: int) -> StoredTensor:
    """Random codes with float16 scales of either sign, each with its own."""
    rng = np.random.default_rng(5)
    fmt = BY_NAME[name]
    data = rng.integers(0, 256, (rows * cols // fmt.group, fmt.group_bytes), np.uint8)
    set_scales(fmt, data, rng.normal(size=(len(data), 2)))
    return StoredTensor.from_buffer("w", fmt, (rows, cols), data.reshape(-1))


@pytest.mark.parametrize("name", LOW)
@pytest.mark.parametrize("rows", [1, 16, 50])
def test_every_scale_is_kept(name: str, rows: int) -> None:
    tensor, out = low_bits(name, rows, 768), np.empty((1, rows, 768), np.float32)
    NativeOps(threads=2).matrix(tensor).decode(out)
    assert np.array_equal(out[0].view(np.uint32), tensor.decode().view(np.uint32))


@pytest.mark.parametrize("name", LOW)
@pytest.mark.parametrize("tokens", [1, 2, 7, 12, 29])
def test_products_are_exact_where_inputs_are(ops: NativeOps, name: str, tokens: int) -> None:
    """Whole numbers up to 127 lose nothing as inputs, so all that is left is the rounding of float32 sums."""
    tensor = low_bits(name, 50, 768)
    x = np.random.default_rng(6).integers(-127, 128, (tokens, 768)).astype(np.float32)
    x[:, ::32] = 127
    reference = product(x, tensor)
    error = np.linalg.norm(ops.linear(x, ops.matrix(tensor)) - reference) / np.linalg.norm(reference)
    assert error < 1e-6


@pytest.mark.parametrize("name", LOW)
def test_every_code_is_its_own(ops: NativeOps, name: str) -> None:
    """Inputs that are zero but in one column show the columns of the matrix one by one."""
    tensor = low_bits(name, 33, 256)
    columns = ops.linear(np.eye(256, dtype=np.float32) * 127, ops.matrix(tensor)).T
    expected = tensor.decode() * np.float32(127)
    np.testing.assert_allclose(columns, expected, rtol=2e-6, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("name", LOW)
def test_a_matrix_takes_the_memory_of_its_file(name: str) -> None:
    tensor = low_bits(name, 64, 512)
    assert NativeOps().matrix(tensor).panels.nbytes == 64 * 2 * LARGER.get(name, BY_NAME[name].group_bytes)


@pytest.mark.parametrize("name", LOW)
def test_instruction_sets_agree(name: str) -> None:
    """Within a group products are exact, so instruction sets differ only by how float32 sums are fused."""
    tensor, x = low_bits(name, 40, 1024), inputs(8, 1024)
    results = [NativeOps(isa=isa).linear(x, NativeOps(isa=isa).matrix(tensor)) for isa in _native.available_isas()]
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], rtol=0, atol=2e-6 * np.abs(results[0]).max())
