"""Muon: momentum whose matrices are made orthogonal (Jordan et al. 2024), with AdamW's step size (Liu et al. 2025)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from recipes.nano.training_ops import has_fast_bfloat16

QUINTIC = (3.4445, -4.7750, 2.0315)  # Jordan's coefficients: five steps bring singular values near 1


class Muon(torch.optim.Optimizer):
    """For matrices ``[m, n]`` and stacks of them, each of which is updated by itself."""

    def __init__(
        self, parameters: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(state["momentum"], group["momentum"])
                by_shape[tuple(p.shape[-2:])].append((p, update))
            for (m, n), items in by_shape.items():
                stack = torch.cat([update.reshape(-1, m, n) for _, update in items])
                done = orthogonal(stack).split([p.numel() // (m * n) for p, _ in items])
                for (p, _), update in zip(items, done, strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.reshape(p.shape), alpha=-group["lr"] * 0.2 * max(m, n) ** 0.5)


def orthogonal(x: Tensor, steps: int = 5) -> Tensor:
    """The nearest matrices with singular values of about 1, by Newton and Schulz's iteration; ``[stack, m, n]``.

    In bfloat16 where that is faster, as Jordan does it: the iteration pulls singular values back, so errors stay.
    """
    wide = x.shape[-2] <= x.shape[-1]
    x = x if wide else x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    given, x = x.dtype, x.to(torch.bfloat16 if has_fast_bfloat16() else x.dtype)
    a, b, c = QUINTIC
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    x = x.to(given)
    return x if wide else x.mT
