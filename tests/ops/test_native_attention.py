"""Native attention against float64, on every instruction set."""

from __future__ import annotations

import numpy as np
import pytest
from attention_cases import ISAS, GroupedCase, LatentCase, relative_error

from quatre.ops.native_backend import NativeOps

CACHES = ["f32", "bf16"]


def allowed(ops: NativeOps) -> float:
    """Relative error: bf16 products round queries, keys, weights and values to 8 bits; all else is float32."""
    return 4e-3 if ops.cache_dtype == "bf16" and ops.isa == "avx512_vnni" else 1e-6


def check(case, sequence, out, positions):
    """``out`` holds the whole sequence; compares some of its positions."""
    expected = np.stack([case.expected(sequence, p) for p in positions])
    assert relative_error(out[positions], expected) < allowed(case.ops)


@pytest.mark.parametrize("absorbed", [False, True])
@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", CACHES)
@pytest.mark.parametrize("page_size", [16, 7, 1])
def test_latent_attention_of_odd_shapes(isa, cache_dtype, page_size, absorbed):
    case = LatentCase(NativeOps(2, isa, cache_dtype), [1100, 1, 40], page_size=page_size)
    case.store()
    out = case.attend({0: (0, 1100), 1: (0, 1), 2: (0, 40)}, absorbed)
    check(case, 0, out, [0, 1, 2, 6, 7, 15, 16, 17, 31, 32, 63, 64, 100, 511, 512, 513, 1023, 1024, 1025, 1099])
    check(case, 1, out[1100:], [0])
    check(case, 2, out[1101:], [0, 20, 39])


@pytest.mark.parametrize("absorbed", [False, True])
@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", CACHES)
@pytest.mark.parametrize(
    "sizes",
    [
        {"heads": 32, "nope": 64, "rope": 64, "v": 128, "latent": 256},  # Small 4
        {"heads": 33, "nope": 5, "rope": 2, "v": 17, "latent": 33},
        {"heads": 1, "nope": 1, "rope": 0, "v": 1, "latent": 1},
        {"heads": 17, "nope": 16, "rope": 16, "v": 48, "latent": 64},
    ],
)
def test_latent_attention_of_any_shape(isa, cache_dtype, sizes, absorbed):
    case = LatentCase(NativeOps(2, isa, cache_dtype), [530], **sizes)
    case.store()
    check(case, 0, case.attend({0: (0, 530)}, absorbed), [0, 1, 37, 529])


@pytest.mark.parametrize("isa", ISAS)
def test_both_forms_agree_far_out(isa):
    """Positions beyond 16 bits, in the middle of a context, for one token and for five."""
    case = LatentCase(NativeOps(2, isa, "f32"), [66_003], page_size=64)
    case.store()
    for first, count in [(66_002, 1), (65_534, 5)]:
        absorbed = case.attend({0: (first, count)}, absorbed=True)
        expanded = case.attend({0: (first, count)}, absorbed=False)
        expected = np.stack([case.expected(0, first + i) for i in range(count)])
        assert relative_error(absorbed, expected) < 1e-6
        assert relative_error(expanded, expected) < 1e-6


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", CACHES)
def test_a_perturbed_cache_is_noticed(isa, cache_dtype):
    """The tolerances above are not blind: an error of 1 % in one position of 40 is outside them."""
    case = LatentCase(NativeOps(2, isa, cache_dtype), [40])
    case.store()
    expected = case.expected(0, 39)
    case.kv[0][20] *= -1.0
    case.store()
    assert relative_error(case.attend({0: (39, 1)}, absorbed=True)[0], expected) > 2 * allowed(case.ops)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", CACHES)
@pytest.mark.parametrize(
    ("heads", "kv_heads", "head_dim", "page_size"),
    [(6, 2, 5, 16), (9, 3, 64, 32), (8, 2, 80, 6), (4, 4, 96, 24), (32, 8, 128, 64), (14, 1, 33, 2048)],
)
@pytest.mark.parametrize("window", [None, 1, 37, 700])
def test_grouped_attention(isa, cache_dtype, heads, kv_heads, head_dim, page_size, window):
    ops = NativeOps(2, isa, cache_dtype)
    case = GroupedCase(ops, [1100, 3], heads, kv_heads, head_dim, page_size, window)
    case.store()
    out = case.attend({0: (0, 1100), 1: (0, 3)})
    check(case, 0, out, [0, 1, 2, 16, 36, 37, 38, 511, 512, 513, 1023, 1024, 1099])
    check(case, 1, out[1100:], [0, 1, 2])


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("page_size", [1, 7])
def test_odd_pages_of_float32(isa, page_size):
    case = GroupedCase(NativeOps(2, isa, "f32"), [600], page_size=page_size)
    case.store()
    check(case, 0, case.attend({0: (0, 600)}), [0, 1, 7, 511, 512, 599])


@pytest.mark.parametrize("isa", ISAS)
def test_grouped_attention_far_out(isa):
    case = GroupedCase(NativeOps(2, isa, "f32"), [66_003], heads=2, kv_heads=1, head_dim=3, page_size=64)
    case.store()
    out = case.attend({0: (65_534, 5)})
    assert relative_error(out, np.stack([case.expected(0, 65_534 + i) for i in range(5)])) < 1e-6
