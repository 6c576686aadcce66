"""How far each operation of the native back end is from exact arithmetic, at the true shapes of Mistral Small 4.

    python benchmarks/accuracy.py [--isa NAME] [--tokens N]

The reference is NumPy in float64 on the same decoded weights, so what remains is the arithmetic: rounding of inputs to
8 bits (quantised weights) or to bf16 (bf16 weights), of the cache, and float32 sums. The error is relative,
|found - exact| / |exact| over all numbers of the result. Inputs and weights are normally distributed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from quatre.ops.interface import Batch, Experts, Rotary
from quatre.ops.native_backend import PACKED, NativeOps

DIM, WIDTH, EXPERTS, CHOSEN = 4096, 2048, 8, 4  # 8 of the 128 experts: their number changes nothing here
HEADS, NOPE, ROPE, V, LATENT = 32, 64, 64, 128, 256
KV_HEADS, HEAD_DIM = 8, 128  # of the dense family
CONTEXT, PAGE, EPS = 1024, 32, 1e-6

Exact = NDArray[np.float64]
Floats = NDArray[np.float32]
Result = tuple[str, str, float]


def normal(seed: int, *shape: int) -> Floats:
    """Standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def stored(fmt: str, seed: int, *shape: int) -> StoredTensor:
    """Rows of about unit norm, as a file of that format holds them."""
    kind = BY_NAME[fmt]
    assert kind.encode is not None
    values = normal(seed, *shape) / np.float32(np.sqrt(shape[-1]))
    return StoredTensor.from_buffer(fmt, kind, shape, np.ascontiguousarray(kind.encode(values)).reshape(-1))


def exact(tensor: StoredTensor) -> Exact:
    """The numbers that a tensor stands for."""
    return tensor.decode().astype(np.float64)


def error(found: NDArray[Any], expected: Exact) -> float:
    """Relative error of a whole result."""
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def swiglu(x: Exact, w1: Exact, w3: Exact, w2: Exact) -> Exact:
    """The feed-forward of one expert."""
    gate = x @ w1.T
    return np.asarray((gate / (1 + np.exp(-gate)) * (x @ w3.T)) @ w2.T)


def products(ops: NativeOps, fmt: str, tokens: int) -> Iterator[Result]:
    """Projections, the shared expert and the mixture with weights of one format."""
    x = normal(1, tokens, DIM)
    wide, zero = x.astype(np.float64), np.zeros_like(x)
    wo = stored(fmt, 2, DIM, DIM)
    yield "linear 4096 → 4096", fmt, error(ops.linear(x, ops.matrix(wo)), wide @ exact(wo).T)
    one = [stored(fmt, 3, WIDTH, DIM), stored(fmt, 4, WIDTH, DIM), stored(fmt, 5, DIM, WIDTH)]
    found = ops.feed_forward(x, *map(ops.matrix, one), residual=zero)
    shared = swiglu(wide, *map(exact, one))
    yield "expert 4096 → 2048 → 4096", fmt, error(found, shared)
    w1, w3, w2 = (stored(fmt, 6 + i, EXPERTS, *w.shape) for i, w in enumerate(one))
    router = stored("f32", 9, EXPERTS, DIM)
    experts = Experts(*map(ops.matrix, (router, w1, w3, w2)), tuple(map(ops.matrix, one)))
    found = ops.moe(x, experts, top_k=CHOSEN, normalise=True, scale=1.0, residual=zero)
    yield "mixture, 4 chosen and 1 shared", fmt, error(found, shared + mixture(wide, *map(exact, (router, w1, w3, w2))))


def mixture(x: Exact, router: Exact, w1: Exact, w3: Exact, w2: Exact) -> Exact:
    """The routed experts (model.md 3)."""
    logits = x @ router.T
    p = np.exp(logits - logits.max(1, keepdims=True))
    out = np.zeros_like(x)
    for t, row in enumerate(p):
        chosen = np.argsort(-row, kind="stable")[:CHOSEN]
        for e in chosen:
            out[t] += row[e] / row[chosen].sum() * swiglu(x[t : t + 1], w1[e], w3[e], w2[e])[0]
    return out


def token_wise(ops: NativeOps, tokens: int) -> Iterator[Result]:
    """Norm and rotation, which have no weights to speak of."""
    x, norm = normal(1, tokens, DIM), 1 + normal(2, DIM) / 10
    wide = x.astype(np.float64)
    expected = wide / np.sqrt((wide**2).mean(1, keepdims=True) + EPS) * norm
    yield "rms_norm 4096", "f32", error(ops.rms_norm(x, norm, EPS), expected)
    q = normal(3, tokens, HEADS, NOPE + ROPE)
    positions = np.linspace(0, 200_000, tokens).astype(np.int32)
    turned = ops.rope(q, positions, rotary(), query=False)
    yield "rope 64 of 128", "f32", error(turned, rotate(q.astype(np.float64), positions))


def rotary() -> Rotary:
    """Small 4's rotation without its temperature."""
    frequencies = 10000.0 ** (-np.arange(ROPE // 2) * 2 / ROPE)
    return Rotary(frequencies.astype(np.float32), interleaved=True)


def rotate(q: Exact, positions: NDArray[np.int32]) -> Exact:
    """Neighbouring lanes as complex numbers; the angle is a float32 product by definition (model.md 2.4)."""
    angles = positions[:, None].astype(np.float32) * rotary().frequencies
    turn = np.exp(1j * angles.astype(np.float64))[:, None]
    lanes = q[..., NOPE:]
    turned = (lanes[..., ::2] + 1j * lanes[..., 1::2]) * turn
    return np.concatenate([q[..., :NOPE], np.stack([turned.real, turned.imag], -1).reshape(lanes.shape)], -1)


def step(first: int, count: int, absorbed: bool) -> Batch:
    """Positions first … first + count - 1 of one sequence."""
    pages = -(-CONTEXT // PAGE)
    return Batch(
        ids=np.zeros(count, np.int32),
        positions=np.arange(first, first + count, dtype=np.int32),
        starts=np.array([0, count], np.int32),
        contexts=np.array([first + count], np.int32),
        page_tables=np.arange(pages, dtype=np.int32)[None],
        page_size=PAGE,
        absorbed=np.array([absorbed]),
    )


def attend(q: Exact, k: Exact, v: Exact, scale: float) -> Exact:
    """The last n positions attend: q [n, heads, d], k [context, heads, d], v [context, heads, e] → [n, heads · e]."""
    scores = np.einsum("qhd,khd->hqk", q, k) * scale
    seen = np.arange(len(k))[None] <= np.arange(len(k) - len(q), len(k))[:, None]
    scores = np.where(seen, scores, -np.inf)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(np.einsum("hqk,khe->qhe", p / p.sum(-1, keepdims=True), v).reshape(len(q), -1))


def latent(ops: NativeOps, tokens: int) -> Iterator[Result]:
    """Both forms behind a cache of this back end's type."""
    uk, uv = stored("bf16", 1, HEADS, NOPE, LATENT), stored("bf16", 2, HEADS, V, LATENT)
    kv, q = normal(3, CONTEXT, LATENT + ROPE), 2 * normal(4, tokens, HEADS, NOPE + ROPE)
    norm = np.ones(LATENT, np.float32)
    cache = ops.latent_cache(-(-CONTEXT // PAGE), PAGE, LATENT + ROPE)
    ops.store_latent(kv, norm, EPS, rotary(), cache, step(0, CONTEXT, absorbed=False))
    c = kv[:, :LATENT].astype(np.float64)
    c /= np.sqrt((c**2).mean(1, keepdims=True) + EPS)
    padded = np.concatenate([np.zeros((CONTEXT, 1, NOPE)), kv[:, None, LATENT:]], -1)
    k_rope = np.broadcast_to(rotate(padded, np.arange(CONTEXT, dtype=np.int32))[..., NOPE:], (CONTEXT, HEADS, ROPE))
    k = np.concatenate([np.einsum("kl,hnl->khn", c, exact(uk)), k_rope], -1)
    scale = (NOPE + ROPE) ** -0.5
    expected = attend(q.astype(np.float64), k, np.einsum("kl,hvl->khv", c, exact(uv)), scale)
    weights = ops.head_matrix(uk), ops.head_matrix(uv)
    for absorbed in (False, True):
        found = ops.latent_attention(q, *weights, cache, step(CONTEXT - tokens, tokens, absorbed), scale)
        name = "latent attention, absorbed" if absorbed else "latent attention, expanded"
        yield name, f"{ops.cache_dtype} cache", error(found, expected)


def grouped(ops: NativeOps, tokens: int) -> Iterator[Result]:
    """Attention of the dense family."""
    k, v = normal(1, CONTEXT, KV_HEADS, HEAD_DIM), normal(2, CONTEXT, KV_HEADS, HEAD_DIM)
    q = 2 * normal(3, tokens, HEADS, HEAD_DIM)
    cache = ops.kv_cache(-(-CONTEXT // PAGE), PAGE, KV_HEADS, HEAD_DIM)
    ops.store_kv(k, v, cache, step(0, CONTEXT, absorbed=False))
    scale = HEAD_DIM**-0.5
    found = ops.gqa_attention(q, cache, step(CONTEXT - tokens, tokens, absorbed=False), scale, None)
    many = [np.repeat(a.astype(np.float64), HEADS // KV_HEADS, axis=1) for a in (k, v)]
    yield (
        "grouped-query attention",
        f"{ops.cache_dtype} cache",
        error(found, attend(q.astype(np.float64), *many, scale)),
    )


def results(isa: str | None, tokens: int) -> Iterator[Result]:
    """Everything there is to measure."""
    ops = NativeOps(isa=isa)
    yield from token_wise(ops, tokens)
    for fmt in [name for name in BY_NAME if name in PACKED and BY_NAME[name].encode is not None]:
        yield from products(ops, fmt, tokens)
    for dtype in ("f32", "bf16"):
        caching = NativeOps(isa=isa, cache_dtype=dtype)
        yield from latent(caching, tokens)
        yield from grouped(caching, tokens)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description="Relative error of each native operation at the true shapes.")
    parser.add_argument("--isa")
    parser.add_argument("--tokens", type=int, default=16)
    options = parser.parse_args()
    print(f"isa: {NativeOps(isa=options.isa).isa}, tokens: {options.tokens}, context: {CONTEXT}\n")
    print("| operation | numbers | relative error |\n|---|---|---|")
    for name, numbers, found in results(options.isa, options.tokens):
        print(f"| {name} | {numbers} | {found:.1e} |", flush=True)


if __name__ == "__main__":
    main()
