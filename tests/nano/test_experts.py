"""The experts of a training step compute what the op set of reference does, and so do their gradients."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from quatre.ops.interface import Experts, Norm
from quatre.ops.torch_backend import TorchOps
from recipes.nano.experts import ROUND, Route
from recipes.nano.training_ops import TrainingOps

pytestmark = pytest.mark.torch
TOKENS, DIM, WIDTH, EXPERTS, TOP = 150, 32, 16, 5, 2


def _weights(shared: bool) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    shapes: list[tuple[int, ...]] = [(TOKENS, DIM), (DIM,), (EXPERTS, DIM)]
    shapes += [(EXPERTS, WIDTH, DIM), (EXPERTS, WIDTH, DIM), (EXPERTS, DIM, WIDTH)]
    shapes += [(WIDTH, DIM), (WIDTH, DIM), (DIM, WIDTH)] * shared
    return [torch.randn(shape, generator=generator) * 0.4 for shape in shapes]


def _said(ops: TorchOps, given: list[Tensor]) -> Tensor:
    x, norm, router, w1, w3, w2, *shared = given
    experts = Experts(router, w1, w3, w2, shared=tuple(shared) if shared else None)  # type: ignore[arg-type]
    return ops.moe(x, experts, top_k=TOP, normalise=True, scale=1.5, residual=x, norm=Norm(norm, 1e-6))


@pytest.mark.parametrize(("products", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
@pytest.mark.parametrize("shared", [True, False])
def test_values_and_gradients_are_those_of_the_reference(shared: bool, products: torch.dtype, tolerance: float) -> None:
    found = []
    for ops in (TrainingOps(products), TorchOps("float32")):
        given = [weight.clone().requires_grad_() for weight in _weights(shared)]
        y = _said(ops, given)
        y.backward(torch.randn(y.shape, generator=torch.Generator().manual_seed(2)))
        found.append([y.detach(), *(weight.grad for weight in given)])
    for mine, exact in zip(*found, strict=True):
        assert mine is not None
        assert exact is not None
        assert (mine - exact).norm() <= tolerance * exact.norm()


def test_every_choice_has_a_place_of_its_expert() -> None:
    chosen = torch.randint(0, EXPERTS - 1, (TOKENS, TOP), generator=torch.Generator().manual_seed(3))
    counts = torch.bincount(chosen.flatten(), minlength=EXPERTS).tolist()
    route = Route.of(chosen, counts)
    assert counts[-1] == route.sizes[-1] == 0  # an expert that nobody chose
    assert all(size % ROUND == 0 for size in route.sizes)
    assert len(route.token) == sum(route.sizes)
    assert len(route.place.unique()) == chosen.numel()
    owner = torch.repeat_interleave(torch.arange(EXPERTS), torch.tensor(route.sizes))
    assert torch.equal(owner[route.place], chosen)
    assert torch.equal(route.token[route.place], torch.arange(TOKENS)[:, None].expand(-1, TOP))
