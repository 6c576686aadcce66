"""Heads and lanes that are added change nothing, and then learn."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from quatre.model.mistral4 import Mistral4
from recipes.nano import parameters, vocabulary
from recipes.nano.crew import Crew
from recipes.nano.encode import Encoder
from recipes.nano.mixture import make
from recipes.nano.plan import Course, Plan
from recipes.nano.shape import PARAMS
from recipes.nano.train import Trainer
from recipes.nano.training_ops import TrainingOps, packed_batch
from recipes.nano.widen import widened

pytestmark = pytest.mark.torch
LAYERS = 2
WIDE = PARAMS | {"n_layers": LAYERS}
HEADS, QUERY, LATENT = 3, 96, 64  # fewer than there are
NARROW = WIDE | {"n_heads": HEADS, "n_kv_heads": HEADS, "q_lora_rank": QUERY, "kv_lora_rank": LATENT}
ADDED = ("wo", "w_uv", "wq_b", "w_uk", "wq_a", "wkv_a_with_mqa")


def _weights() -> dict[str, torch.Tensor]:
    return {name: weight.detach() for name, weight in parameters.fresh(NARROW, 3).items()}


def _hidden(params: dict[str, Any], weights: dict[str, torch.Tensor]) -> torch.Tensor:
    model = Mistral4(parameters.configs(params)[0], weights, TrainingOps(torch.float32))
    places = np.arange(64, dtype=np.int32)
    batch = packed_batch(places + 100, places, np.array([0, 40, 64], np.int32))
    return model.hidden(batch, model.new_cache(0, 1))


def test_a_wider_model_says_the_same() -> None:
    narrow = _weights()
    wide = widened(narrow, parameters.configs(WIDE)[0], 1)
    assert {name: tuple(weight.shape) for name, weight in wide.items()} == {
        row.name: row.shape for row in parameters.rows(WIDE)
    }
    torch.testing.assert_close(_hidden(WIDE, wide), _hidden(NARROW, narrow), rtol=1e-4, atol=1e-4)


def test_a_new_head_looks_where_an_old_one_looks() -> None:
    narrow, c = _weights(), parameters.configs(WIDE)[0]
    wide = widened(narrow, c, 1)
    for i in range(LAYERS):
        queries = wide[f"layers.{i}.attention.wq_b"][:, :QUERY].unflatten(0, (c.n_heads, c.head_dim))
        keys = wide[f"layers.{i}.attention.w_uk"][..., :LATENT]
        for h in range(c.n_heads):
            assert torch.equal(queries[h], queries[h % HEADS])
            assert torch.equal(keys[h], keys[h % HEADS])


def test_what_has_the_shape_already_stays_as_it_is() -> None:
    narrow = _weights()
    same = widened(narrow, parameters.configs(NARROW)[0], 1)
    assert all(torch.equal(same[name], weight) for name, weight in narrow.items())


def test_fewer_heads_are_refused() -> None:
    config = parameters.configs(NARROW | {"n_heads": 2, "n_kv_heads": 2})[0]
    with pytest.raises(ValueError, match="3 heads or lanes of a latent cannot become 2"):
        widened(_weights(), config, 1)


def test_what_was_added_learns(tmp_path: Path) -> None:
    plan = Plan(courses=(Course(0, 100, warm=1),), weight_decay=0.0)  # which would move everything
    trainer = Trainer(plan, Crew(0, 1), LAYERS)
    wide = widened(_weights(), parameters.configs(WIDE)[0], 1)
    trainer.restore({f"weight/{name}": weight for name, weight in wide.items()})
    pack = make(Encoder(vocabulary.write(tmp_path)), random.Random(0), plan, 0, 512)
    for n in range(3):
        trainer.step(n, pack)
    c = parameters.configs(WIDE)[0]
    for i in range(LAYERS):
        now = {name: trainer.weights[f"layers.{i}.attention.{name}"].detach() for name in ADDED}
        was = {name: wide[f"layers.{i}.attention.{name}"] for name in ADDED}
        moved = {name: now[name] - was[name] for name in ADDED}
        assert moved["wo"][:, HEADS * c.v_head_dim :].norm() > 0
        assert moved["w_uv"][HEADS:].norm() > 0
        assert moved["wq_b"][HEADS * c.head_dim :].norm() > 0
        assert moved["wq_a"][QUERY:].norm() > 0
        assert moved["wkv_a_with_mqa"][LATENT : c.kv_lora_rank].norm() > 0
        assert moved["w_uk"][..., LATENT:].norm() > 0
