"""Attention of packed sequences computes what PyTorch's own does of each by itself, and so do its gradients."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from recipes.nano.attention import BLOCK, attend

pytestmark = pytest.mark.torch
HEADS, WIDTH, SCALE = 3, 16, 0.3
PACKED = ([1], [7], [BLOCK], [BLOCK + 1], [1, 30, 5, 200, 2 * BLOCK + 9, 3, 90], [BLOCK - 1, 1, 1])


def _exact(q: Tensor, k: Tensor, v: Tensor, lengths: list[int], causal: bool) -> Tensor:
    pieces = zip(*(x.transpose(0, 1).split(lengths, 1) for x in (q, k, v)), strict=True)
    found = [F.scaled_dot_product_attention(*piece, is_causal=causal, scale=SCALE) for piece in pieces]
    return torch.cat(found, 1).transpose(0, 1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
@pytest.mark.parametrize("lengths", PACKED, ids=str)
@pytest.mark.parametrize("causal", [True, False])
def test_values_and_gradients_are_those_of_exact_attention(
    lengths: list[int], causal: bool, dtype: torch.dtype, tolerance: float
) -> None:
    generator = torch.Generator().manual_seed(sum(lengths))
    q, k, v, towards = (torch.randn(sum(lengths), HEADS, WIDTH, generator=generator).to(dtype) for _ in range(4))
    mine = [x.clone().requires_grad_() for x in (q, k, v)]
    exact = [x.double().requires_grad_() for x in (q, k, v)]
    y, z = attend(*mine, lengths, SCALE, causal=causal), _exact(*exact, lengths, causal)
    y.backward(towards)
    z.backward(towards.double())
    assert y.dtype == dtype
    for found, wanted in zip((y, *(x.grad for x in mine)), (z, *(x.grad for x in exact)), strict=True):
        assert found is not None
        assert wanted is not None
        assert (found - wanted).norm() <= tolerance * max(wanted.norm(), towards.norm())


def test_other_sequences_and_later_tokens_change_nothing() -> None:
    lengths, at = [40, 60, BLOCK + 40], 40 + 60 + BLOCK + 3
    x = torch.randn(sum(lengths), HEADS, WIDTH, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[:40] = changed[at:] = 5.0
    before, after = (attend(y, y, y, lengths, SCALE, causal=True) for y in (x, changed))
    assert torch.equal(before[40:at], after[40:at])


def test_what_is_taken_off_scores_is_not_rounded() -> None:
    """Scores of about 100 that differ little, in which eight bits leave errors of a quarter."""
    generator = torch.Generator().manual_seed(1)
    q = torch.full((60, 1, WIDTH), 5.0).bfloat16()
    k = (torch.full((60, 1, WIDTH), 4.0) + torch.randn(60, 1, WIDTH, generator=generator) / 16).bfloat16()
    v, towards = (torch.randn(60, 1, WIDTH, generator=generator).bfloat16() for _ in range(2))
    mine, exact = v.clone().requires_grad_(), v.double().requires_grad_()
    attend(q, k, mine, [60], SCALE, causal=False).backward(towards)
    _exact(q.double(), k.double(), exact, [60], causal=False).backward(towards.double())
    assert mine.grad is not None
    assert exact.grad is not None
    assert (mine.grad - exact.grad).norm() <= 0.01 * exact.grad.norm()
