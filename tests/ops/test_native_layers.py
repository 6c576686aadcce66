"""Norm, rotation, feed-forward and mixture of experts of the native back end, against PyTorch's and themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matrix_cases import inputs, stored
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.floats import f32_tensor
from quatre.ops import _native
from quatre.ops.interface import Experts, Rotary
from quatre.ops.native_backend import NativeOps
from quatre.ops.torch_backend import TorchOps

TORCH = TorchOps("float64")


@pytest.fixture(scope="module", params=_native.available_isas())
def ops(request: pytest.FixtureRequest) -> NativeOps:
    return NativeOps(threads=2, isa=request.param)


def double(x: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(x.astype(np.float64))


@pytest.mark.parametrize("n", [1, 15, 16, 37, 576])
def test_rms_norm(ops: NativeOps, n: int) -> None:
    x, w = inputs(9, n) * 3, inputs(n, seed=2)
    expected = TORCH.rms_norm(double(x), double(w), 1e-5).numpy()
    np.testing.assert_allclose(ops.rms_norm(x, w, 1e-5), expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize("query", [True, False])
def test_rope_at_positions_up_to_a_million(ops: NativeOps, interleaved: bool, query: bool) -> None:
    frequencies = np.array([1.0, 0.3, 0.01, 1e-5], np.float32)
    rotary = Rotary(frequencies, 1.25, interleaved=interleaved, temperature_beta=0.1, temperature_length=8192)
    positions = np.array([0, 1, 8191, 8192, 65_537, 262_143, 1_000_000], np.int32)
    x = inputs(7, 3, 11)
    expected = TORCH.rope(double(x), positions, rotary, query=query).numpy()
    np.testing.assert_allclose(ops.rope(x, positions, rotary, query=query), expected, rtol=0, atol=2e-6)


def test_rotations_of_different_steps_do_not_mix(ops: NativeOps) -> None:
    """Angles are kept from call to call; a change of positions, frequencies or magnitude must be noticed."""
    x = inputs(3, 2, 8)
    for positions in ([0, 1, 2], [5, 6, 7], [5, 6, 8]):
        for frequencies in ([1.0, 0.5], [1.0, 0.25], [1.0]):
            for magnitude in (1.0, 1.5):
                rotary = Rotary(np.array(frequencies, np.float32), magnitude)
                places = np.array(positions, np.int32)
                expected = TORCH.rope(double(x), places, rotary, query=False).numpy()
                np.testing.assert_allclose(ops.rope(x, places, rotary, query=False), expected, rtol=0, atol=2e-6)


def test_query_temperature_is_exactly_one_below_its_length(ops: NativeOps) -> None:
    x, positions = inputs(2, 1, 4), np.array([0, 8191], np.int32)
    warm = Rotary(np.array([0.5], np.float32), temperature_beta=0.1, temperature_length=8192)
    cold = Rotary(np.array([0.5], np.float32))
    assert np.array_equal(ops.rope(x, positions, warm, query=True), ops.rope(x, positions, cold, query=True))


def swiglu(*shape: int, name: str = "f32", seed: int = 3) -> list[StoredTensor]:
    """w1, w3 ``[…, width, dim]`` and w2 ``[…, dim, width]``."""
    *lead, width, dim = shape
    down = (*lead, dim, width)
    return [stored(name, *s, seed=seed + i) for i, s in enumerate((shape, shape, down))]


def experts_for(ops: NativeOps | TorchOps, weights: dict[str, object]) -> Experts:
    routed = [ops.matrix(w) for w in weights["routed"]]  # type: ignore[attr-defined]
    shared = weights["shared"] and tuple(ops.matrix(w) for w in weights["shared"])  # type: ignore[attr-defined]
    return Experts(ops.matrix(weights["router"]), *routed, shared=shared or None)  # type: ignore[arg-type]


def random_experts(count: int, width: int, dim: int, name: str = "f32", shared: bool = True) -> dict[str, object]:
    return {
        "router": f32_tensor("router", inputs(count, dim, seed=7)),
        "routed": swiglu(count, width, dim, name=name),
        "shared": swiglu(2 * width, dim, name=name, seed=20) if shared else None,
    }


def test_feed_forward(ops: NativeOps) -> None:
    weights, x, residual = swiglu(40, 33), inputs(13, 33), inputs(13, 33, seed=2)
    expected = TORCH.feed_forward(double(x), *map(TORCH.matrix, weights), residual=double(residual)).numpy()
    result = ops.feed_forward(x, *map(ops.matrix, weights), residual=residual)
    np.testing.assert_allclose(result, expected, rtol=0, atol=5e-6)


def test_large_and_small_gates_saturate(ops: NativeOps) -> None:
    """silu(±200) is 200 and 0; nothing overflows on the way."""
    identity = f32_tensor("identity", np.eye(4, dtype=np.float32))
    ones = f32_tensor("ones", np.full((4, 4), 0.25, np.float32))
    x = np.array([[200, -200, 90, -90]], np.float32)
    w = [ops.matrix(m) for m in (identity, ones, identity)]
    result = ops.feed_forward(x, *w, residual=np.zeros_like(x))
    assert np.array_equal(result, np.zeros_like(x))  # the mean of x is zero
    result = ops.feed_forward(x + 4, *w, residual=np.zeros_like(x))
    np.testing.assert_allclose(result, [[816, 0, 376, 0]], rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize("top_k", [1, 2, 6])
@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_moe(ops: NativeOps, top_k: int, normalise: bool, shared: bool) -> None:
    weights, x, residual = random_experts(6, 40, 48, shared=shared), inputs(23, 48), inputs(23, 48, seed=2)
    options = {"top_k": top_k, "normalise": normalise, "scale": 1.5}
    expected = TORCH.moe(double(x), experts_for(TORCH, weights), residual=double(residual), **options).numpy()
    result = ops.moe(x, experts_for(ops, weights), residual=residual, **options)
    np.testing.assert_allclose(result, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", ["f32", "bf16", "q4_0", "q8_0", "q4_k"])
def test_moe_gives_a_token_the_same_bits_in_any_company(ops: NativeOps, name: str) -> None:
    experts = experts_for(ops, random_experts(6, 256, 256, name=name))
    x, residual = inputs(40, 256), inputs(40, 256, seed=2)
    options = {"top_k": 2, "normalise": True, "scale": 1.0}
    together = ops.moe(x, experts, residual=residual, **options)
    for first, count in ((0, 1), (39, 1), (3, 5), (10, 17)):
        part = slice(first, first + count)
        alone = ops.moe(x[part].copy(), experts, residual=residual[part].copy(), **options)
        assert np.array_equal(alone.view(np.uint32), together[part].view(np.uint32))


@pytest.mark.parametrize("threads", [1, 3])
def test_moe_does_not_depend_on_threads(threads: int) -> None:
    weights, x = random_experts(6, 64, 64, name="q4_1"), inputs(17, 64)
    options = {"top_k": 2, "normalise": True, "scale": 1.0, "residual": x}
    two, other = NativeOps(threads=2), NativeOps(threads=threads)
    a, b = (o.moe(x, experts_for(o, weights), **options) for o in (two, other))
    assert np.array_equal(a.view(np.uint32), b.view(np.uint32))


def test_a_router_in_bf16_sees_unrounded_inputs(ops: NativeOps) -> None:
    """Router logits decide who computes; inputs rounded to bf16 would move them by 0.4 %."""
    weights = random_experts(6, 40, 47, shared=False)
    weights["router"] = stored("bf16", 6, 47, seed=7)
    x, options = inputs(23, 47), {"top_k": 6, "normalise": False, "scale": 1.0}
    expected = TORCH.moe(double(x), experts_for(TORCH, weights), residual=double(x), **options).numpy()
    result = ops.moe(x, experts_for(ops, weights), residual=x, **options)
    np.testing.assert_allclose(result, expected, rtol=0, atol=5e-6)


@pytest.mark.parametrize("names", [("q8_0", "q8_0", "q4_0"), ("q4_0", "f32", "q6_k"), ("bf16", "q4_1", "f32")])
def test_each_matrix_may_have_its_own_format(ops: NativeOps, names: tuple[str, str, str]) -> None:
    """GGUF files mix formats: the down projections, or the shared expert, are often stored finer than the rest."""
    fine, weights = random_experts(6, 256, 256), random_experts(6, 256, 256)
    for group in ("routed", "shared"):
        shapes = [w.shape for w in weights[group]]  # type: ignore[attr-defined]
        order = names if group == "routed" else names[::-1]
        weights[group] = [stored(n, *s, seed=40 + i) for i, (n, s) in enumerate(zip(order, shapes, strict=True))]
    x, options = inputs(9, 256), {"top_k": 2, "normalise": True, "scale": 1.0}
    zero = np.zeros_like(x)
    expected = TORCH.moe(double(x), experts_for(TORCH, weights), residual=double(zero), **options).numpy()
    result = ops.moe(x, experts_for(ops, weights), residual=zero, **options)
    assert np.linalg.norm(result - expected) < 0.03 * np.linalg.norm(expected)
    other = ops.moe(x, experts_for(ops, fine), residual=zero, **options)
    assert np.linalg.norm(other - expected) > 0.3 * np.linalg.norm(expected)


def test_long_calls_done_in_parts_give_the_same_bits(ops: NativeOps) -> None:
    experts, x = experts_for(ops, random_experts(4, 32, 32, name="q8_0")), inputs(2_500, 32)
    w1, w3, w2 = (ops.matrix(w) for w in swiglu(32, 32, name="q4_0"))
    options = {"top_k": 2, "normalise": True, "scale": 1.0}
    for together, alone in (
        (ops.moe(x, experts, residual=x, **options), lambda part: ops.moe(part, experts, residual=part, **options)),
        (ops.feed_forward(x, w1, w3, w2, x), lambda part: ops.feed_forward(part, w1, w3, w2, part)),
    ):
        for first in (0, 1_000, 1_020, 2_040, 2_490):
            part = slice(first, first + 10)
            assert np.array_equal(alone(x[part].copy()).view(np.uint32), together[part].view(np.uint32))


def test_no_tokens_are_no_work(ops: NativeOps) -> None:
    none = np.zeros((0, 48), np.float32)
    options = {"top_k": 2, "normalise": True, "scale": 1.0}
    assert ops.moe(none, experts_for(ops, random_experts(6, 40, 48)), residual=none, **options).shape == (0, 48)
    assert ops.linear(none, ops.matrix(stored("bf16", 5, 48))).shape == (0, 5)


def test_one_expert_may_get_every_token_and_others_none(ops: NativeOps) -> None:
    weights = random_experts(6, 40, 48)
    router = np.zeros((6, 48), np.float32)
    router[4, 0] = 100.0
    weights["router"] = f32_tensor("router", router)
    x = np.abs(inputs(31, 48)) + 0.1
    expected = TORCH.moe(
        double(x), experts_for(TORCH, weights), top_k=1, normalise=True, scale=1.0, residual=double(x)
    ).numpy()
    result = ops.moe(x, experts_for(ops, weights), top_k=1, normalise=True, scale=1.0, residual=x)
    np.testing.assert_allclose(result, expected, rtol=0, atol=2e-5)


def test_ties_in_the_router_go_to_the_lower_id(ops: NativeOps) -> None:
    weights = random_experts(6, 40, 48, shared=False)
    weights["router"] = f32_tensor("router", np.zeros((6, 48), np.float32))
    x = inputs(3, 48)
    result = ops.moe(x, experts_for(ops, weights), top_k=2, normalise=True, scale=1.0, residual=np.zeros_like(x))
    routed = weights["routed"]
    halves = [
        ops.feed_forward(x, *(ops.matrix(w[e]) for w in routed), residual=np.zeros_like(x)) / 2  # type: ignore[attr-defined]
        for e in (0, 1)
    ]
    np.testing.assert_allclose(result, halves[0] + halves[1], rtol=0, atol=1e-6)


def test_a_token_that_is_not_finite_stays_alone(ops: NativeOps) -> None:
    experts, x = experts_for(ops, random_experts(6, 40, 48)), inputs(9, 48)
    options = {"top_k": 2, "normalise": True, "scale": 1.0}
    clean = ops.moe(x, experts, residual=x, **options)
    x[4, 7] = np.nan
    dirty = ops.moe(x, experts, residual=x, **options)
    others = [t for t in range(9) if t != 4]
    assert np.array_equal(dirty[others].view(np.uint32), clean[others].view(np.uint32))
    assert np.isnan(dirty[4]).all()


@pytest.mark.parametrize("name", ["bf16", "q4_0", "q8_0", "q4_k"])
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_token_in_every_format(ops: NativeOps, name: str, poison: float) -> None:
    experts, x = experts_for(ops, random_experts(6, 256, 256, name=name)), inputs(9, 256)
    w1, w3, w2 = (ops.matrix(w) for w in swiglu(256, 256, name=name))
    zero, options = np.zeros_like(x), {"top_k": 2, "normalise": True, "scale": 1.0}
    dirty, others = x.copy(), [t for t in range(9) if t != 4]
    dirty[4, 7] = poison
    for layer in (
        lambda x: ops.moe(x, experts, residual=zero, **options),
        lambda x: ops.feed_forward(x, w1, w3, w2, zero),
    ):
        found = layer(dirty)
        assert np.array_equal(found[others].view(np.uint32), layer(x)[others].view(np.uint32))
        assert not np.isfinite(found[4]).all()


def test_ten_thousand_tokens_through_experts(ops: NativeOps) -> None:
    experts, x = experts_for(ops, random_experts(4, 32, 32, name="q8_0")), inputs(10_000, 32)
    options = {"top_k": 2, "normalise": True, "scale": 1.0}
    together = ops.moe(x, experts, residual=x, **options)
    for first in (0, 4_999, 9_999):
        part = x[first : first + 1].copy()
        alone = ops.moe(part, experts, residual=part, **options)
        assert np.array_equal(alone.view(np.uint32), together[first : first + 1].view(np.uint32))


def test_experts_that_do_not_fit_are_refused(ops: NativeOps) -> None:
    experts, x = experts_for(ops, random_experts(6, 40, 48)), inputs(5, 48)
    with pytest.raises(ValueError, match="top_k must be from 1 to the 6 experts"):
        ops.moe(x, experts, top_k=7, normalise=True, scale=1.0, residual=x)
    with pytest.raises(ValueError, match="x must be"):
        ops.moe(inputs(5, 47), experts, top_k=2, normalise=True, scale=1.0, residual=x)
    swapped = Experts(experts.router, experts.w2, experts.w3, experts.w1, shared=None)
    with pytest.raises(ValueError, match=r"x must be|do not fit"):
        ops.moe(x, swapped, top_k=2, normalise=True, scale=1.0, residual=x)
