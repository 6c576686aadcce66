"""Attention of packed sequences. Forwards by PyTorch's tiled kernel, which is fast in bfloat16; backwards by products
over blocks of queries, which are faster than its own. Of the scores, only a log-sum-exp of every query is kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK = 256  # rows of queries; of a causal sequence, each block meets the keys up to its end
PARTS = 3  # numbers of 8 bits whose sum is one of 24


def attend(q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], scale: float, *, causal: bool) -> Tensor:
    """``[tokens, heads, d]`` each, of sequences side by side → the same, each sequence for itself.

    What is multiplied has the type of the arguments, which is that of the result; backwards, scores are rounded to it
    after their log-sum-exp has been taken off.
    """
    result: Tensor = _Attend.apply(q * scale, k, v, lengths, causal)  # type: ignore[no-untyped-call]
    return result


@dataclass(frozen=True)
class _Group:
    """Neighbours that fit in a block together, so that many short sequences cost no more than one; or a longer one.

    mask: added to the scores of neighbours, ``-inf`` between them, and for what comes later.
    """

    length: int
    mask: Tensor | None


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], causal: bool) -> Tensor:
        q, k, v = (x.transpose(0, 1).contiguous() for x in (q, k, v))
        ctx.groups, ctx.causal = list(_groups(lengths, causal, q.dtype)), causal
        output, lse = torch.empty_like(v), []
        for group, pieces in _split(ctx.groups, q, k, v, output):
            found, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
                *(x[None] for x in pieces[:3]), 0.0, causal and group.mask is None, attn_mask=group.mask, scale=1.0
            )
            pieces[3].copy_(found[0])
            lse.append(sums[0])
        ctx.save_for_backward(q, k, v, output, torch.cat(lse, 1))
        return output.transpose(0, 1)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, output, lse = ctx.saved_tensors
        gradient = gradient.transpose(0, 1).contiguous()
        delta = (gradient * output).sum(-1, dtype=torch.float32)
        given = (_less(q, lse), _and_ones(k), _less(gradient, delta), _and_ones(v))
        found = [torch.empty_like(x) for x in (q, k, v)]
        for group, pieces in _split(ctx.groups, *given, *found):
            _back(group, pieces[:4], pieces[4:], causal=ctx.causal)
        return *(x.transpose(0, 1) for x in found), None, None


def _groups(lengths: Sequence[int], causal: bool, dtype: torch.dtype) -> Iterator[_Group]:
    together: list[int] = []
    for length in lengths:
        if together and sum(together) + length > BLOCK:
            yield _Group(sum(together), _apart(together, causal, dtype))
            together = []
        together.append(length)
    yield _Group(sum(together), _apart(together, causal, dtype))


def _apart(lengths: Sequence[int], causal: bool, dtype: torch.dtype) -> Tensor | None:
    if sum(lengths) > BLOCK:
        return None
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    hidden = owner[:, None] != owner
    if causal:
        hidden |= torch.ones_like(hidden).triu_(1)
    return torch.zeros(hidden.shape, dtype=dtype).masked_fill_(hidden, -math.inf)


def _split(groups: Sequence[_Group], *tensors: Tensor) -> Iterator[tuple[_Group, tuple[Tensor, ...]]]:
    sizes = [group.length for group in groups]
    return zip(groups, zip(*(x.split(sizes, 1) for x in tensors), strict=True), strict=True)


def _less(x: Tensor, number: Tensor) -> Tensor:
    """Rows whose product with one of :func:`_and_ones` is less by their ``number``, before anything is rounded."""
    parts, number = [x], -number[..., None]
    for _ in range(PARTS):
        parts.append(number.to(x.dtype))
        number = number - parts[-1]
    return torch.cat(parts, -1)


def _and_ones(x: Tensor) -> Tensor:
    return torch.cat((x, x.new_ones(*x.shape[:-1], PARTS)), -1)


def _back(group: _Group, given: Sequence[Tensor], found: Sequence[Tensor], *, causal: bool) -> None:
    """Fill the gradients of a group's q, k and v, ``[heads, tokens, d]`` (Dao 2023, FlashAttention-2, algorithm 2).

    given: q and the output's gradient as :func:`_less` made them, by log-sum-exp and by delta, the sum of each row of
    gradient times output; k and v with ones behind them. In order: q, k, gradient, v.
    """
    q, k, gradient, v = given
    dq, dk, dv = found
    several = group.length > BLOCK
    sum_k, sum_v = (torch.zeros(x.shape) if several else x.zero_() for x in (dk, dv))
    for first in range(0, group.length, BLOCK):
        last = min(first + BLOCK, group.length)
        rows, seen = slice(first, last), last if causal else group.length
        scores = torch.bmm(q[:, rows], k[:, :seen].mT)
        if group.mask is not None:
            scores += group.mask
        elif causal:
            scores[..., rows] += scores.new_full((last - first, last - first), -math.inf).triu_(1)
        probs = scores.exp_()
        d_scores = torch.bmm(gradient[:, rows], v[:, :seen].mT).mul_(probs)
        dq[:, rows] = torch.bmm(d_scores, k[:, :seen, :-PARTS])
        sum_k[:, :seen] += torch.bmm(d_scores.mT, q[:, rows, :-PARTS])
        sum_v[:, :seen] += torch.bmm(probs.mT, gradient[:, rows, :-PARTS])
    if several:
        dk.copy_(sum_k)
        dv.copy_(sum_v)
