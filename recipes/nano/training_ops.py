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
from torch.autograd.function import once_differentiable

from quatre.ops.interface import Batch, Experts, Norm, Rotary
from quatre.ops.torch_backend import TorchOps
from recipes.nano.attention import attend
from recipes.nano.experts import ROUND, Route, mixed


class Layer:
    """What the ``store_*`` ops leave for the attention that follows."""

    kept: tuple[Tensor, ...] = ()


class TrainingOps(TorchOps):
    """``balance``: sum over layers of the switch transformers' loss (Fedus et al. 2021, equation 4), since cleared.

    products: what inputs of matrix products are rounded to; by default bfloat16 where the processor is faster with it.
    """

    name = "training"

    def __init__(self, products: torch.dtype | None = None) -> None:
        super().__init__("float32")
        self.products = products or (torch.bfloat16 if has_fast_bfloat16() else torch.float32)
        self.balance: Tensor | None = None
        self.loads: list[Tensor] = []  # share of tokens that each expert got, by layer
        self._turns: tuple[Any, Any, Tensor] | None = None

    def clear(self) -> None:
        """Forget what was counted; call before each batch."""
        self.balance, self.loads, self._turns = None, [], None

    # -- Products of matrices: the inputs are rounded to ``products``, and so is what comes out ----------------------

    def rms_norm(self, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        result: Tensor = _Normed.apply(x, weight, eps, self.products)  # type: ignore[no-untyped-call]
        return result

    def linear(self, x: Tensor, weight: Tensor, residual: Tensor | None = None) -> Tensor:
        y = F.linear(x.to(self.products), weight.to(self.products)).float()
        return y if residual is None else residual + y

    def project(self, x: Tensor, norm: Norm | None, *weights: Tensor) -> tuple[Tensor, ...]:
        x = self._normed(x, norm).to(self.products)
        return tuple(F.linear(x, weight.to(self.products)) for weight in weights)

    def feed_forward(
        self, x: Tensor, w1: Tensor, w3: Tensor, w2: Tensor, residual: Tensor, norm: Norm | None = None
    ) -> Tensor:
        x = self._normed(x, norm).to(self.products)
        gate, up = F.linear(x, w1.to(self.products)), F.linear(x, w3.to(self.products))
        return residual + F.linear(F.silu(gate) * up, w2.to(self.products)).float()

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
        c, kr = (x.to(self.products) for x in cache.kept)
        w_uk, w_uv = w_uk.to(self.products), w_uv.to(self.products)
        heads, _, latent = w_uk.shape
        k_nope = F.linear(c, w_uk.reshape(-1, latent)).unflatten(-1, (heads, -1))
        k = torch.cat((k_nope, kr.expand(-1, heads, -1)), -1)  # [tokens, heads, nope + rope]
        v = F.linear(c, w_uv.reshape(-1, latent)).unflatten(-1, (heads, -1))
        return self._attention(q, k, v, batch, scale, causal=True)

    def gqa_attention(
        self, q: Tensor, cache: Any, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Tensor:
        assert window is None
        return self._attention(q, *cache.kept, batch, scale, causal=causal)

    def _attention(self, q: Tensor, k: Tensor, v: Tensor, batch: Batch, scale: float, *, causal: bool) -> Tensor:
        """``[tokens, heads, d]`` each → ``[tokens, heads · d]``."""
        q, k, v = (x.to(self.products) for x in (q, k, v))
        return attend(q, k, v, batch.contexts.tolist(), scale, causal=causal).flatten(1)

    # -- Rotations, whose angles all layers share --------------------------------------------------------------

    def _rotate(self, x: Tensor, place: Tensor, rotary: Rotary) -> Tensor:
        pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
        return torch.view_as_real(pairs * self._turn(place, rotary)).flatten(-2).to(x.dtype)

    def _turn(self, place: Tensor, rotary: Rotary) -> Tensor:
        assert rotary.interleaved
        known = self._turns
        if known is None or known[1] is not rotary or not torch.equal(known[0], place):
            angle = (place[:, None] * torch.from_numpy(rotary.frequencies))[:, None]
            known = self._turns = (place, rotary, torch.polar(torch.full_like(angle, rotary.magnitude), angle))
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
        scores = F.linear(x.float(), experts.router).softmax(-1)
        weights, chosen = scores.topk(top_k, dim=-1)
        assert normalise
        weights = weights / weights.sum(-1, keepdim=True) * scale
        counts = self._count(scores, chosen)
        w1, w3, w2 = (w.to(self.products) for w in (experts.w1, experts.w3, experts.w2))
        if experts.shared is not None:  # one expert more, as wide as the others, which everybody chooses
            shared = (w.to(self.products)[None] for w in experts.shared)
            w1, w3, w2 = (torch.cat(pair) for pair in zip((w1, w3, w2), shared, strict=True))
            everybody = chosen.new_full((len(x), 1), len(counts))
            chosen, counts = torch.cat((chosen, everybody), 1), [*counts, len(x)]
            weights = torch.cat((weights, torch.ones_like(weights[:, :1])), 1)
        x, shares = x.to(self.products), weights.to(self.products)
        return residual + mixed(x, shares, torch.cat((w1, w3), 1), w2, Route.of(chosen, counts)).float()

    def _count(self, scores: Tensor, chosen: Tensor) -> list[int]:
        counts = torch.bincount(chosen.flatten(), minlength=scores.shape[1])
        share = counts / chosen.numel()
        self.loads.append(share.detach())
        loss = scores.shape[1] * (share * scores.mean(0)).sum()
        self.balance = loss if self.balance is None else self.balance + loss
        result: list[int] = counts.tolist()
        return result


class _Normed(torch.autograd.Function):
    """Root mean square norm of ``[tokens, d]``, computed in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
        wide = x.float()
        length = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        scale = (length.square() / x.shape[-1] + eps).rsqrt_()
        ctx.save_for_backward(x, weight, scale)
        return (wide * scale).mul_(weight).to(dtype)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, scale = ctx.saved_tensors
        normed, gradient = x.float() * scale, gradient.float()
        d_weight = (gradient * normed).sum(0)
        gradient = gradient * weight
        along = (gradient * normed).mean(-1, keepdim=True)
        return gradient.sub_(normed.mul_(along)).mul_(scale).to(x.dtype), d_weight, None, None


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers faster than float32 ones."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def packed_batch(ids: NDArray[np.int32], positions: NDArray[np.int32], starts: NDArray[np.int32]) -> Batch:
    """Whole sequences, side by side, and one of zeros that fills up to a multiple of :data:`ROUND`.

    starts: int32 ``[sequences + 1]``
    """
    fill = np.arange(-len(ids) % ROUND, dtype=np.int32)
    starts = np.append(starts, starts[-1] + len(fill)).astype(np.int32) if len(fill) else starts
    return Batch(
        ids=np.concatenate((ids, 0 * fill)),
        positions=np.concatenate((positions, fill)),
        starts=starts,
        contexts=np.diff(starts).astype(np.int32),
        page_tables=np.zeros((len(starts) - 1, 1), np.int32),
        page_size=1,
        absorbed=np.zeros(len(starts) - 1, np.bool_),
    )
