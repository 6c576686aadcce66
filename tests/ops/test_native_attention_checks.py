"""Arguments that do not fit raise before a kernel follows a pointer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from attention_cases import EPS, GroupedCase, LatentCase

from quatre.formats.floats import f32_tensor
from quatre.ops.native_backend import NativeOps

OPS = NativeOps(1)


@pytest.fixture
def latent():
    case = LatentCase(OPS, [40, 20])
    case.store()
    return case


@pytest.fixture
def grouped():
    case = GroupedCase(OPS, [40, 20])
    case.store()
    return case


PIECES = {0: (38, 2), 1: (19, 1)}

WRONG_BATCHES = {
    "page": (lambda b: {"page_tables": b.page_tables + 1000}, "not one of the cache's"),
    "negative page": (lambda b: {"page_tables": b.page_tables - 1000}, "not one of the cache's"),
    "short table": (lambda b: {"page_tables": np.ascontiguousarray(b.page_tables[:, :1])}, "does not fit in 1 pages"),
    "positions": (lambda b: {"positions": b.positions + np.int32(1)}, "are not the last 2 of its 40"),
    "negative position": (lambda b: {"positions": b.positions - 90, "contexts": b.contexts - 90}, "shorter"),
    "too few positions": (lambda b: {"positions": b.positions[:-1].copy()}, "number of positions is 2, expected 3"),
    "starts": (lambda _: {"starts": np.array([0, 1, 2], np.int32)}, "starts do not span"),
    "falling starts": (lambda _: {"starts": np.array([0, 5, 3], np.int32)}, "starts must not|not the last"),
    "too few starts": (lambda b: {"starts": b.starts[:-1].copy()}, "number of starts is 2, expected 3"),
    "tables": (lambda b: {"page_tables": b.page_tables[:1].copy()}, "number of page tables is 1, expected 2"),
    "flags": (lambda b: {"absorbed": b.absorbed[:1].copy()}, "number of absorbed flags is 1, expected 2"),
    "page size": (lambda _: {"page_size": 32}, "page size is 16, expected 32|words of a page"),
    "no page size": (lambda _: {"page_size": 0}, "page size|even number"),
}


def wrong_batch(batch, *_):
    return batch


@pytest.mark.parametrize("wrong", WRONG_BATCHES)
def test_batches_that_do_not_fit(latent, grouped, monkeypatch, wrong):
    change, sentence = WRONG_BATCHES[wrong]
    for case in (latent, grouped):
        batch = case.batch(PIECES, False)
        monkeypatch.setattr(case, "batch", partial(wrong_batch, replace(batch, **change(batch))))
        with pytest.raises(ValueError, match=sentence):
            case.attend(PIECES, False)
        with pytest.raises(ValueError, match=sentence):
            case.store(PIECES)


def heads(*shape, transposed=False):
    tensor = f32_tensor("w", np.zeros(shape, np.float32))
    return OPS.head_matrix(tensor.swapped() if transposed else tensor)


def latent_arguments(case):
    q = np.concatenate([case.q[0][38:], case.q[1][19:]])
    batch = case.batch(PIECES, True)
    return {"q": q, "w_uk": case.heads_uk, "w_uv": case.heads_uv, "cache": case.cache, "batch": batch, "scale": 1.0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a: {"q": a["q"][:, :2].copy()}, "heads is 3, expected 2"),
        (lambda a: {"q": a["q"][:, :, :5].copy()}, "narrower"),
        (lambda a: {"q": a["q"][:2].copy()}, "number of positions is 3, expected 2"),
        (lambda _: {"w_uk": heads(2, 6, 7)}, "heads is 2, expected 3"),
        (lambda _: {"w_uk": heads(3, 6, 6)}, "latent|width"),
        (lambda _: {"w_uk": heads(3, 6, 7, transposed=True)}, "latent size is 7, expected 6"),
        (lambda _: {"w_uv": heads(3, 5, 6)}, "latent size is 6, expected 7"),
        (lambda _: {"w_uv": heads(4, 5, 7)}, "heads is 4, expected 3"),
        (lambda a: {"cache": a["cache"][:, :8].copy()}, "page size is 8, expected 16"),
        (lambda a: {"cache": a["cache"].astype(np.int32)}, "neither float32 nor bf16"),
        (lambda a: {"cache": a["cache"][:, :, :10].copy()}, "width is 10, expected 12"),
    ],
)
def test_latent_arguments_that_do_not_fit(latent, change, sentence):
    arguments = latent_arguments(latent)
    with pytest.raises(ValueError, match=sentence):
        latent.ops.latent_attention(**arguments | change(arguments))


def test_arrays_that_would_be_copied_are_refused(latent, grouped):
    """A converted cache would be written in vain, a converted query is a caller's mistake."""
    arguments = latent_arguments(latent)
    for wrong in ({"q": arguments["q"].astype(np.float64)}, {"cache": latent.cache[:, :, ::2]}):
        with pytest.raises(TypeError):
            latent.ops.latent_attention(**arguments | wrong)
    with pytest.raises(TypeError):
        grouped.ops.store_kv(
            grouped.k[0][:, :, ::2], grouped.v[0][:, :, ::2], grouped.cache, grouped.batch({0: (0, 40)})
        )


def test_projected_latents_of_the_wrong_width(latent):
    batch = latent.batch({0: (0, 40)}, False)
    with pytest.raises(ValueError, match="width of the projected latents is 10, expected 11"):
        latent.ops.store_latent(latent.kv[0][:, :10].copy(), latent.norm, EPS, latent.rotary, latent.cache, batch)


def test_keys_and_values_that_differ(grouped):
    batch = grouped.batch({0: (0, 40)})
    k, v = grouped.k[0], grouped.v[0]
    for other in (v[:39].copy(), v[:, :1].copy(), v[:, :, :4].copy()):
        with pytest.raises(ValueError, match="value"):
            grouped.ops.store_kv(k, other, grouped.cache, batch)
    with pytest.raises(ValueError, match="words of a page"):
        grouped.ops.store_kv(k[:, :1].copy(), v[:, :1].copy(), grouped.cache, batch)


def test_heads_that_cannot_be_shared(grouped):
    q = np.zeros((1, 5, 5), np.float32)
    with pytest.raises(ValueError, match="5 query heads cannot share 2"):
        grouped.ops.gqa_attention(q, grouped.cache, grouped.batch({0: (39, 1)}), 1.0, None)
    with pytest.raises(ValueError, match="window is negative"):
        grouped.ops.gqa_attention(grouped.q[0][39:], grouped.cache, grouped.batch({0: (39, 1)}), 1.0, -1)


def test_an_empty_norm(latent):
    kv, batch = latent.kv[0][:, :4].copy(), latent.batch({0: (0, 40)}, False)
    with pytest.raises(ValueError, match="norm of the latents is empty"):
        latent.ops.store_latent(kv, np.zeros(0, np.float32), EPS, latent.rotary, latent.cache, batch)


def test_a_step_without_tokens(latent, grouped):
    """A sequence may have nothing to compute, and a step nothing at all."""
    assert latent.attend({0: (40, 0), 1: (20, 0)}, True).shape == (0, 15)
    assert grouped.attend({0: (40, 0)}).shape == (0, 30)
    alone = latent.attend({1: (19, 1)}, True)
    np.testing.assert_array_equal(latent.attend({0: (40, 0), 1: (19, 1)}, True), alone)
    latent.store({0: (40, 0)})
    grouped.store({0: (40, 0)})
