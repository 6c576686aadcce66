"""Writing the caches of the native back end."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
from attention_cases import EPS, ISAS, GroupedCase, LatentCase, cached_floats, make_batch, to_bf16

from quatre.errors import ConfigError
from quatre.ops.interface import Rotary
from quatre.ops.native_backend import NativeOps


def normed_and_turned(kv, norm, rotary, positions):
    """model.md 2.2 in float64, with the float32 product of position and frequency as the angle."""
    latent = len(norm)
    c = kv[:, :latent].astype(np.float64)
    c = norm * c / np.sqrt((c**2).mean(-1, keepdims=True) + EPS)
    angle = (positions.astype(np.float32)[:, None] * rotary.frequencies).astype(np.float64)
    cos, sin = np.cos(angle) * rotary.magnitude, np.sin(angle) * rotary.magnitude
    rope = kv[:, latent:].astype(np.float64)
    half = rope.shape[1] // 2
    a, b = (slice(0, None, 2), slice(1, None, 2)) if rotary.interleaved else (slice(half), slice(half, None))
    turned = np.empty_like(rope)
    turned[:, a] = rope[:, a] * cos - rope[:, b] * sin
    turned[:, b] = rope[:, b] * cos + rope[:, a] * sin
    return np.concatenate((c, turned), 1)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", ["f32", "bf16"])
@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize(("latent", "pairs"), [(7, 2), (256, 32), (1, 0)])
def test_latents_are_normed_and_rotated(isa, cache_dtype, interleaved, latent, pairs):
    ops = NativeOps(threads=2, isa=isa, cache_dtype=cache_dtype)
    rng = np.random.default_rng(1)
    first, count, page_size = 999_990, 37, 1_000_030  # far out, where the angle has few bits left
    kv = rng.standard_normal((count, latent + 2 * pairs)).astype(np.float32) * 3
    norm = rng.standard_normal(latent).astype(np.float32)
    frequencies = (10000.0 ** (-np.arange(pairs) / max(pairs, 1))).astype(np.float32)
    rotary = Rotary(frequencies, magnitude=1.25, interleaved=interleaved)
    cache = ops.latent_cache(2, page_size, latent + 2 * pairs)
    batch = make_batch([(first, count)], [np.array([1], np.int32)], page_size)
    ops.store_latent(kv, norm, EPS, rotary, cache, batch)

    rows = cached_floats(cache[1, first : first + count])[:, : latent + 2 * pairs]
    expected = normed_and_turned(kv, norm, rotary, batch.positions)
    rounding = 2**-8 if cache_dtype == "bf16" else 0.0
    assert (np.abs(rows - expected) <= rounding * np.abs(expected) + 1e-6 * (1 + np.abs(expected))).all()
    assert not cache[1, :first].any()
    assert not cache[1, first + count :].any()
    assert not cache[0].any()


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", ["f32", "bf16"])
def test_chunks_and_threads_write_the_same_latents(isa, cache_dtype):
    whole = LatentCase(NativeOps(1, isa, cache_dtype), [100, 33])
    whole.store()
    pieces = LatentCase(NativeOps(3, isa, cache_dtype), [100, 33])
    for first, count in [(0, 1), (1, 20), (21, 79)]:
        pieces.store({0: (first, count)})
    pieces.store({1: (0, 33)})
    np.testing.assert_array_equal(pieces.cache, whole.cache)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("cache_dtype", ["f32", "bf16"])
def test_the_only_visible_value_comes_back_as_stored(isa, cache_dtype):
    case = GroupedCase(NativeOps(2, isa, cache_dtype), [1, 1, 1], heads=4, kv_heads=4, head_dim=37)
    case.store()
    out = case.attend({0: (0, 1), 1: (0, 1), 2: (0, 1)})
    stored = np.concatenate(case.v).reshape(3, -1)
    np.testing.assert_array_equal(out, to_bf16(stored) if cache_dtype == "bf16" else stored)


def test_memory_of_a_cache_is_committed_when_used():
    ops = NativeOps(1)
    before = resident_bytes()
    cache = ops.latent_cache(100_000, 64, 320)
    assert cache.nbytes == 100_000 * 64 * ops.cache_bytes(320)  # 4.1 GB
    assert not cache[12345].any()
    assert resident_bytes() - before < 50e6


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def test_cache_bytes_per_token():
    assert NativeOps(1, cache_dtype="bf16").cache_bytes(320) == 640  # model.md 2.3
    assert NativeOps(1, cache_dtype="f32").cache_bytes(320) == 1280
    assert NativeOps(1, cache_dtype="bf16").cache_bytes(11) == 24


def test_odd_pages_of_pairs_are_refused():
    with pytest.raises(ConfigError, match="even"):
        NativeOps(1, cache_dtype="bf16").kv_cache(4, 7, 2, 8)
    with pytest.raises(ConfigError, match="expected one of f32, bf16"):
        NativeOps(1, cache_dtype="f16")
