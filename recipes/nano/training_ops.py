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
from recipes.nano.attention import attend

ROUND = 64  # numbers of rows are multiples of it: a product of a shape not met before is first compiled

SHORT, LONG = 96, 4096  # tokens; of fewer, PyTorch's own attention is faster, and of more, it takes less memory


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
        self._turns: tuple[Any, Any, tuple[Tensor, Tensor]] | None = None

    def clear(self) -> None:
        """Forget what was counted; call before each batch."""
        self.balance, self.loads, self._turns = None, [], None

    # -- Products of matrices: the inputs are rounded to ``products``, sums and everything else stay float32 --------

    def rms_norm(self, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        return F.rms_norm(x.float(), weight.shape, weight, eps)

    def linear(self, x: Tensor, weight: Tensor, residual: Tensor | None = None) -> Tensor:
        y = F.linear(x.to(self.products), weight.to(self.products))
        return y.float() if residual is None else residual + y

    def project(self, x: Tensor, norm: Norm | None, *weights: Tensor) -> tuple[Tensor, ...]:
        x = self._normed(x, norm).to(self.products)
        return tuple(F.linear(x, weight.to(self.products)) for weight in weights)

    def feed_forward(
        self, x: Tensor, w1: Tensor, w3: Tensor, w2: Tensor, residual: Tensor, norm: Norm | None = None
    ) -> Tensor:
        return residual + self._swiglu(self._normed(x, norm).to(self.products), w1, w3, w2)

    def _swiglu(self, x: Tensor, w1: Tensor, w3: Tensor, w2: Tensor) -> Tensor:
        gate, up = F.linear(x, w1.to(self.products)), F.linear(x, w3.to(self.products))
        return F.linear(F.silu(gate) * up, w2.to(self.products))

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
        heads, nope, latent = w_uk.shape
        k_nope = F.linear(c, w_uk.reshape(-1, latent)).unflatten(-1, (heads, nope))
        k = torch.cat((k_nope, kr.expand(-1, heads, -1)), -1)  # [tokens, heads, nope + rope]
        v = F.linear(c, w_uv.reshape(-1, latent)).unflatten(-1, (heads, -1))
        return self._attention(q, k, v, batch, scale, causal=True)

    def gqa_attention(
        self, q: Tensor, cache: Any, batch: Batch, scale: float, window: int | None, *, causal: bool = True
    ) -> Tensor:
        assert window is None
        return self._attention(q, *cache.kept, batch, scale, causal=causal)

    def _attention(self, q: Tensor, k: Tensor, v: Tensor, batch: Batch, scale: float, *, causal: bool) -> Tensor:
        """``[tokens, heads, d]`` each → ``[tokens, heads · d]``; every sequence for itself."""
        lengths = batch.contexts.tolist()
        # Split, not sliced: the gradient of a slice is as large as what it was cut from.
        pieces = zip(*(x.float().split(lengths) for x in (q, k, v)), strict=True)
        rounds = self.products == torch.bfloat16
        attends = (attend if rounds and SHORT <= length <= LONG else _attend_tiled for length in lengths)
        outputs = [one(*piece, scale, causal=causal) for one, piece in zip(attends, pieces, strict=True)]
        return torch.cat(outputs).flatten(1)

    # -- Rotations, whose angles all layers share --------------------------------------------------------------

    def _rotate(self, x: Tensor, place: Tensor, rotary: Rotary) -> Tensor:
        cos, sin = self._cos_sin(place, rotary)
        pairs = x.unflatten(-1, (-1, 2))
        a, b = pairs[..., 0], pairs[..., 1]
        return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2).to(x.dtype)

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
        token, sizes, slot, order = _by_expert(chosen, self._count(scores, chosen))
        x = x.to(self.products)
        w1, w3, w2 = (w.to(self.products) for w in (experts.w1, experts.w3, experts.w2))
        matrices = zip(x.index_select(0, token).split(sizes), w1.unbind(), w3.unbind(), w2.unbind(), strict=True)
        share = x.new_zeros(len(token), dtype=torch.float32).index_put((slot,), weights.flatten()[order])
        routed = torch.cat([self._swiglu(*one) for one in matrices]) * share[:, None]
        y = residual.index_add(0, token, routed)
        if experts.shared is not None:
            y = y + self._swiglu(x, *experts.shared)
        return y

    def _count(self, scores: Tensor, chosen: Tensor) -> list[int]:
        counts = torch.bincount(chosen.flatten(), minlength=scores.shape[1])
        share = counts / chosen.numel()
        self.loads.append(share.detach())
        loss = scores.shape[1] * (share * scores.mean(0)).sum()
        self.balance = loss if self.balance is None else self.balance + loss
        result: list[int] = counts.tolist()
        return result


def _by_expert(chosen: Tensor, counts: list[int]) -> tuple[Tensor, list[int], Tensor, Tensor]:
    """Places for what each expert gets, side by side; each expert's are filled up to a multiple of :data:`ROUND`.

    Returns the token of each place, the number of places of each expert, and the place and index of every choice.
    """
    sizes = [-(-count // ROUND) * ROUND for count in counts]
    filled, taken = np.cumsum([0, *sizes]), np.cumsum([0, *counts])
    order = chosen.flatten().argsort(stable=True)
    slot = torch.arange(len(order)) + torch.from_numpy(np.repeat(filled[:-1] - taken[:-1], counts))
    token = torch.zeros(int(filled[-1]), dtype=torch.int64)
    token[slot] = order // chosen.shape[1]
    return token, sizes, slot, order


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers faster than float32 ones."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def _attend_tiled(q: Tensor, k: Tensor, v: Tensor, scale: float, *, causal: bool) -> Tensor:
    """As :func:`.attention.attend`, by PyTorch."""
    heads = (x.transpose(0, 1)[None] for x in (q, k, v))
    return F.scaled_dot_product_attention(*heads, is_causal=causal, scale=scale)[0].transpose(0, 1)


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
