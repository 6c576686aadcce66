"""The PyTorch back end is differentiable through the whole model: that is what training needs of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from quatre.engine.request import Request, SamplingParams
from quatre.engine.runner import pack
from quatre.engine.scheduler import Chunk
from quatre.engine.sequence import Sequence
from quatre.model.mistral4 import Mistral4, Mistral4Config, table
from quatre.model.rotary import RopeConfig
from quatre.ops.torch_backend import TorchOps

CONFIG = Mistral4Config(
    dim=12,
    n_layers=2,
    n_heads=2,
    q_lora_rank=6,
    kv_lora_rank=5,
    qk_nope_head_dim=4,
    qk_rope_head_dim=4,
    v_head_dim=3,
    n_experts=4,
    n_experts_per_tok=2,
    n_shared_experts=1,
    expert_hidden_dim=8,
    hidden_dim=10,
    n_dense_layers=1,
    norm_topk_prob=True,
    routed_scale=1.0,
    vocab_size=11,
    tied_embeddings=False,
    norm_eps=1e-6,
    latent_norm_eps=1e-6,
    max_positions=64,
    rope=RopeConfig(temperature_beta=0.1, temperature_length=4),
    rope_interleaved=True,
    softmax_scale=8**-0.5,
)
IDS = [1, 7, 3, 3, 10, 0, 5]


def random_weights(seed: int) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(seed)
    return {
        row.name: torch.from_numpy(rng.normal(size=row.shape) / np.sqrt(row.shape[-1]) + (len(row.shape) == 1))
        for row in table(CONFIG)
    }


def loss(weights: dict[str, torch.Tensor], absorbed: bool) -> torch.Tensor:
    """Mean negative log-likelihood of IDS under a model with these weights."""
    model = Mistral4(CONFIG, weights, TorchOps("float64"))
    request = Request(id="", prompt=() if absorbed else IDS, params=SamplingParams())
    sequence = Sequence(request, lambda event: None, limit=len(IDS), pages=[2, 0])
    sequence.tokens = list(IDS)
    cache = model.new_cache(3, 4)
    logits = model.logits(model.hidden(pack([Chunk(sequence, len(IDS))], 4), cache))
    return torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(IDS[1:]))


@pytest.mark.torch
@pytest.mark.parametrize("absorbed", [False, True])
def test_gradients_are_the_slopes_of_the_loss(absorbed: bool) -> None:
    weights = {name: w.requires_grad_() for name, w in random_weights(0).items()}
    loss(weights, absorbed).backward()
    assert all(w.grad is not None and torch.isfinite(w.grad).all() for w in weights.values())
    direction = random_weights(1)
    step = 1e-6
    with torch.no_grad():
        ahead = loss({n: w + step * direction[n] for n, w in weights.items()}, absorbed)
        behind = loss({n: w - step * direction[n] for n, w in weights.items()}, absorbed)
    slope = float((ahead - behind) / (2 * step))
    predicted = sum(float((w.grad * direction[n]).sum()) for n, w in weights.items() if w.grad is not None)
    assert predicted == pytest.approx(slope, rel=1e-6)
    assert abs(slope) > 1e-2
