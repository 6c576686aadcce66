"""Random sequences, their paged caches, and attention in float64 to compare with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Format, StoredTensor
from quatre.formats.floats import BF16
from quatre.ops import _native
from quatre.ops.interface import Batch, Rotary
from quatre.ops.native_backend import NativeOps

ISAS: list[str] = _native.available_isas()
EPS = 1e-6


def to_bf16(x: NDArray[np.float32]) -> NDArray[np.float32]:
    assert BF16.encode is not None
    return BF16.decode(BF16.encode(np.ascontiguousarray(x, np.float32)))


def stored_as(fmt: Format, values: NDArray[np.float32]) -> StoredTensor:
    """Numbers as a file of that format would hold them."""
    assert fmt.encode is not None
    return StoredTensor.from_buffer("w", fmt, values.shape, fmt.encode(np.ascontiguousarray(values)).reshape(-1))


def cached_floats(cache: NDArray) -> NDArray[np.float64]:
    """The numbers of a latent cache, whatever its type."""
    return (BF16.decode(cache.view(np.uint8)) if cache.dtype == np.uint16 else cache).astype(np.float64)


def make_batch(
    pieces: list[tuple[int, int]], tables: list[NDArray[np.int32]], page_size: int, absorbed: bool = False
) -> Batch:
    """A step in which sequence s computes ``pieces[s] = (first position, tokens)``."""
    counts = [count for _, count in pieces]
    page_tables = np.zeros((len(tables), max(map(len, tables))), np.int32)
    for row, table in zip(page_tables, tables, strict=True):
        row[: len(table)] = table
    return Batch(
        ids=np.zeros(sum(counts), np.int32),
        positions=np.concatenate([np.arange(first, first + count) for first, count in pieces]).astype(np.int32),
        starts=np.cumsum([0, *counts]).astype(np.int32),
        contexts=np.array([first + count for first, count in pieces], np.int32),
        page_tables=page_tables,
        page_size=page_size,
        absorbed=np.full(len(pieces), absorbed),
    )


def page_tables(lengths: list[int], page_size: int, rng: np.random.Generator) -> list[NDArray[np.int32]]:
    """Disjoint pages in no order; page 0 belongs to nobody."""
    counts = [-(-length // page_size) for length in lengths]
    pages = 1 + rng.permutation(sum(counts)).astype(np.int32)
    return np.split(pages, np.cumsum(counts)[:-1])


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def relative_error(found: NDArray, expected: NDArray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@dataclass
class LatentCase:
    """One layer of latent attention and a few sequences in its cache. Scores have a variance above one."""

    ops: NativeOps
    lengths: list[int]
    heads: int = 3
    nope: int = 6
    rope: int = 4
    v: int = 5
    latent: int = 7
    page_size: int = 16
    seed: int = 0
    weights: Format = BF16
    transposed: bool = False  # keys' up-projection stored the other way round, as in GGUF files
    kv: list[NDArray[np.float32]] = field(init=False)  # [length, latent + rope] of each sequence
    q: list[NDArray[np.float32]] = field(init=False)  # [length, heads, nope + rope]

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        normal = lambda *shape: rng.standard_normal(shape).astype(np.float32)  # noqa: E731
        w_uk = normal(self.heads, self.nope, self.latent) / np.float32(self.latent**0.5)
        w_uv = normal(self.heads, self.v, self.latent) / np.float32(self.latent**0.5)
        uk = (
            stored_as(self.weights, w_uk.swapaxes(1, 2)).swapped() if self.transposed else stored_as(self.weights, w_uk)
        )
        uv = stored_as(self.weights, w_uv)
        self.w_uk, self.w_uv = uk.decode(), uv.decode()
        self.heads_uk, self.heads_uv = self.ops.head_matrix(uk), self.ops.head_matrix(uv)
        self.norm = 1 + normal(self.latent) / 10
        frequencies = (10000.0 ** (-np.arange(self.rope // 2) / (self.rope // 2))).astype(np.float32)
        self.rotary = Rotary(frequencies, interleaved=True)
        self.scale = (self.nope + self.rope) ** -0.5
        self.kv = [normal(n, self.latent + self.rope) for n in self.lengths]
        self.q = [2 * normal(n, self.heads, self.nope + self.rope) for n in self.lengths]
        self.tables = page_tables(self.lengths, self.page_size, rng)
        pages = 1 + sum(map(len, self.tables))
        self.cache = self.ops.latent_cache(pages, self.page_size, self.latent + self.rope)

    def batch(self, pieces: dict[int, tuple[int, int]], absorbed: bool) -> Batch:
        """Sequence s computes ``pieces[s]``."""
        return make_batch(list(pieces.values()), [self.tables[s] for s in pieces], self.page_size, absorbed)

    def store(self, pieces: dict[int, tuple[int, int]] | None = None) -> None:
        """Fill the cache; everything unless told otherwise."""
        pieces = pieces or {s: (0, n) for s, n in enumerate(self.lengths)}
        kv = np.concatenate([self.kv[s][first : first + count] for s, (first, count) in pieces.items()])
        self.ops.store_latent(kv, self.norm, EPS, self.rotary, self.cache, self.batch(pieces, False))

    def attend(self, pieces: dict[int, tuple[int, int]], absorbed: bool) -> NDArray[np.float32]:
        q = np.concatenate([self.q[s][first : first + count] for s, (first, count) in pieces.items()])
        batch = self.batch(pieces, absorbed)
        return self.ops.latent_attention(q, self.heads_uk, self.heads_uv, self.cache, batch, self.scale)

    def cached(self, sequence: int) -> NDArray[np.float64]:
        """What the cache holds of a sequence, ``[length, latent + rope]``."""
        rows = cached_floats(self.cache)[self.tables[sequence]].reshape(-1, self.cache.shape[2])
        return rows[: self.lengths[sequence], : self.latent + self.rope]

    def expected(self, sequence: int, position: int) -> NDArray[np.float64]:
        """model.md 2.2 in float64, on what the cache holds: ``[heads · v]``."""
        rows, q = self.cached(sequence)[: position + 1], self.q[sequence][position].astype(np.float64)
        c, kr = rows[:, : self.latent], rows[:, self.latent :]
        k = np.einsum("hdl,jl->hjd", self.w_uk.astype(np.float64), c)
        v = np.einsum("hdl,jl->hjd", self.w_uv.astype(np.float64), c)
        scores = np.einsum("hd,hjd->hj", q[:, : self.nope], k) + q[:, self.nope :] @ kr.T
        return np.einsum("hj,hjd->hd", softmax(scores * self.scale), v).reshape(-1)


@dataclass
class GroupedCase:
    """One layer of grouped-query attention and a few sequences in its cache."""

    ops: NativeOps
    lengths: list[int]
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 5
    page_size: int = 16
    window: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        normal = lambda *shape: rng.standard_normal(shape).astype(np.float32)  # noqa: E731
        self.scale = self.head_dim**-0.5
        self.k = [normal(n, self.kv_heads, self.head_dim) for n in self.lengths]
        self.v = [normal(n, self.kv_heads, self.head_dim) for n in self.lengths]
        self.q = [2 * normal(n, self.heads, self.head_dim) for n in self.lengths]
        self.tables = page_tables(self.lengths, self.page_size, rng)
        pages = 1 + sum(map(len, self.tables))
        self.cache = self.ops.kv_cache(pages, self.page_size, self.kv_heads, self.head_dim)

    def batch(self, pieces: dict[int, tuple[int, int]], absorbed: bool = False) -> Batch:
        return make_batch(list(pieces.values()), [self.tables[s] for s in pieces], self.page_size, absorbed)

    def store(self, pieces: dict[int, tuple[int, int]] | None = None) -> None:
        pieces = pieces or {s: (0, n) for s, n in enumerate(self.lengths)}
        k = np.concatenate([self.k[s][first : first + count] for s, (first, count) in pieces.items()])
        v = np.concatenate([self.v[s][first : first + count] for s, (first, count) in pieces.items()])
        self.ops.store_kv(k, v, self.cache, self.batch(pieces))

    def attend(self, pieces: dict[int, tuple[int, int]], absorbed: bool = False) -> NDArray[np.float32]:
        q = np.concatenate([self.q[s][first : first + count] for s, (first, count) in pieces.items()])
        return self.ops.gqa_attention(q, self.cache, self.batch(pieces, absorbed), self.scale, self.window)

    def expected(self, sequence: int, position: int) -> NDArray[np.float64]:
        """Attention in float64, on keys and values as the cache rounds them: ``[heads · head_dim]``."""
        rounded = to_bf16 if self.ops.cache_dtype == "bf16" else np.asarray
        first = 0 if self.window is None else max(0, position - self.window + 1)
        group = self.heads // self.kv_heads
        k = np.repeat(rounded(self.k[sequence][first : position + 1]), group, 1).astype(np.float64)
        v = np.repeat(rounded(self.v[sequence][first : position + 1]), group, 1).astype(np.float64)
        scores = np.einsum("hd,jhd->hj", self.q[sequence][position].astype(np.float64), k)
        return np.einsum("hj,jhd->hd", softmax(scores * self.scale), v).reshape(-1)
