"""The kernel calls that roofline.py measures: products, experts and attention of one layer of Mistral Small 4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from quatre.ops.interface import Batch, Experts
from quatre.ops.native_backend import NativeOps

DIM, WIDTH, VOCAB = 4096, 2048, 131072
EXPERTS, CHOSEN = 32, 4  # 32 of the 128 experts: enough that no cache holds them
HEADS, NOPE, ROPE, V, LATENT = 32, 64, 64, 128, 256
PAGE = 32
BF16_COSTS = 2.0  # a bf16 product takes the time of this many int8 ones
ATTENTION = (("absorbed", 4096, 1), ("absorbed", 16384, 1), ("absorbed", 32768, 1), ("expanded", 4096, 512))

# Where a block's float16 scales stand; random ones would be NaN now and then, which some machines compute slowly.
SCALES = {"q8_0": (0,), "q4_0": (0,), "q4_1": (0, 2)}
SCALES |= {"q2_k": (80, 82), "q3_k": (108,), "q4_k": (0, 2), "q5_k": (0, 2), "q6_k": (208,)}
SCALES |= dict.fromkeys(("iq1_s", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_nl", "iq4_xs"), (0,))
SCALES |= {"tq1_0": (52,), "tq2_0": (64,)}


@dataclass(frozen=True)
class Case:
    """A kernel call to measure: what it reads from memory at least once, and the operations it does.

    ``operations`` counts int8 ones; others are counted as what they cost.
    """

    name: str
    fmt: str
    tokens: int
    nbytes: int
    operations: float
    call: Callable[[], object]


def random_weight(fmt: str, *shape: int) -> StoredTensor:
    """Random codes under one scale; bf16 and f32 get numbers around one."""
    rng = np.random.default_rng(0)
    kind = BY_NAME[fmt]
    if fmt in ("f32", "bf16"):
        assert kind.encode is not None
        row = kind.encode(rng.normal(size=(1, shape[-1])).astype(np.float32))
        data = np.broadcast_to(row, (*shape[:-1], row.shape[-1])).copy()
    else:
        data = rng.integers(0, 256, (*shape[:-1], kind.row_bytes(shape[-1])), dtype=np.uint8)
        for at in SCALES[fmt]:
            data.reshape(-1, kind.group_bytes)[:, at : at + 2] = np.array([0.002], np.float16).view(np.uint8)
    return StoredTensor.from_buffer(fmt, kind, shape, data.reshape(-1))


def cost(fmt: str) -> float:
    """Time of a product, in int8 products."""
    return BF16_COSTS if fmt == "bf16" else 1.0


def inputs(tokens: int, cols: int) -> NDArray[np.float32]:
    """Standard normal activations."""
    return np.random.default_rng(tokens).normal(size=(tokens, cols)).astype(np.float32)


def linear_cases(ops: NativeOps, fmt: str, tokens: list[int]) -> Iterator[Case]:
    """The head (too large for any cache) and the output projection of attention."""
    for name, rows, few in (("head", VOCAB, True), ("wo", DIM, False)):
        weight = ops.matrix(random_weight(fmt, rows, DIM))
        for n in tokens:
            if n <= 16 or not few:
                x = inputs(n, DIM)
                yield Case(
                    name,
                    fmt,
                    n,
                    weight.nbytes,
                    2.0 * cost(fmt) * n * rows * DIM,
                    lambda x=x, w=weight: ops.linear(x, w),
                )


def moe_cases(ops: NativeOps, fmt: str, tokens: list[int]) -> Iterator[Case]:
    """The mixture of experts with its shared expert; weights in caches are not counted as read again."""
    router = np.random.default_rng(1).normal(size=(EXPERTS, DIM)).astype(np.float32)
    down = fmt if WIDTH % BY_NAME[fmt].group == 0 else "q8_0"
    w1, w3 = (ops.matrix(random_weight(fmt, EXPERTS, WIDTH, DIM)) for _ in range(2))
    w2 = ops.matrix(random_weight(down, EXPERTS, DIM, WIDTH))
    shared = tuple(
        ops.matrix(random_weight(f, *s)) for f, s in ((fmt, (WIDTH, DIM)), (fmt, (WIDTH, DIM)), (down, (DIM, WIDTH)))
    )
    gate = ops.matrix(
        StoredTensor.from_buffer("router", BY_NAME["f32"], router.shape, router.reshape(-1).view(np.uint8))
    )
    experts = Experts(gate, w1, w3, w2, shared=shared)  # type: ignore[arg-type]
    one_expert = (w1.nbytes + w3.nbytes + w2.nbytes) // EXPERTS
    for n in tokens:
        x = inputs(n, DIM)
        chosen = np.argsort(x @ router.T, axis=-1)[:, -CHOSEN:]
        nbytes = (len(np.unique(chosen)) + 1) * one_expert
        operations = 2.0 * cost(fmt) * n * (CHOSEN + 1) * 3 * DIM * WIDTH
        yield Case(
            "moe",
            fmt,
            n,
            nbytes,
            operations,
            lambda x=x: ops.moe(x, experts, top_k=CHOSEN, normalise=True, scale=1.0, residual=x),
        )


# -- Attention -----------------------------------------------------------------------------------------------------


def last_tokens(context: int, tokens: int, absorbed: bool) -> Batch:
    """The last ``tokens`` of one sequence of ``context`` tokens."""
    first = context - tokens
    return Batch(
        ids=np.zeros(tokens, np.int32),
        positions=np.arange(first, context, dtype=np.int32),
        starts=np.array([0, tokens], np.int32),
        contexts=np.array([context], np.int32),
        page_tables=np.arange(context // PAGE, dtype=np.int32)[None],
        page_size=PAGE,
        absorbed=np.array([absorbed]),
    )


def full_cache(ops: NativeOps, context: int) -> NDArray[Any]:
    """Random bf16 numbers: memory that was never written would be read from one page of zeros."""
    cache = ops.latent_cache(context // PAGE, PAGE, LATENT + ROPE)
    numbers = np.random.default_rng(0).normal(size=cache.shape).astype(np.float32)
    cache[:] = (numbers.view(np.uint32) >> 16).astype(cache.dtype)
    return cache


def multiply_adds(form: str, context: int, tokens: int) -> float:
    """Of all heads, with each token's own number of positions; float32 work such as the softmax is not counted."""
    seen = sum(range(context - tokens + 1, context + 1))
    if form == "absorbed":  # scores over latent and rope lanes, average of latents; both up-projections per token
        return HEADS * (seen * (LATENT + ROPE + LATENT) + tokens * LATENT * (NOPE + V))
    return HEADS * (seen * (NOPE + ROPE + V) + context * LATENT * (NOPE + V))


def attention_cases(ops: NativeOps, fmt: str) -> Iterator[Case]:
    """Latent attention with a bf16 cache, as decoding and as prefill do it."""
    w_uk = ops.head_matrix(random_weight(fmt, HEADS, NOPE, LATENT))
    w_uv = ops.head_matrix(random_weight(fmt, HEADS, V, LATENT))
    for form, context, tokens in ATTENTION:
        cache, step = full_cache(ops, context), last_tokens(context, tokens, form == "absorbed")
        q = inputs(tokens, HEADS * (NOPE + ROPE)).reshape(tokens, HEADS, NOPE + ROPE)
        yield Case(
            f"{form} attention at {context:,}",
            fmt,
            tokens,
            context * (LATENT + ROPE) * 2 + w_uk.panels.nbytes + w_uv.panels.nbytes,
            2 * BF16_COSTS * multiply_adds(form, context, tokens),
            lambda q=q, cache=cache, step=step: ops.latent_attention(q, w_uk, w_uv, cache, step, (NOPE + ROPE) ** -0.5),
        )
