"""Packing is lossless, and products are right and, bit for bit, independent of company."""

from __future__ import annotations

import numpy as np
import pytest
from matrix_cases import inputs, product, stored, tolerance

from quatre.errors import ConfigError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import f32_tensor
from quatre.ops import _native
from quatre.ops.interface import Rotary
from quatre.ops.native_backend import PACKED, NativeOps

ISAS = _native.available_isas()
FORMATS = sorted(PACKED)


@pytest.fixture(scope="module", params=ISAS)
def ops(request: pytest.FixtureRequest) -> NativeOps:
    return NativeOps(threads=2, isa=request.param)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rows", [1, 15, 16, 17, 50])
def test_packing_loses_nothing(name: str, rows: int) -> None:
    tensor = stored(name, rows, 512)
    packed = NativeOps(threads=2).matrix(tensor)
    out = np.empty((1, rows, 512), np.float32)
    packed.decode(out)
    assert np.array_equal(out[0].view(np.uint32), tensor.decode().view(np.uint32))


@pytest.mark.parametrize("name", ["f32", "bf16", "f16"])
def test_packing_loses_nothing_of_odd_widths_and_stacks(name: str) -> None:
    tensor = stored(name, 3, 18, 7)
    packed = NativeOps(threads=3).matrix(tensor)
    out = np.empty((3, 18, 7), np.float32)
    packed.decode(out)
    assert np.array_equal(out, tensor.decode())


def test_a_strided_part_of_a_fused_tensor_packs_like_a_copy() -> None:
    fused = stored("q4_0", 4 * 40, 64)
    part = fused.grouped_rows(4, 8, 30)
    out = np.empty((4, 22, 64), np.float32)
    NativeOps(threads=2).matrix(part).decode(out)
    assert np.array_equal(out, part.decode())


@pytest.mark.parametrize("name", FORMATS)
def test_products_are_those_of_the_decoded_weights(ops: NativeOps, name: str) -> None:
    tensor, x = stored(name, 50, 512), inputs(29, 512)
    reference = product(x, tensor)
    error = np.linalg.norm(ops.linear(x, ops.matrix(tensor)) - reference) / np.linalg.norm(reference)
    assert error < tolerance(name)


def test_the_tolerance_would_notice_a_wrong_scale() -> None:
    ops, tensor, x = NativeOps(), stored("q8_0", 50, 512), inputs(29, 512)
    reference = product(x, tensor) * 1.02
    error = np.linalg.norm(ops.linear(x, ops.matrix(tensor)) - reference) / np.linalg.norm(reference)
    assert error > tolerance("q8_0")


@pytest.mark.parametrize("name", FORMATS)
def test_a_token_has_the_same_bits_in_any_company(ops: NativeOps, name: str) -> None:
    weight, x = ops.matrix(stored(name, 33, 256)), inputs(100, 256)
    together = ops.linear(x, weight)
    for count in (1, 2, 3, 5, 12, 13, 64):
        for first in (0, 100 - count):
            alone = ops.linear(x[first : first + count].copy(), weight)
            assert np.array_equal(alone.view(np.uint32), together[first : first + count].view(np.uint32))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("isa", ISAS)
def test_the_number_of_threads_changes_no_bit(name: str, isa: str) -> None:
    tensor, x = stored(name, 200, 256), inputs(20, 256)
    results = [
        (lambda ops: ops.linear(x, ops.matrix(tensor)))(NativeOps(threads=threads, isa=isa)) for threads in (1, 2, 3)
    ]
    assert all(np.array_equal(results[0].view(np.uint32), other.view(np.uint32)) for other in results[1:])


def test_integer_products_agree_between_instruction_sets() -> None:
    """Within a group they are exact, so instruction sets differ only by how float32 sums are fused."""
    tensor, x = stored("q4_1", 40, 1024), inputs(8, 1024)
    results = [(lambda ops: ops.linear(x, ops.matrix(tensor)))(NativeOps(isa=isa)) for isa in ISAS]
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], rtol=0, atol=4e-6)


def test_residual_is_added(ops: NativeOps) -> None:
    weight, x, residual = ops.matrix(stored("f32", 20, 32)), inputs(5, 32), inputs(5, 20, seed=2)
    assert np.array_equal(ops.linear(x, weight, residual), residual + ops.linear(x, weight))


def test_ten_thousand_tokens(ops: NativeOps) -> None:
    tensor, x = stored("q8_0", 16, 32), inputs(10_000, 32)
    reference = product(x, tensor)
    error = np.linalg.norm(ops.linear(x, ops.matrix(tensor)) - reference) / np.linalg.norm(reference)
    assert error < tolerance("q8_0")


@pytest.mark.parametrize("name", ["f32", "bf16", "q4_1", "q8_0", "q6_k", "q4_k", "q2_k", "iq2_s", "iq3_s"])
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_own_token(ops: NativeOps, name: str, poison: float) -> None:
    weight, x = ops.matrix(stored(name, 20, 256)), inputs(9, 256)
    clean = ops.linear(x, weight)
    x[4, 100] = poison
    dirty = ops.linear(x, weight)
    others = [t for t in range(9) if t != 4]
    assert np.array_equal(dirty[others].view(np.uint32), clean[others].view(np.uint32))
    assert not np.isfinite(dirty[4]).any()


def test_zero_inputs_give_zeros(ops: NativeOps) -> None:
    for name in FORMATS:
        assert not ops.linear(np.zeros((2, 256), np.float32), ops.matrix(stored(name, 20, 256))).any()


def test_misaligned_storage_packs_the_same() -> None:
    tensor = stored("q4_0", 20, 64)
    shifted = np.empty(tensor.data.nbytes + 1, np.uint8)[1:]
    shifted[:] = tensor.data.reshape(-1)
    moved = StoredTensor.from_buffer("moved", tensor.format, (20, 64), shifted)
    ops, x = NativeOps(), inputs(3, 64)
    assert np.array_equal(ops.linear(x, ops.matrix(moved)), ops.linear(x, ops.matrix(tensor)))


def test_transposed_and_unpacked_formats_are_decoded_first() -> None:
    ops, x = NativeOps(), inputs(3, 40)
    transposed = f32_tensor("t", inputs(40, 24)).swapped()
    np.testing.assert_allclose(ops.linear(x, ops.matrix(transposed)), product(x, transposed), rtol=1e-4, atol=1e-5)


def test_wrong_shapes_and_types_never_reach_a_kernel(ops: NativeOps) -> None:
    weight, x = ops.matrix(stored("f32", 20, 32)), inputs(5, 32)
    for bad in (inputs(5, 31), inputs(32), x.astype(np.float64), np.asfortranarray(x), x[:, ::-1]):
        with pytest.raises(ValueError, match="x must be contiguous float32"):
            ops.linear(bad, weight)
    for bad in (inputs(5, 21), inputs(4, 20), inputs(5, 20).astype(np.float16), inputs(20)):
        with pytest.raises(ValueError, match="residual must be contiguous float32"):
            ops.linear(x, weight, bad)
    with pytest.raises(ValueError, match=r"one matrix, got a stack \[3, 20, 32\]"):
        ops.linear(x, ops.matrix(stored("f32", 3, 20, 32)))
    with pytest.raises(ValueError, match="x must be contiguous float32"):
        ops.rms_norm(x, inputs(31), 1e-6)
    with pytest.raises(ValueError, match="positions must be one per token: 5, got 4"):
        ops.rope(x.reshape(5, 4, 8), np.zeros(4, np.int32), Rotary(np.ones(2, np.float32)), query=False)
    with pytest.raises(ValueError, match="heads of at least 10 numbers, got 8"):
        ops.rope(x.reshape(5, 4, 8), np.zeros(5, np.int32), Rotary(np.ones(5, np.float32)), query=False)


@pytest.mark.parametrize("name", FORMATS)
def test_stored_bytes_that_do_not_fit_their_columns_are_not_read(name: str) -> None:
    core, data = _native.Core("auto", 1), stored(name, 1, 20, 512).data
    for cols in (0, -512, 256, 1024):
        with pytest.raises(ValueError, match=r"cannot store rows of|contiguous rows of"):
            core.matrix(name, data, cols)
    for wrong in (data[:, :, :-1], np.repeat(data, 2, -1)[:, :, ::2]):
        with pytest.raises(ValueError, match="contiguous rows of"):
            core.matrix(name, wrong, 512)


@pytest.mark.parametrize(("name", "cols"), [("q4_0", 31), ("mxfp4", 48), ("q4_k", 32), ("q2_k", 128), ("iq2_s", 32)])
def test_columns_are_whole_groups(name: str, cols: int) -> None:
    with pytest.raises(ValueError, match=f"{name} cannot store rows of {cols} numbers"):
        _native.Core("auto", 1).matrix(name, np.zeros((1, 20, 300), np.uint8), cols)


@pytest.mark.parametrize("name", FORMATS)
def test_inputs_may_begin_anywhere(ops: NativeOps, name: str) -> None:
    """A view's first number is rarely on a cache line."""
    weight, x = ops.matrix(stored(name, 33, 256)), inputs(7, 256)
    expected = ops.linear(x, weight)
    for shift in (1, 3, 8):
        moved = np.empty(x.size + shift, np.float32)[shift:].reshape(x.shape)
        moved[:] = x
        assert np.array_equal(ops.linear(moved, weight).view(np.uint32), expected.view(np.uint32))


def test_embedding_rows_are_decoded_exactly() -> None:
    ops, table = NativeOps(), stored("q8_0", 50, 64)
    ids = np.array([3, 49, 0, 3], np.int32)
    assert np.array_equal(ops.embed(ops.table(table), ids), table.decode()[ids])


def test_an_unknown_instruction_set_is_refused_with_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"'sse9' is not one that this machine can run: scalar"):
        NativeOps(isa="sse9")
    monkeypatch.setenv("QUATRE_ISA", "scalar")
    assert NativeOps().isa == "scalar"
    with pytest.raises(ConfigError, match="threads must be at least 1"):
        NativeOps(threads=0)
