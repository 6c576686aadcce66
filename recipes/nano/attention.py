"""Attention of packed sequences. Forwards by PyTorch's tiled kernel, which is fast in bfloat16; backwards by products
of matrices over blocks of queries, which are faster than its own, and all that is kept is a number for each query."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

BLOCK = 256  # rows of queries; of a causal sequence, each block meets the keys up to its end
PARTS = 3  # numbers of 8 bits whose sum is one of 24


def attend(q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], scale: float, *, causal: bool) -> Tensor:
    """``[tokens, heads, d]`` each, of sequences side by side → the same, each sequence for itself.

    Sums are float32, what is multiplied has the type of the arguments, which is that of the result.
    """
    result: Tensor = _Attend.apply(q * scale, k, v, lengths, causal)  # type: ignore[no-untyped-call]
    return result


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, lengths: Sequence[int], causal: bool) -> Tensor:
        q, k, v = (x.transpose(0, 1).contiguous() for x in (q, k, v))
        ctx.groups = [(sum(group), _apart(group, causal, q.dtype)) for group in _groups(lengths)]
        ctx.causal = causal
        output, sums = torch.empty_like(v), []
        for one, mask, out in _pieces(ctx.groups, (q, k, v), (output,)):
            # Besides the output, the logarithm of each query's sum of exponentials.
            found, total = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
                *(x[None] for x in one), 0.0, causal and mask is None, attn_mask=mask, scale=1.0
            )
            out[0].copy_(found[0])
            sums.append(total[0])
        ctx.save_for_backward(q, k, v, output, torch.cat(sums, 1))
        return output.transpose(0, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, output, sums = ctx.saved_tensors
        gradient = gradient.transpose(0, 1).contiguous()
        common = (gradient * output).sum(-1, dtype=torch.float32)
        given = (_less(q, sums), _and_ones(k), _less(gradient, common), _and_ones(v))
        found = [torch.empty_like(x) for x in (q, k, v)]
        for one, mask, out in _pieces(ctx.groups, given, found):
            _back(*one, *out, mask, causal=ctx.causal)
        return *(x.transpose(0, 1) for x in found), None, None


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    """Neighbours that fit in a block together, so that many short sequences cost as little as one."""
    groups: list[list[int]] = []
    for length in lengths:
        if groups and sum(groups[-1]) + length <= BLOCK:
            groups[-1].append(length)
        else:
            groups.append([length])
    return groups


def _apart(lengths: Sequence[int], causal: bool, dtype: torch.dtype) -> Tensor | None:
    """What is added to the scores of sequences in one block: ``-inf`` between them, and for what comes later."""
    if sum(lengths) > BLOCK:
        return None
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    hidden = owner[:, None] != owner
    if causal:
        hidden |= torch.ones_like(hidden).triu_(1)
    return torch.zeros(hidden.shape, dtype=dtype).masked_fill_(hidden, -math.inf)


def _pieces(
    groups: Sequence[tuple[int, Tensor | None]], given: Sequence[Tensor], out: Sequence[Tensor]
) -> Iterator[tuple[tuple[Tensor, ...], Tensor | None, tuple[Tensor, ...]]]:
    sizes = [size for size, _ in groups]
    pieces = zip(*(x.split(sizes, 1) for x in (*given, *out)), strict=True)
    for (_, mask), piece in zip(groups, pieces, strict=True):
        yield piece[: len(given)], mask, piece[len(given) :]


def _less(x: Tensor, number: Tensor) -> Tensor:
    """Rows whose product with one of :func:`_and_ones` is less by their ``number``, before anything is rounded."""
    parts, number = [x], -number[..., None]
    for _ in range(PARTS):
        parts.append(number.to(x.dtype))
        number = number - parts[-1]
    return torch.cat(parts, -1)


def _and_ones(x: Tensor) -> Tensor:
    return torch.cat((x, x.new_ones(*x.shape[:-1], PARTS)), -1)


def _back(
    q: Tensor,
    k: Tensor,
    gradient: Tensor,
    v: Tensor,
    dq: Tensor,
    dk: Tensor,
    dv: Tensor,
    mask: Tensor | None,
    *,
    causal: bool,
) -> None:
    """Fills ``dq``, ``dk`` and ``dv``, ``[heads, tokens, d]`` (Dao 2023, FlashAttention-2)."""
    length, width = dq.shape[1:]
    several = length > BLOCK
    sums = [torch.zeros(x.shape) if several else x.zero_() for x in (dk, dv)]
    for first in range(0, length, BLOCK):
        last = min(first + BLOCK, length)
        seen = last if causal else length
        share = torch.bmm(q[:, first:last], k[:, :seen].mT)
        if mask is not None:
            share += mask
        elif causal:
            share[..., first:last] += share.new_full((last - first, last - first), -math.inf).triu_(1)
        share.exp_()
        towards = torch.bmm(gradient[:, first:last], v[:, :seen].mT).mul_(share)
        dq[:, first:last] = torch.bmm(towards, k[:, :seen, :width])
        sums[0][:, :seen] += torch.bmm(towards.mT, q[:, first:last, :width])
        sums[1][:, :seen] += torch.bmm(share.mT, gradient[:, first:last, : dv.shape[-1]])
    if several:
        dk.copy_(sums[0])
        dv.copy_(sums[1])
