"""Bit for bit: nothing but the query, what it may see and the instruction set reaches a token's result."""

from __future__ import annotations

import numpy as np
import pytest
from attention_cases import ISAS, GroupedCase, LatentCase

from quatre.ops.native_backend import NativeOps

LENGTH = 1050
CHUNKINGS = [
    [1] * 5 + [7, 100, 413, 525],
    [512, 512, 26],
    [511, 2, 537],
    [1049, 1],
]


@pytest.fixture(params=ISAS)
def isa(request):
    return request.param


@pytest.fixture(params=["f32", "bf16"])
def cache_dtype(request):
    return request.param


def in_chunks(case, sizes, **form):
    """Store and attend chunk after chunk, as a scheduler would."""
    first, parts = 0, []
    for size in sizes:
        case.store({0: (first, size)})
        parts.append(case.attend({0: (first, size)}, **form))
        first += size
    return np.concatenate(parts)


def latent_case(isa, cache_dtype, threads=2, lengths=(LENGTH,), **sizes):
    case = LatentCase(NativeOps(threads, isa, cache_dtype), list(lengths), **sizes)
    case.store()
    return case


def grouped_case(isa, cache_dtype, threads=2, lengths=(LENGTH,), **sizes):
    case = GroupedCase(NativeOps(threads, isa, cache_dtype), list(lengths), **sizes)
    case.store()
    return case


def test_chunks_of_a_prompt(isa, cache_dtype):
    expected = latent_case(isa, cache_dtype).attend({0: (0, LENGTH)}, absorbed=False)
    for sizes in CHUNKINGS:
        case = LatentCase(NativeOps(2, isa, cache_dtype), [LENGTH])
        np.testing.assert_array_equal(in_chunks(case, sizes, absorbed=False), expected)


def test_absorbed_tokens_together_or_alone(isa, cache_dtype):
    case = latent_case(isa, cache_dtype)
    expected = case.attend({0: (0, LENGTH)}, absorbed=True)
    for first, count in [(0, 3), (510, 5), (511, 1), (1046, 4), (1049, 1)]:
        out = case.attend({0: (first, count)}, absorbed=True)
        np.testing.assert_array_equal(out, expected[first : first + count])


def test_prefill_and_decode_of_grouped_attention(isa, cache_dtype):
    for window in (None, 300):
        expected = grouped_case(isa, cache_dtype, window=window).attend({0: (0, LENGTH)})
        for sizes in CHUNKINGS:
            case = GroupedCase(NativeOps(3, isa, cache_dtype), [LENGTH], window=window)
            np.testing.assert_array_equal(in_chunks(case, sizes, absorbed=True), expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads(isa, cache_dtype, threads):
    one, many = latent_case(isa, cache_dtype, 2), latent_case(isa, cache_dtype, threads)
    for absorbed in (False, True):
        for piece in [(0, LENGTH), (1000, 50), (1049, 1)]:
            np.testing.assert_array_equal(many.attend({0: piece}, absorbed), one.attend({0: piece}, absorbed))
    one, many = grouped_case(isa, cache_dtype, 2), grouped_case(isa, cache_dtype, threads)
    for piece in [(0, LENGTH), (1042, 8), (1049, 1)]:
        np.testing.assert_array_equal(many.attend({0: piece}), one.attend({0: piece}))


@pytest.mark.parametrize("page_size", [2, 32, 50, 64, 2048])
def test_size_and_order_of_pages(isa, cache_dtype, page_size):
    one, other = latent_case(isa, cache_dtype), latent_case(isa, cache_dtype, page_size=page_size)
    other.tables[0] = other.tables[0][::-1].copy()
    other.store()
    for absorbed in (False, True):
        everything = {0: (0, LENGTH)}
        np.testing.assert_array_equal(other.attend(everything, absorbed), one.attend(everything, absorbed))
    one, other = grouped_case(isa, cache_dtype), grouped_case(isa, cache_dtype, page_size=page_size)
    np.testing.assert_array_equal(other.attend({0: (0, LENGTH)}), one.attend({0: (0, LENGTH)}))


def test_company(isa, cache_dtype):
    """Sequences of other lengths in the same step, before and after."""
    lengths = [3, LENGTH, 700, 1]
    pieces = {0: (1, 2), 1: (LENGTH - 20, 20), 2: (600, 100), 3: (0, 1)}
    for make, forms in ((latent_case, (False, True)), (grouped_case, (False,))):
        case = make(isa, cache_dtype, lengths=lengths)
        for absorbed in forms:
            together = case.attend(pieces, absorbed)
            alone = [case.attend({s: piece}, absorbed) for s, piece in pieces.items()]
            np.testing.assert_array_equal(together, np.concatenate(alone))


def test_forms_can_be_mixed_in_one_step(isa, cache_dtype):
    case = latent_case(isa, cache_dtype, lengths=[600, 600])
    pieces = {0: (590, 10), 1: (599, 1)}
    batch = case.batch(pieces, absorbed=False)
    batch.absorbed[1] = True
    q = np.concatenate([case.q[0][590:], case.q[1][599:]])
    mixed = case.ops.latent_attention(q, case.heads_uk, case.heads_uv, case.cache, batch, case.scale)
    np.testing.assert_array_equal(mixed[:10], case.attend({0: (590, 10)}, absorbed=False))
    np.testing.assert_array_equal(mixed[10:], case.attend({1: (599, 1)}, absorbed=True))


def test_true_shape(isa, cache_dtype):
    """Small 4's heads, one prompt in two chunkings and two thread counts."""
    sizes = {"heads": 32, "nope": 64, "rope": 64, "v": 128, "latent": 256}
    expected = latent_case(isa, cache_dtype, 1, (560,), **sizes).attend({0: (0, 560)}, absorbed=False)
    case = LatentCase(NativeOps(2, isa, cache_dtype), [560], page_size=64, **sizes)
    np.testing.assert_array_equal(in_chunks(case, [500, 13, 47], absorbed=False), expected)
