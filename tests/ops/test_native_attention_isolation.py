"""NaN and infinity stay in the sequence, and behind the position, that they came in with."""

from __future__ import annotations

import numpy as np
import pytest
from attention_cases import ISAS, GroupedCase, LatentCase

from quatre.ops.native_backend import NativeOps

BAD = [np.nan, np.inf, -np.inf]


@pytest.fixture(params=[(isa, cache_dtype) for isa in ISAS for cache_dtype in ("f32", "bf16")], ids="-".join)
def ops(request):
    return NativeOps(2, *request.param)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("absorbed", [False, True])
def test_another_sequence(ops, bad, absorbed):
    clean, dirty = LatentCase(ops, [70, 45]), LatentCase(ops, [70, 45])
    dirty.kv[0][5, :] = bad
    dirty.q[0][60] = bad
    for case in (clean, dirty):
        case.store()
    pieces = {0: (0, 70), 1: (0, 45)}
    expected, found = clean.attend(pieces, absorbed), dirty.attend(pieces, absorbed)
    np.testing.assert_array_equal(found[70:], expected[70:])
    assert np.isnan(found[69]).any()  # it is not hidden either


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("absorbed", [False, True])
@pytest.mark.parametrize("position", [24, 25])  # both halves of a pair
def test_a_later_token(ops, bad, absorbed, position):
    clean, dirty = LatentCase(ops, [40]), LatentCase(ops, [40])
    dirty.kv[0][position] = bad
    for case in (clean, dirty):
        case.store()
    expected, found = clean.attend({0: (0, 40)}, absorbed), dirty.attend({0: (0, 40)}, absorbed)
    np.testing.assert_array_equal(found[:position], expected[:position])


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("position", [24, 25])
def test_a_later_token_of_grouped_attention(ops, bad, position):
    clean, dirty = GroupedCase(ops, [40]), GroupedCase(ops, [40])
    dirty.k[0][position] = dirty.v[0][position] = bad
    for case in (clean, dirty):
        case.store()
    expected, found = clean.attend({0: (0, 40)}), dirty.attend({0: (0, 40)})
    np.testing.assert_array_equal(found[:position], expected[:position])
    assert np.isnan(found[39]).any()


@pytest.mark.parametrize("window", [1, 7, 8])
def test_tokens_that_left_the_window(ops, window):
    """Their pages may hold anything by now."""
    clean, dirty = GroupedCase(ops, [600], window=window), GroupedCase(ops, [600], window=window)
    for case in (clean, dirty):
        case.store()
    dirty.k[0][: 600 - window] = dirty.v[0][: 600 - window] = np.nan
    dirty.store()
    np.testing.assert_array_equal(dirty.attend({0: (599, 1)}), clean.attend({0: (599, 1)}))


@pytest.mark.parametrize("make", [LatentCase, GroupedCase])
def test_recycled_pages(ops, make):
    """What an earlier owner left behind the context is never multiplied, not even by zero."""
    clean, dirty = make(ops, [33]), make(ops, [33])
    clean.store()
    # Padding is zeroed by the allocation and stays zero; everything else is NaN.
    if make is LatentCase:
        bits = dirty.cache.view(np.uint16 if dirty.cache.dtype == np.uint16 else np.uint32)
        bits[..., : dirty.latent + dirty.rope] = 0x7FC0 if bits.dtype == np.uint16 else 0x7FC00000
    else:
        everything = GroupedCase(ops, [64])
        everything.k[0][:] = everything.v[0][:] = np.nan
        everything.cache, everything.tables = dirty.cache, [np.arange(4, dtype=np.int32)]
        everything.store()
    dirty.store()
    for form in ({"absorbed": False}, {"absorbed": True}):
        np.testing.assert_array_equal(dirty.attend({0: (0, 33)}, **form), clean.attend({0: (0, 33)}, **form))


def test_huge_scores_neither_overflow_nor_vanish(ops):
    case = LatentCase(ops, [50])
    case.q[0] *= 1e4
    case.store()
    for absorbed in (False, True):
        out = case.attend({0: (0, 50)}, absorbed)
        assert np.isfinite(out).all()
        assert np.abs(out).max() > 0.1
