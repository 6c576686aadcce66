"""The image encoder learns by itself, from pictures whose truth is what the questions of the ability would say."""

from __future__ import annotations

import random

import pytest
import torch
import torch.nn.functional as F

from quatre.model.pixtral import Pixtral
from recipes.nano import eye, parameters
from recipes.nano.shape import PARAMS
from recipes.nano.training_ops import TrainingOps

pytestmark = pytest.mark.torch


def test_every_truth_is_one_of_its_classes() -> None:
    rng = random.Random(1)
    seen = [eye.drawn(rng) for _ in range(200)]
    asked = {name for one in seen for name in one.truth}
    assert asked == set(eye.CLASSES)
    assert all(0 <= value < eye.CLASSES[name] for one in seen for name, value in one.truth.items())


def test_counts_of_colours_and_of_shapes_add_up() -> None:
    rng = random.Random(2)
    counted = [one.truth for one in (eye.drawn(rng) for _ in range(100)) if "count" in one.truth]
    assert counted
    for truth in counted:
        assert sum(truth[f"count {name}"] for name in eye.SHAPES) == truth["count"]
        assert sum(truth[f"count {name}"] for name in eye.COLOUR_NAMES) == truth["count"]


def test_vectors_come_near_the_words_of_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps on pictures of one colour, in words of one token."""
    monkeypatch.setattr(eye, "IMAGES", 12)
    monkeypatch.setattr(eye, "drawn", _one_colour)
    generator = torch.Generator().manual_seed(0)
    embeddings = torch.randn(64, PARAMS["dim"], generator=generator)
    tokens = {word: [place] for place, word in enumerate([*map(str, range(10)), *eye.COLOUR_NAMES, *eye.SHAPES])}
    weights = eye.train(embeddings, tokens.__getitem__, seed=1, steps=(4, 24))
    _, config = parameters.configs(PARAMS)
    rng = random.Random(5)
    seen = [_one_colour(rng) for _ in range(24)]
    with torch.no_grad():
        vectors = Pixtral(config, weights, TrainingOps()).embed([eye.shown(one.picture) for one in seen])
    means = F.normalize(torch.stack([one.mean(0) for one in vectors]), dim=-1)
    words = F.normalize(embeddings[[tokens[name][0] for name in eye.COLOUR_NAMES]], dim=-1)
    right = (means @ words.T).argmax(-1) == torch.tensor([one.truth["colour"] for one in seen])
    assert right.float().mean() > 0.5  # a guess is right in 1 of 11


def _one_colour(rng: random.Random) -> eye.Seen:
    name = rng.choice(eye.COLOUR_NAMES)
    picture = eye.images.finished(rng, eye.images.canvas(rng, 28, 28, eye.images.colour(rng, name)))
    return eye.Seen(picture, {"colour": eye.COLOUR_NAMES.index(name)})
