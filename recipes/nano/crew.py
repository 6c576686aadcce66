"""Processes that train one model together, each on its part of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

PATIENCE = timedelta(hours=6)  # with a member that does something alone


class Crew:
    """Member ``rank`` of ``size``; they find each other by the file ``meeting``."""

    def __init__(self, rank: int, size: int, meeting: Path | None = None) -> None:
        self.rank, self.size = rank, size
        if size > 1:
            assert meeting is not None
            dist.init_process_group(
                "gloo", init_method=f"file://{meeting.resolve()}", rank=rank, world_size=size, timeout=PATIENCE
            )

    def average(self, weights: Sequence[nn.Parameter]) -> None:
        """Every gradient becomes the mean of all members'; one that has none counts as zero."""
        flat = torch.cat([(torch.zeros_like(w) if w.grad is None else w.grad).flatten() for w in weights])
        if self.size > 1:
            dist.all_reduce(flat)
            flat /= self.size
        for weight, gradient in zip(weights, flat.split([w.numel() for w in weights]), strict=True):
            weight.grad = gradient.view_as(weight)

    def share(self, weights: Sequence[nn.Parameter]) -> list[list[nn.Parameter]]:
        """The weights of each member, about equally many numbers; the same answer everywhere."""
        shares: list[list[nn.Parameter]] = [[] for _ in range(self.size)]
        for weight in sorted(weights, key=lambda w: -w.numel()):
            min(shares, key=lambda share: sum(w.numel() for w in share)).append(weight)
        return shares

    @torch.no_grad()
    def exchange(self, shares: Sequence[Sequence[nn.Parameter]]) -> None:
        """Everybody gets every member's weights."""
        if self.size == 1:
            return
        for rank, share in enumerate(shares):
            flat = torch.cat([weight.flatten() for weight in share])
            dist.broadcast(flat, rank)
            parts: Sequence[Tensor] = flat.split([weight.numel() for weight in share])
            for weight, part in zip(share, parts, strict=True):
                weight.copy_(part.view_as(weight))

    def meet(self) -> None:
        """Wait for everybody."""
        if self.size > 1:
            dist.barrier()
