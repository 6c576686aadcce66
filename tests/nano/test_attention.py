"""Attention by products of matrices computes what PyTorch's own does, apart from rounding."""

from __future__ import annotations

import pytest
import torch

from recipes.nano.attention import BLOCK, attend
from recipes.nano.training_ops import _attend_tiled

HEADS, WIDTH = 3, 16


@pytest.mark.parametrize("length", [1, 7, BLOCK - 1, BLOCK, 2 * BLOCK + 9])
@pytest.mark.parametrize("causal", [True, False])
def test_values_and_gradients_are_those_of_exact_attention(length: int, causal: bool) -> None:
    generator = torch.Generator().manual_seed(length)
    given = [torch.randn(length, HEADS, WIDTH, generator=generator) for _ in range(4)]
    found = []
    for one in (attend, _attend_tiled):
        q, k, v = (x.clone().requires_grad_() for x in given[:3])
        y = one(q, k, v, 0.3, causal=causal)
        y.backward(given[3])
        found.append((y.detach(), q.grad, k.grad, v.grad))
    for mine, exact in zip(*found, strict=True):
        assert mine.shape == exact.shape
        assert (mine - exact).norm() <= 0.02 * max(exact.norm(), given[3].norm())


def test_later_tokens_change_nothing_before_them() -> None:
    x = torch.randn(BLOCK + 40, HEADS, WIDTH, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[BLOCK + 3 :] = 5.0
    before, after = attend(x, x, x, 0.3, causal=True), attend(changed, changed, changed, 0.3, causal=True)
    assert torch.equal(before[: BLOCK + 3], after[: BLOCK + 3])
