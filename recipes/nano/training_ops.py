"""The op set for training: that of ``quatre.ops.torch_backend``, without pages and with the experts' balance.

Every packed sequence starts and ends within the batch, so attention needs no cache: the model stores a layer's keys
and reads them back in the next call, and a :class:`Layer` in between just keeps them, where gradients can flow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from quatre.ops.interface import Batch, Experts, Norm, Rotary
from quatre.ops.torch_backend import TorchOps


class Layer:
    """What the ``store_*`` ops leave for the attention that follows."""

    kept: tuple[Tensor, ...] = ()


class TrainingOps(TorchOps):
    """``balance``: sum over layers of the switch transformers' loss (Fedus et al. 2021, equation 4), since cleared."""

    name = "training"

    def __init__(self) -> None:
        super().__init__("float32")
        self.balance: Tensor | None = None
        self.loads: list[Tensor] = []  # share of tokens that each expert got, by layer
        self._turns: tuple[Any, Any, tuple[Tensor, Tensor]] | None = None

    def clear(self) -> None:
        """Forget what was counted; call before each batch."""
        self.balance, self.loads, self._turns = None, [], None

    # -- Caches that are none ----------------------------------------------------------------------------------

    def latent_cache(self, pages: int, page_size: int, width: int) -> Any:
        return Layer()

    def kv_cache(self, pages: int, page_size: int, kv_heads: int, head_dim: int) -> Any:
        return Layer()

    def store_latent(self, kv: Tensor, norm: Tensor, eps: float, rotary: Rotary, cache: Any, batch: Batch) -> None:
        latent = kv.shape[-1] - rotary.dim
        rotated = self.rope(kv[:, None, latent:], batch.positions, rotary, query=False)
        cache.kept = (self.rms_norm(kv[:, :latent], norm, eps), rotated)

    def store_kv(self, k: Tensor, v: Tensor, cache: Any, batch: Batch) -> None:
        cache.kept = (k, v)

    # -- Attention ---------------------------------------------------------------------------------------------

    def latent_attention(self, q: Tensor, w_uk: Tensor, w_uv: Tensor, cache: Any, batch: Batch, scale: float) -> Tensor:
        c, kr = cache.kept
        heads, nope, latent = w_uk.shape
        k_nope = F.linear(c, w_uk.reshape(-1, latent)).unflatten(-1, (heads, nope))
        k = torch.cat((k_nope, kr.expand(-1, heads, -1)), -1)  # [tokens, heads, nope + rope]
        v = F.linear(c, w_uv.reshape(-1, latent)).unflatten(-1, (heads, -1))
        return _packed_attention(q, k, v, batch, scale, causal=True)

    def gqa_attention(
        self, q: Tensor, cache: Any, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Tensor:
        assert window is None
        return _packed_attention(q, *cache.kept, batch, scale, causal=causal)

    # -- Rotations, whose angles all layers share --------------------------------------------------------------

    def _rotate(self, x: Tensor, place: Tensor, rotary: Rotary) -> Tensor:
        cos, sin = self._cos_sin(place, rotary)
        pairs = x.unflatten(-1, (-1, 2))
        a, b = pairs[..., 0], pairs[..., 1]
        return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)

    def _cos_sin(self, place: Tensor, rotary: Rotary) -> tuple[Tensor, Tensor]:
        assert rotary.interleaved
        known = self._turns
        if known is None or known[1] is not rotary or not torch.equal(known[0], place):
            angle = (place[:, None] * torch.from_numpy(rotary.frequencies))[:, None]
            known = self._turns = (place, rotary, (angle.cos() * rotary.magnitude, angle.sin() * rotary.magnitude))
        return known[2]

    # -- Experts -----------------------------------------------------------------------------------------------

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
        scores = F.linear(x, experts.router).softmax(-1)
        weights, chosen = scores.topk(top_k, dim=-1)
        assert normalise
        weights = weights / weights.sum(-1, keepdim=True) * scale
        counts = self._count(scores, chosen)
        order = chosen.flatten().argsort(stable=True)
        token = order // top_k
        gathered = x[token].split(counts)
        matrices = zip(gathered, experts.w1.unbind(), experts.w3.unbind(), experts.w2.unbind(), strict=True)
        parts = [F.linear(F.silu(F.linear(mine, w1)) * F.linear(mine, w3), w2) for mine, w1, w3, w2 in matrices]
        routed = torch.cat(parts) * weights.flatten()[order][:, None]
        y = residual.index_add(0, token, routed)
        if experts.shared is not None:
            w1, w3, w2 = experts.shared
            y = y + F.linear(F.silu(F.linear(x, w1)) * F.linear(x, w3), w2)
        return y

    def _count(self, scores: Tensor, chosen: Tensor) -> list[int]:
        counts = torch.bincount(chosen.flatten(), minlength=scores.shape[1])
        share = counts / chosen.numel()
        self.loads.append(share.detach())
        loss = scores.shape[1] * (share * scores.mean(0)).sum()
        self.balance = loss if self.balance is None else self.balance + loss
        result: list[int] = counts.tolist()
        return result


def _packed_attention(q: Tensor, k: Tensor, v: Tensor, batch: Batch, scale: float, *, causal: bool) -> Tensor:
    """``[tokens, heads, d]`` each → ``[tokens, heads · d]``; every sequence for itself."""
    lengths = batch.contexts.tolist()
    # Split, not sliced: the gradient of a slice is as large as what it was cut from.
    pieces = zip(*(x.split(lengths) for x in (q, k, v)), strict=True)
    outputs = [
        F.scaled_dot_product_attention(*(x.transpose(0, 1)[None] for x in piece), is_causal=causal, scale=scale)
        for piece in pieces
    ]
    return torch.cat([y[0].transpose(0, 1).flatten(1) for y in outputs])


def packed_batch(ids: NDArray[np.int32], positions: NDArray[np.int32], starts: NDArray[np.int32]) -> Batch:
    """Whole sequences, side by side. ``starts`` is int32 ``[sequences + 1]``."""
    return Batch(
        ids=ids,
        positions=positions,
        starts=starts,
        contexts=np.diff(starts).astype(np.int32),
        page_tables=np.zeros((len(starts) - 1, 1), np.int32),
        page_size=1,
        absorbed=np.zeros(len(starts) - 1, np.bool_),
    )
