"""Attention of the native back end: the paged caches, and the calls into ``native/attention_bindings.cpp``.

The bindings check every shape, position and page number in C++ (a decode step calls them once per layer) and raise
ValueError. Memory of a cache is committed by the operating system when a page is first written, so a cache may be
configured for gigabytes and used little.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from quatre.errors import ConfigError
from quatre.formats.base import Floats, StoredTensor
from quatre.formats.panels import PanelTensor
from quatre.ops import _native
from quatre.ops.interface import Batch, Rotary

CACHE_DTYPES: dict[str, DTypeLike] = {"f32": np.float32, "bf16": np.uint16}

LatentCache = NDArray[Any]
"""One layer's latents, ``[pages, page_size, width]``: float32, or bf16 as uint16 with an even width."""

ALIGNMENT = 64  # bytes of a cache line; kernels may also read, never use, as much past the last row


@dataclass(frozen=True)
class KvCache:
    """One layer's keys and values: uint32 ``[pages, words of a page]``, laid out as ``native/attention.h`` says."""

    words: NDArray[np.uint32]
    kv_heads: int
    bf16: bool


@dataclass(frozen=True)
class HeadWeights:
    """Matrices ``[heads, rows, latent]`` in panels, or ``[heads, latent, rows]`` if ``transposed``."""

    panels: _native.Matrix
    transposed: bool

    @property
    def rows(self) -> int:
        return int(self.panels.cols if self.transposed else self.panels.rows)


class NativeAttention(ABC):
    """The caches and the four attention methods of :class:`~quatre.ops.native_backend.NativeOps`.

    ``cache_dtype`` is "bf16" or "f32"; products with bf16 caches use bf16 arithmetic, summed in float32, where the
    instruction set has it.
    """

    def __init__(self, core: _native.Core, cache_dtype: str) -> None:
        if cache_dtype not in CACHE_DTYPES:
            raise ConfigError(f"cache_dtype is {cache_dtype!r}, expected one of {', '.join(CACHE_DTYPES)}")
        self.core = core
        self.cache_dtype = cache_dtype

    # -- Weights and caches ------------------------------------------------------------------------------------

    @abstractmethod
    def matrix(self, tensor: StoredTensor | PanelTensor) -> _native.Matrix:
        """See :class:`~quatre.ops.interface.Ops`."""

    def head_matrix(self, tensor: StoredTensor | PanelTensor) -> HeadWeights:
        """See :class:`~quatre.ops.interface.Ops`. Packed as it lies in the file, transposed or not."""
        return HeadWeights(self.matrix(tensor.swapped() if tensor.transposed else tensor), tensor.transposed)

    def latent_cache(self, pages: int, page_size: int, width: int) -> LatentCache:
        """See :class:`~quatre.ops.interface.Ops`."""
        return _zeros((pages, page_size, self._whole_units(width)), CACHE_DTYPES[self.cache_dtype])

    def kv_cache(self, pages: int, page_size: int, kv_heads: int, head_dim: int) -> KvCache:
        """See :class:`~quatre.ops.interface.Ops`. Heads are padded to 16 numbers; ConfigError for odd bf16 pages."""
        bf16 = self.cache_dtype == "bf16"
        if bf16 and page_size % 2:
            raise ConfigError(f"page_size is {page_size}, but pages of bf16 keys and values need an even number")
        words = _native.Core.words_of_page(kv_heads, head_dim, bf16, page_size)
        return KvCache(_zeros((pages, words), np.uint32), kv_heads, bf16)

    def copy_page(self, cache: LatentCache | KvCache, source: int, target: int) -> None:
        """See :class:`~quatre.ops.interface.Ops`."""
        pages = cache.words if isinstance(cache, KvCache) else cache
        pages[target] = pages[source]

    def cache_bytes(self, width: int) -> int:
        """See :class:`~quatre.ops.interface.Ops`."""
        return self._whole_units(width) * np.dtype(CACHE_DTYPES[self.cache_dtype]).itemsize

    def _whole_units(self, width: int) -> int:
        """``width`` numbers, or one more where bf16 numbers come in pairs."""
        return width + width % 2 if self.cache_dtype == "bf16" else width

    # -- Attention over paged caches ---------------------------------------------------------------------------

    def store_latent(
        self, kv: Floats, norm: Floats, eps: float, rotary: Rotary, cache: LatentCache, batch: Batch
    ) -> None:
        """See :class:`~quatre.ops.interface.Ops`."""
        turn = rotary.frequencies, rotary.magnitude, rotary.interleaved
        self.core.store_latent(kv, norm, eps, *turn, cache, *_arrays(batch))

    def latent_attention(
        self, q: Floats, w_uk: HeadWeights, w_uv: HeadWeights, cache: LatentCache, batch: Batch, scale: float
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        tokens, heads = q.shape[:2]
        out = np.empty((tokens, heads * w_uv.rows), np.float32)
        weights = w_uk.panels, w_uk.transposed, w_uv.panels, w_uv.transposed
        self.core.latent_attention(q, *weights, cache, *_arrays(batch), scale, out)
        return out

    def store_kv(self, k: Floats, v: Floats, cache: KvCache, batch: Batch) -> None:
        """See :class:`~quatre.ops.interface.Ops`."""
        self.core.store_kv(k, v, cache.words, cache.bf16, *_arrays(batch))

    def gqa_attention(
        self, q: Floats, cache: KvCache, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`. One form serves prefill and decode alike."""
        tokens, heads, head_dim = q.shape
        out = np.empty((tokens, heads * head_dim), np.float32)
        self.core.grouped_attention(
            q, cache.words, cache.kv_heads, cache.bf16, *_arrays(batch), scale, window or 0, causal, out
        )
        return out


def _arrays(batch: Batch) -> tuple[Any, ...]:
    """The batch as the bindings take it."""
    return batch.positions, batch.starts, batch.contexts, batch.page_tables, batch.page_size, batch.absorbed


def _zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Zeros that begin at a cache line and end a cache line before their memory does; committed when touched."""
    nbytes = prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(nbytes + 2 * ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + nbytes].view(dtype).reshape(shape)
