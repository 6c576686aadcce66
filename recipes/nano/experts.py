"""The mixture of experts of a training step, forwards and backwards: operation by operation, PyTorch would derive the
same with several times as many of them, each small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

ROUND = 64  # numbers of rows are multiples of it: a product of a shape not met before is first compiled


@dataclass(frozen=True)
class Route:
    """Places for what each expert gets, side by side; each expert's are filled up to a multiple of :data:`ROUND`.

    token: int64 ``[places]``, 0 where one is filled up. place: int64 ``[tokens, chosen]``, of every choice.
    sizes: places of each expert.
    """

    token: Tensor
    place: Tensor
    sizes: list[int]

    @classmethod
    def of(cls, chosen: Tensor, counts: Sequence[int]) -> Route:
        """``chosen``: the experts of each token, ``[tokens, chosen]``, and how many tokens each has."""
        sizes = [-(-count // ROUND) * ROUND for count in counts]
        filled, taken = np.cumsum([0, *sizes]), np.cumsum([0, *counts])
        order = chosen.flatten().argsort(stable=True)
        slot = torch.arange(len(order)) + torch.from_numpy(np.repeat(filled[:-1] - taken[:-1], counts))
        token, place = torch.zeros(int(filled[-1]), dtype=torch.int64), torch.empty_like(order)
        token[slot] = order // chosen.shape[1]
        place[order] = slot
        return cls(token, place.view_as(chosen), sizes)


def mixed(x: Tensor, shares: Tensor, w13: Tensor, w2: Tensor, route: Route) -> Tensor:
    """The sum of what the experts of each token say, by their shares.

    x: ``[tokens, dim]``; shares: ``[tokens, chosen]``; w13: gates above ups, ``[experts, 2 · width, dim]``;
    w2: ``[experts, dim, width]``, all of the type that products have, which is that of the result.
    """
    result: Tensor = _Mixed.apply(x, shares, w13, w2, route)  # type: ignore[no-untyped-call]
    return result


class _Mixed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, shares: Tensor, w13: Tensor, w2: Tensor, route: Route) -> Tensor:
        inputs = x.index_select(0, route.token)
        hidden = _each(inputs, w13.mT, route.sizes)
        gate, up = hidden.chunk(2, -1)
        inner = F.silu(gate).mul_(up)
        outputs = _each(inner, w2.mT, route.sizes)
        ctx.save_for_backward(inputs, shares, hidden, inner, w13, w2)
        ctx.route = route
        return F.embedding_bag(route.place, outputs, mode="sum", per_sample_weights=shares)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, shares, hidden, inner, w13, w2 = ctx.saved_tensors
        token, place, sizes = ctx.route.token, ctx.route.place, ctx.route.sizes
        share = inner.new_zeros(len(token), 1)
        share[place.flatten(), 0] = shares.flatten()
        d_outputs = gradient.index_select(0, token)  # if all shares were 1, and so is
        d_inner = _each(d_outputs, w2, sizes)
        d_shares = (d_inner * inner).sum(-1).index_select(0, place.flatten()).view_as(shares)
        d_w2 = _products(d_outputs, inner * share, sizes)
        d_inner *= share
        gate, up = hidden.chunk(2, -1)
        d_hidden = torch.cat((torch.ops.aten.silu_backward(d_inner * up, gate), F.silu(gate).mul_(d_inner)), -1)
        d_x = F.embedding_bag(place, _each(d_hidden, w13, sizes), mode="sum")
        return d_x, d_shares, _products(d_hidden, inputs, sizes), d_w2, None


def _each(x: Tensor, weights: Tensor, sizes: Sequence[int]) -> Tensor:
    """Every expert's rows by its own ``[n, m]`` matrix."""
    y = x.new_empty(len(x), weights.shape[-1])
    for mine, weight, out in zip(x.split(sizes), weights.unbind(), y.split(sizes), strict=True):
        torch.mm(mine, weight, out=out)
    return y


def _products(a: Tensor, b: Tensor, sizes: Sequence[int]) -> Tensor:
    """``aᵀ b`` of every expert's rows."""
    y = a.new_empty(len(sizes), a.shape[1], b.shape[1])
    for left, right, out in zip(a.split(sizes), b.split(sizes), y.unbind(), strict=True):
        torch.mm(left.mT, right, out=out)
    return y
