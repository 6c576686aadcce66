"""Layers that are added change nothing, and then learn."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from recipes.nano import parameters, vocabulary
from recipes.nano.crew import Crew
from recipes.nano.deepen import deepened, depth, origins
from recipes.nano.encode import Encoder
from recipes.nano.mixture import Pack, make
from recipes.nano.parameters import Rounding
from recipes.nano.plan import Course, Plan
from recipes.nano.shape import PARAMS
from recipes.nano.train import Trainer

pytestmark = pytest.mark.torch
PLAN = Plan(courses=(Course(0, 100, warm=2),))
SHALLOW = 2


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    encode = Encoder(vocabulary.write(tmp_path_factory.mktemp("tokenizer")))
    return make(encode, random.Random(0), PLAN, 0, 512)


def test_a_copy_stands_behind_its_origin() -> None:
    assert origins(4, 4) == [0, 1, 2, 3]
    assert origins(4, 6) == [0, 1, 1, 2, 2, 3]
    with pytest.raises(ValueError, match="4 layers can become 4 to 7, not 8"):
        origins(4, 8)
    with pytest.raises(ValueError, match="not 3"):
        origins(4, 3)


def _losses(layers: int, weights: dict[str, torch.Tensor], pack: Pack) -> torch.Tensor:
    trainer = Trainer(PLAN, Crew(0, 1), layers)
    trainer.restore({f"weight/{name}": weight for name, weight in weights.items()})
    return trainer.losses(pack).detach()


def test_a_deeper_model_says_the_same(pack: Pack) -> None:
    fresh = parameters.fresh(PARAMS | {"n_layers": SHALLOW}, 3)
    shallow = {name: weight.detach() for name, weight in fresh.items()}
    deep = deepened(shallow, SHALLOW + 1)
    assert depth(shallow) == SHALLOW
    assert depth(deep) == SHALLOW + 1
    assert set(deep) == {row.name for row in parameters.rows(PARAMS | {"n_layers": SHALLOW + 1})}
    torch.testing.assert_close(_losses(SHALLOW + 1, deep, pack), _losses(SHALLOW, shallow, pack), rtol=1e-5, atol=1e-5)


def test_the_copy_learns(pack: Pack) -> None:
    fresh = parameters.fresh(PARAMS | {"n_layers": SHALLOW}, 3)
    deep = deepened({name: weight.detach() for name, weight in fresh.items()}, SHALLOW + 1)
    trainer = Trainer(PLAN, Crew(0, 1), SHALLOW + 1)
    trainer.restore({f"weight/{name}": weight for name, weight in deep.items()})
    for n in range(2):
        trainer.step(n, pack)
    added = trainer.weights["layers.2.attention.wo"], trainer.weights["layers.2.experts.w2"]
    assert all(weight.abs().max().item() > 0 for weight in added)
    assert np.isfinite(trainer.losses(pack, Rounding.STORED).mean().item())
