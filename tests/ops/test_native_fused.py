"""Operations that norm their own input, or multiply it with several weights, give the bits of the single ones."""

from __future__ import annotations

import numpy as np
import pytest
from matrix_cases import inputs, stored
from numpy.typing import NDArray

from quatre.ops import _native
from quatre.ops.interface import Experts, Norm
from quatre.ops.native_backend import NativeOps

EPS = 1e-5


@pytest.fixture(scope="module", params=_native.available_isas())
def ops(request: pytest.FixtureRequest) -> NativeOps:
    return NativeOps(threads=2, isa=request.param)


def same(found: NDArray[np.float32], expected: NDArray[np.float32]) -> bool:
    return np.array_equal(found.view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("tokens", [0, 1, 5, 40])
@pytest.mark.parametrize(
    "names",
    [
        ("q4_0",),
        ("q4_0", "q4_0"),
        ("f32", "q4_0", "f32"),
        ("bf16", "q6_k", "q4_k"),
        ("q2_k", "q3_k", "q2_k"),
        ("iq2_xxs", "iq3_s", "iq2_s", "tq2_0"),
        ("f32", "bf16", "q4_0", "q8_0", "q4_1", "q6_k", "mxfp4"),  # more kinds of input than are kept at once
    ],
)
@pytest.mark.parametrize("norm", [True, False])
def test_several_products_of_one_input(ops: NativeOps, names: tuple[str, ...], tokens: int, norm: bool) -> None:
    x, by = inputs(tokens, 256), inputs(256, seed=3)
    weights = [ops.matrix(stored(name, 20 + 30 * i, 256, seed=i)) for i, name in enumerate(names)]
    found = ops.project(x, Norm(by, EPS) if norm else None, *weights)
    h = ops.rms_norm(x, by, EPS) if norm else x
    assert len(found) == len(weights)
    for y, weight in zip(found, weights, strict=True):
        assert same(y, ops.linear(h, weight))


def test_feed_forward_norms_its_input(ops: NativeOps) -> None:
    x, by = inputs(7, 64), inputs(64, seed=3)
    w1, w3, w2 = (ops.matrix(stored("q8_0", *shape, seed=i)) for i, shape in enumerate([(96, 64), (96, 64), (64, 96)]))
    expected = ops.feed_forward(ops.rms_norm(x, by, EPS), w1, w3, w2, residual=x)
    assert same(ops.feed_forward(x, w1, w3, w2, residual=x, norm=Norm(by, EPS)), expected)


@pytest.mark.parametrize("tokens", [1, 9, 1500])
def test_a_mixture_norms_its_input(ops: NativeOps, tokens: int) -> None:
    x, by = inputs(tokens, 64), inputs(64, seed=3)
    stack = [ops.matrix(stored("q4_0", 4, *shape, seed=i)) for i, shape in enumerate([(32, 64), (32, 64), (64, 32)])]
    experts = Experts(ops.matrix(stored("f32", 4, 64)), *stack, shared=None)  # type: ignore[arg-type]
    kind = {"top_k": 2, "normalise": True, "scale": 1.0}
    expected = ops.moe(ops.rms_norm(x, by, EPS), experts, **kind, residual=x)  # type: ignore[arg-type]
    assert same(ops.moe(x, experts, **kind, residual=x, norm=Norm(by, EPS)), expected)  # type: ignore[arg-type]


def test_what_does_not_fit_is_refused(ops: NativeOps) -> None:
    weight, x = ops.matrix(stored("f32", 20, 64)), inputs(5, 64)
    with pytest.raises(ValueError, match=r"norm must be .*\[64\], got \[63\]"):
        ops.project(x, Norm(inputs(63), EPS), weight)
    with pytest.raises(ValueError, match=r"x must be .*\[tokens, 32\]"):
        ops.project(x, None, weight, ops.matrix(stored("f32", 20, 32)))
    with pytest.raises(ValueError, match="one matrix, got a stack"):
        ops.project(x, None, ops.matrix(stored("f32", 2, 20, 64)))
    with pytest.raises(ValueError, match="x must be contiguous float32"):
        ops.project(x.astype(np.float64), None, weight)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="array of its own"):
        ops.core.project(x, None, 0.0, [weight], [])
