"""The operations that models are written in, and the data that every one of them shares.

A back end implements :class:`Ops`. Activations are float32 or the back end's compute type, packed without a batch
dimension: ``[tokens, ...]`` holds the tokens of all sequences of a step one after the other, and :class:`Batch` says
where each sequence begins. ``Array`` is a NumPy array for the native back end and a tensor for PyTorch; ``Weight`` is
whatever the back end made of a stored tensor. No op changes its inputs, except the two ``store_*`` ops, which write
the cache.

Accumulation is in float32 or better. The native back end promises more: each output element has one order of
accumulation, whatever the number of tokens, sequences, threads or the placement of pages (design decision 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor

Array = Any
"""A NumPy array or a torch tensor, by back end."""

Weight = Any
"""What a back end made of one stored tensor (or of several stacked ones)."""

LayerCache = Any
"""One layer's pages, owned by the back end."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The tokens of one step. Sequence s owns the packed tokens ``starts[s]:starts[s + 1]``.

    ids:         int32 ``[tokens]``
    positions:   int32 ``[tokens]``, 0-based place of each token in its own sequence; consecutive within a sequence
    starts:      int32 ``[sequences + 1]``
    contexts:    int32 ``[sequences]``, tokens in the cache after this step = last position + 1
    page_tables: int32 ``[sequences, most_pages]``, page numbers in order of position; unused entries are 0
    page_size:   tokens per page
    absorbed:    bool ``[sequences]``, which form of latent attention to use: absorbed (decode) or expanded (prefill);
                 grouped-query attention ignores it. It is the caller's choice and not guessed from the number of
                 tokens, because the two forms round differently and a prompt must not depend on its chunking.
    vectors:     what stands in place of tokens' embeddings (parts of images): packed tokens, int32 ``[n]``, and the
                 vectors of those, ``[n, dim]``
    """

    ids: NDArray[np.int32]
    positions: NDArray[np.int32]
    starts: NDArray[np.int32]
    contexts: NDArray[np.int32]
    page_tables: NDArray[np.int32]
    page_size: int
    absorbed: NDArray[np.bool_]
    vectors: tuple[tuple[NDArray[np.int32], Array], ...] = ()

    @property
    def num_tokens(self) -> int:
        return len(self.ids)

    @property
    def num_sequences(self) -> int:
        return len(self.contexts)


@dataclass(frozen=True)
class Rotary:
    """Rotary position embedding and the position temperature of one model (model.md 2.3, 2.4).

    frequencies:      float32 ``[dim / 2]``; the angle of pair i at position p is the float32 product p · f_i
    magnitude:        multiplies cos and sin (YaRN's "attention factor"; 1.0 for Small 4)
    interleaved:      pairs are lanes (2i, 2i + 1) if true, (i, i + dim / 2) if false
    temperature_beta: the query is multiplied by 1 + beta · ln(1 + floor(p / temperature_length)); 0 switches it off
    """

    frequencies: NDArray[np.float32]
    magnitude: float = 1.0
    interleaved: bool = False
    temperature_beta: float = 0.0
    temperature_length: int = 8192

    @property
    def dim(self) -> int:
        """How many lanes of a head are rotated."""
        return 2 * len(self.frequencies)


@dataclass(frozen=True)
class Norm:
    """What :meth:`Ops.rms_norm` does, for ops that norm their input themselves."""

    weight: Weight
    eps: float


@dataclass(frozen=True)
class Experts:
    """The mixture-of-experts weights of one layer, as the back end's weights (model.md 3)."""

    router: Weight  # [experts, dim]
    w1: Weight  # [experts, width, dim], gate
    w3: Weight  # [experts, width, dim], up
    w2: Weight  # [experts, dim, width], down
    shared: tuple[Weight, Weight, Weight] | None  # w1, w3 [shared width, dim] and w2 [dim, shared width]


class Ops(Protocol):
    """What a back end provides. All weights are ``[out, in]``: ``linear(x, w) = x · wᵀ``."""

    name: str

    # -- Weights and caches ------------------------------------------------------------------------------------

    def vector(self, tensor: StoredTensor) -> Weight:
        """A norm weight, ``[n]``, kept in float32."""
        ...

    def matrix(self, tensor: StoredTensor) -> Weight:
        """A projection ``[out, in]`` or a stack of them, ``[n, out, in]`` (experts, heads)."""
        ...

    def head_matrix(self, tensor: StoredTensor) -> Weight:
        """One up-projection of latent attention, ``[heads, nope or v, latent]``; used in both directions."""
        ...

    def table(self, tensor: StoredTensor) -> Weight:
        """An embedding table ``[vocab, dim]``; only rows are read from it."""
        ...

    def latent_cache(self, pages: int, page_size: int, width: int) -> LayerCache:
        """Pages for one layer of latent attention: ``[pages, page_size, width]``, width = latent + rope lanes."""
        ...

    def kv_cache(self, pages: int, page_size: int, kv_heads: int, head_dim: int) -> LayerCache:
        """Pages for one layer of grouped-query attention: two of ``[pages, page_size, kv_heads, head_dim]``."""
        ...

    def copy_page(self, cache: LayerCache, source: int, target: int) -> None:
        """Write what page ``source`` holds to page ``target``."""
        ...

    def cache_bytes(self, width: int) -> int:
        """Bytes of ``width`` cached numbers in this back end's cache type."""
        ...

    # -- Token-wise operations ---------------------------------------------------------------------------------

    def embed(self, table: Weight, ids: NDArray[np.int32]) -> Array:
        """Rows of the table: ``[tokens, dim]``. Ids are in range (the engine's door checks them)."""
        ...

    def rows(self, x: Array, index: NDArray[np.int32]) -> Array:
        """``x[index]``: the tokens whose logits are wanted."""
        ...

    def rms_norm(self, x: Array, weight: Weight, eps: float) -> Array:
        """``weight · x / sqrt(mean(x²) + eps)`` over the last dimension; statistics in float32."""
        ...

    def linear(self, x: Array, weight: Weight, residual: Array | None = None) -> Array:
        """``x · wᵀ`` (``+ residual``): ``[tokens, in]`` → ``[tokens, out]``."""
        ...

    def project(self, x: Array, norm: Norm | None, *weights: Weight) -> tuple[Array, ...]:
        """``norm(x) · wᵀ`` for each of several weights: ``[tokens, in]`` → as many ``[tokens, out]``."""
        ...

    def feed_forward(
        self, x: Array, w1: Weight, w3: Weight, w2: Weight, residual: Array, norm: Norm | None = None
    ) -> Array:
        """``residual + w2 · (silu(w1 h) ⊙ w3 h)`` with ``h = norm(x)``: ``[tokens, dim]``."""
        ...

    def moe(
        self,
        x: Array,
        experts: Experts,
        *,
        top_k: int,
        normalise: bool,
        scale: float,
        residual: Array,
        norm: Norm | None = None,
    ) -> Array:
        """``residual + Σ_e w_e · expert_e(h) + shared(h)`` with ``h = norm(x)`` (model.md 3).

        Router logits and softmax in float32; ties in the top-k go to the lower expert id; ``normalise`` divides the
        chosen weights by their sum (+ 1e-20); the sum over experts runs in order of decreasing weight, ties as above.
        """
        ...

    def rope(self, x: Array, positions: NDArray[np.int32], rotary: Rotary, *, query: bool) -> Array:
        """Rotate the last ``rotary.dim`` lanes of each head of ``[tokens, heads, head_dim]``.

        With ``query`` the *whole* head is then multiplied by the position temperature (model.md 2.4).
        """
        ...

    # -- Attention over paged caches ---------------------------------------------------------------------------

    def store_latent(
        self, kv: Array, norm: Weight, eps: float, rotary: Rotary, cache: LayerCache, batch: Batch
    ) -> None:
        """Write this step's tokens to the cache: ``kv`` is ``[tokens, latent + rope lanes]`` as projected.

        The latent part is RMS-normed with ``norm``, the rope part rotated (and not normed); model.md 2.2.
        """
        ...

    def latent_attention(
        self, q: Array, w_uk: Weight, w_uv: Weight, cache: LayerCache, batch: Batch, scale: float
    ) -> Array:
        """Causal latent attention: ``[tokens, heads, nope + rope]`` → ``[tokens, heads · v]``.

        ``w_uk`` is ``[heads, nope, latent]``, ``w_uv`` ``[heads, v, latent]``. Each sequence attends to its own cached
        positions ``0 … p``, in the form that ``batch.absorbed`` asks for (model.md 2.2, 2.3). Softmax in float32.
        """
        ...

    def store_kv(self, k: Array, v: Array, cache: LayerCache, batch: Batch) -> None:
        """Write keys (already rotated) and values, both ``[tokens, kv_heads, head_dim]``, to the cache."""
        ...

    def gqa_attention(
        self, q: Array, cache: LayerCache, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Array:
        """Grouped-query attention: ``[tokens, heads, head_dim]`` → ``[tokens, heads · head_dim]``.

        Query head h reads key/value head ``h // (heads / kv_heads)``. With a ``window``, position p sees only
        ``p - window + 1 … p``. Unless ``causal`` (images), every position of a sequence sees all of its context.
        """
        ...

    # -- Images ------------------------------------------------------------------------------------------------

    def gelu(self, x: Array) -> Array:
        """``x · Φ(x)`` with the exact error function."""
        ...

    def merge_patches(self, x: Array, height: int, width: int, by: int) -> Array:
        """Squares of ``by · by`` neighbours of ``[height · width, dim]`` → ``[squares, dim · by²]``, row by row.

        Channel by channel: number ``c · by² + dy · by + dx`` is channel c of the neighbour (dy, dx).
        """
        ...

    def place(self, x: Array, index: NDArray[np.int32], values: Array) -> Array:
        """``x`` with the rows ``index`` replaced by ``values`` ``[len(index), dim]``; may reuse the memory of ``x``."""
        ...

    def reshape(self, x: Array, *shape: int) -> Array:
        """The same numbers in another shape."""
        ...

    def array(self, values: NDArray[np.float32]) -> Array:
        """A NumPy array as an activation."""
        ...

    def to_numpy(self, x: Array) -> NDArray[np.float32]:
        """A float32 NumPy array; may share memory with ``x``."""
        ...
