"""The op set in plain PyTorch: any device, differentiable. Semantics are those of ``interface.py``.

Written to be read and compared with, not to be fast: attention loops over sequences and over blocks of queries, the
mixture of experts over experts. Nothing here promises bits; the native back end does.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from quatre.errors import ConfigError
from quatre.formats.base import StoredTensor
from quatre.ops.interface import Batch, Experts, Norm, Rotary

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float64": torch.float64}

QUERY_BLOCK = 256  # queries scored at once; bounds the score matrix to heads × 256 × context


class TorchOps:
    """``dtype`` is that of weights, activations and caches; norms, routing and softmax run in float32 or better."""

    name = "torch"

    def __init__(self, dtype: str = "float32", device: str = "cpu", threads: int | None = None) -> None:
        if dtype not in DTYPES:
            raise ConfigError(f"dtype {dtype!r} is not one of {', '.join(DTYPES)}")
        self.dtype = DTYPES[dtype]
        self.device = torch.device(device)
        if threads is not None:
            torch.set_num_threads(threads)  # PyTorch has one pool for the whole process

    # -- Weights and caches ------------------------------------------------------------------------------------

    def vector(self, tensor: StoredTensor) -> Tensor:
        return _from(tensor).to(self.device, self._wide())

    def matrix(self, tensor: StoredTensor) -> Tensor:
        if len(tensor.shape) == 2:
            return self._put(tensor)
        stack = torch.empty(tensor.shape, dtype=self.dtype, device=self.device)
        for i in range(tensor.shape[0]):  # one at a time: a float32 copy of all experts may not fit
            stack[i] = self._put(tensor[i])
        return stack

    head_matrix = matrix
    table = matrix

    def latent_cache(self, pages: int, page_size: int, width: int) -> Tensor:
        return self._zeros(pages, page_size, width)

    def kv_cache(self, pages: int, page_size: int, kv_heads: int, head_dim: int) -> Tensor:
        return self._zeros(pages, page_size, 2, kv_heads, head_dim)

    def copy_page(self, cache: Tensor, source: int, target: int) -> None:
        cache[target] = cache[source]

    def cache_bytes(self, width: int) -> int:
        return width * self.dtype.itemsize

    # -- Token-wise operations ---------------------------------------------------------------------------------

    def embed(self, table: Tensor, ids: NDArray[np.int32]) -> Tensor:
        return table[self._index(ids)]

    def rows(self, x: Tensor, index: NDArray[np.int32]) -> Tensor:
        return x[self._index(index)]

    def reshape(self, x: Tensor, *shape: int) -> Tensor:
        return x.reshape(*shape)

    def array(self, values: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.require(values, np.float32, ("C", "W"))).to(self.device, self.dtype)

    def to_numpy(self, x: Tensor) -> NDArray[np.float32]:
        return x.detach().to("cpu", torch.float32).numpy()

    def gelu(self, x: Tensor) -> Tensor:
        return F.gelu(x)

    def merge_patches(self, x: Tensor, height: int, width: int, by: int) -> Tensor:
        squares = x.reshape(height // by, by, width // by, by, -1).permute(0, 2, 4, 1, 3)
        return squares.reshape(height // by * (width // by), -1)

    def place(self, x: Tensor, index: NDArray[np.int32], values: Tensor) -> Tensor:
        return x.index_put((self._index(index),), values.to(x.dtype))

    def rms_norm(self, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        wide = x.to(self._wide())
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps) * weight).to(x.dtype)

    def linear(self, x: Tensor, weight: Tensor, residual: Tensor | None = None) -> Tensor:
        y = F.linear(x, weight)
        return y if residual is None else residual + y

    def project(self, x: Tensor, norm: Norm | None, *weights: Tensor) -> tuple[Tensor, ...]:
        x = self._normed(x, norm)
        return tuple(F.linear(x, weight) for weight in weights)

    def feed_forward(
        self, x: Tensor, w1: Tensor, w3: Tensor, w2: Tensor, residual: Tensor, norm: Norm | None = None
    ) -> Tensor:
        return residual + _swiglu(self._normed(x, norm), w1, w3, w2)

    def _normed(self, x: Tensor, norm: Norm | None) -> Tensor:
        return x if norm is None else self.rms_norm(x, norm.weight, norm.eps)

    def moe(
        self,
        x: Tensor,
        experts: Experts,
        *,
        top_k: int,
        normalise: bool,
        scale: float,
        residual: Tensor,
        norm: Norm | None = None,
    ) -> Tensor:
        x = self._normed(x, norm)
        weights, chosen = self._route(x, experts.router, top_k, normalise)
        routed = x.new_zeros(x.shape[0], top_k, x.shape[1])  # [tokens, chosen, dim]
        for e in torch.unique(chosen).tolist():
            token, place = torch.where(chosen == e)
            y = _swiglu(x[token], experts.w1[e], experts.w3[e], experts.w2[e])
            routed = routed.index_put((token, place), y)
        y = (routed * (weights * scale).to(x.dtype)[..., None]).sum(1)
        if experts.shared is not None:
            y = y + _swiglu(x, *experts.shared)
        return residual + y

    def _route(self, x: Tensor, router: Tensor, top_k: int, normalise: bool) -> tuple[Tensor, Tensor]:
        wide = self._wide()
        scores = F.linear(x.to(wide), router.to(wide)).softmax(-1)
        weights, chosen = torch.sort(scores, dim=-1, descending=True, stable=True)  # ties: lower id first
        weights, chosen = weights[:, :top_k], chosen[:, :top_k]
        if normalise:
            weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        return weights, chosen

    def rope(self, x: Tensor, positions: NDArray[np.int32], rotary: Rotary, *, query: bool) -> Tensor:
        place = self._index(positions).to(self._wide())
        keep = x.shape[-1] - rotary.dim
        turned = self._rotate(x[..., keep:], place, rotary)
        y = turned if keep == 0 else torch.cat((x[..., :keep], turned), -1)
        if query and rotary.temperature_beta:
            steps = torch.floor(place / rotary.temperature_length)
            y = y * (1 + rotary.temperature_beta * torch.log1p(steps)).to(y.dtype)[:, None, None]
        return y

    def _rotate(self, x: Tensor, place: Tensor, rotary: Rotary) -> Tensor:
        # The angle is a float32 product whatever the compute type: that is what the models were trained with.
        frequencies = torch.from_numpy(rotary.frequencies).to(self.device)
        angle = (place.to(torch.float32)[:, None] * frequencies).to(self._wide())[:, None]  # [tokens, 1, pairs]
        cos = (angle.cos() * rotary.magnitude).to(x.dtype)
        sin = (angle.sin() * rotary.magnitude).to(x.dtype)
        half = rotary.dim // 2
        a, b = (x[..., 0::2], x[..., 1::2]) if rotary.interleaved else (x[..., :half], x[..., half:])
        a, b = a * cos - b * sin, b * cos + a * sin
        return torch.stack((a, b), -1).flatten(-2) if rotary.interleaved else torch.cat((a, b), -1)

    # -- Attention over paged caches ---------------------------------------------------------------------------

    def store_latent(self, kv: Tensor, norm: Tensor, eps: float, rotary: Rotary, cache: Tensor, batch: Batch) -> None:
        latent = kv.shape[-1] - rotary.dim
        c = self.rms_norm(kv[:, :latent], norm, eps)
        kr = self.rope(kv[:, None, latent:], batch.positions, rotary, query=False)[:, 0]
        cache.flatten(0, 1)[self._index(_new_slots(batch))] = torch.cat((c, kr), -1)

    def latent_attention(
        self, q: Tensor, w_uk: Tensor, w_uv: Tensor, cache: Tensor, batch: Batch, scale: float
    ) -> Tensor:
        nope, latent = w_uk.shape[1:]
        outputs = []
        for s, tokens, context in _sequences(batch):
            entries = cache.flatten(0, 1)[self._index(_slots(batch, s, context))]  # [context, latent + rope]
            c, kr = entries[:, :latent], entries[:, latent:]
            mine = q[tokens].transpose(0, 1)  # [heads, tokens, nope + rope]
            if batch.absorbed[s]:
                query = torch.cat((mine[..., :nope] @ w_uk, mine[..., nope:]), -1)  # [heads, tokens, latent + rope]
                z = _attend(query, entries[None], c[None], context, scale, None)  # [heads, tokens, latent]
                out = z @ w_uv.transpose(1, 2)
            else:
                k_nope = c @ w_uk.transpose(1, 2)  # [heads, context, nope]
                k = torch.cat((k_nope, kr.expand(len(w_uk), -1, -1)), -1)
                out = _attend(mine, k, c @ w_uv.transpose(1, 2), context, scale, None)
            outputs.append(out.transpose(0, 1).flatten(1))  # [tokens, heads · v]
        return torch.cat(outputs)

    def store_kv(self, k: Tensor, v: Tensor, cache: Tensor, batch: Batch) -> None:
        cache.flatten(0, 1)[self._index(_new_slots(batch))] = torch.stack((k, v), 1)

    def gqa_attention(
        self, q: Tensor, cache: Tensor, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Tensor:
        outputs = []
        for s, tokens, context in _sequences(batch):
            entries = cache.flatten(0, 1)[self._index(_slots(batch, s, context))]  # [context, 2, kv_heads, head_dim]
            k, v = entries.permute(1, 2, 0, 3).repeat_interleave(q.shape[1] // entries.shape[2], dim=1)
            out = _attend(q[tokens].transpose(0, 1), k, v, context, scale, window, causal)
            outputs.append(out.transpose(0, 1).flatten(1))  # [tokens, heads · head_dim]
        return torch.cat(outputs)

    # -- Small parts -------------------------------------------------------------------------------------------

    def _zeros(self, *shape: int) -> Tensor:
        """Zeros whose memory is committed when touched: a cache may be made for gigabytes and used little."""
        if self.device.type != "cpu":
            return torch.zeros(shape, dtype=self.dtype, device=self.device)
        memory = np.zeros(prod(shape) * self.dtype.itemsize, np.uint8)  # PyTorch's own zeros write every page
        return torch.from_numpy(memory).view(self.dtype).reshape(shape)

    def _put(self, tensor: StoredTensor) -> Tensor:
        return _from(tensor).to(self.device, self.dtype)

    def _index(self, values: NDArray[np.int32] | NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.int64)).to(self.device)

    def _wide(self) -> torch.dtype:
        return torch.float64 if self.dtype == torch.float64 else torch.float32


def _from(stored: StoredTensor) -> Tensor:
    """float32; a copy where decoding gave a view of the read-only file."""
    return torch.from_numpy(np.require(stored.decode(), requirements="W"))


def _swiglu(x: Tensor, w1: Tensor, w3: Tensor, w2: Tensor) -> Tensor:
    return F.linear(F.silu(F.linear(x, w1)) * F.linear(x, w3), w2)


def _attend(
    q: Tensor, k: Tensor, v: Tensor, context: int, scale: float, window: int | None, causal: bool = True
) -> Tensor:
    """Attention of the last ``q.shape[1]`` of ``context`` positions.

    ``q`` ``[heads, tokens, d]``, ``k`` ``[heads or 1, context, d]``, ``v`` ``[heads or 1, context, e]`` →
    ``[heads, tokens, e]``.
    """
    tokens = q.shape[1]
    key_place = torch.arange(context, device=q.device)
    blocks = []
    for lo in range(0, tokens, QUERY_BLOCK):
        hi = min(lo + QUERY_BLOCK, tokens)
        place = torch.arange(context - tokens + lo, context - tokens + hi, device=q.device)[:, None]
        hidden = key_place > (place if causal else context)
        if window is not None:
            hidden = hidden | (key_place <= place - window)
        scores = (q[:, lo:hi] @ k.transpose(1, 2) * scale).masked_fill(hidden, float("-inf"))
        wide = torch.promote_types(scores.dtype, torch.float32)
        blocks.append(scores.softmax(-1, dtype=wide).to(v.dtype) @ v)
    return torch.cat(blocks, 1)


def _sequences(batch: Batch) -> Iterator[tuple[int, slice, int]]:
    """(sequence, its packed tokens, its context) of each sequence."""
    for s in range(batch.num_sequences):
        yield s, slice(int(batch.starts[s]), int(batch.starts[s + 1])), int(batch.contexts[s])


def _slots(batch: Batch, sequence: int, context: int) -> NDArray[np.int64]:
    """Where the cache keeps positions 0 … context - 1 of a sequence."""
    places = np.arange(context)
    pages = batch.page_tables[sequence, places // batch.page_size].astype(np.int64)
    slots: NDArray[np.int64] = pages * batch.page_size + places % batch.page_size
    return slots


def _new_slots(batch: Batch) -> NDArray[np.int64]:
    """Where the cache keeps each packed token of the step."""
    sequence = np.repeat(np.arange(batch.num_sequences), np.diff(batch.starts))
    pages = batch.page_tables[sequence, batch.positions // batch.page_size].astype(np.int64)
    slots: NDArray[np.int64] = pages * batch.page_size + batch.positions % batch.page_size
    return slots
