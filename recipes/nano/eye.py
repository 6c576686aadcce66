"""Nano's image encoder, which is trained by itself before the decoder sees its first picture.

From random weights, decoder and encoder wait for each other: the one learns to look past images before the other has
learned to show anything in them. So the encoder first learns what there is to see (:func:`_read`), with small readers
in the decoder's place, and then to say it in the decoder's words (:func:`_speak`): as vectors near the embeddings of
those words, which the decoder can already repeat from its prompt.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from quatre.chat.pictures import pixels
from quatre.model.pixtral import Pixtral
from recipes.nano import parameters
from recipes.nano.abilities import images
from recipes.nano.abilities.drawing import COLOURS, SHAPES, Picture
from recipes.nano.encode import UNIT, grid
from recipes.nano.muon import Muon
from recipes.nano.shape import PARAMS
from recipes.nano.training_ops import TrainingOps

READING, SPEAKING = 2000, 400  # steps
IMAGES = 48  # a step
RATE, RATE_OTHERS = 4e-3, 1.5e-3  # of Muon; of AdamW, for norms and readers
LOUDNESS = 1.6  # root mean square of the vectors
SHARPNESS = 20.0  # of the choice between words, whose cosines are at most 1
SMALL = 6  # vectors; pictures of more are rare here, because small ones show as much and cost less
REPORT = 50

COLOUR_NAMES = list(COLOURS)
MOST = 6  # shapes on an image
NO_DIGIT = 10
CLASSES = {f"digit {i}": 11 for i in (1, 2, 3)}
CLASSES |= {"shape": len(SHAPES), "colour": len(COLOURS), "ground": len(COLOURS), "count": MOST + 1}
CLASSES |= {f"count {name}": MOST + 1 for name in (*SHAPES, *COLOUR_NAMES)}
LIGHT = 0.15  # weight of the many counts of a single shape or colour

Weights = dict[str, nn.Parameter]
Right = dict[str, list[bool]]


@dataclass(frozen=True)
class Seen:
    """A picture and what is true of it: class by question."""

    picture: Picture
    truth: dict[str, int]


def train(
    embeddings: Tensor, text: Callable[[str], Sequence[int]], seed: int, steps: tuple[int, int] = (READING, SPEAKING)
) -> dict[str, Tensor]:
    """The encoder's weights. embeddings: the decoder's, ``[vocab, dim]``; text: the tokens of a text."""
    torch.manual_seed(seed)
    fresh = parameters.fresh(PARAMS, seed)
    weights = {name: weight for name, weight in fresh.items() if name.startswith("vision.")}
    for weight in weights.values():
        if weight.dim() > 1:
            weight.data *= 2  # so that layers neither fade nor grow
    _read(weights, steps[0], random.Random(f"{seed}/eye"))
    _speak(weights, embeddings, text, steps[1], random.Random(f"{seed}/speak"))
    return {name: weight.detach() for name, weight in weights.items()}


# -- What there is to see ------------------------------------------------------------------------------------------


def drawn(rng: random.Random) -> Seen:
    """Of the training split."""
    kind = rng.random()
    if kind < 0.45:
        picture, digits, _ = images.digit_picture(rng, "train", rng.choice((1, 1, 1, 2, 3)))
        read = [int(digit) for digit in digits] + [NO_DIGIT] * (3 - len(digits))
        return Seen(picture, {f"digit {i + 1}": digit for i, digit in enumerate(read)})
    if kind < 0.75:
        shape, ink = rng.choice(SHAPES), rng.choice(COLOUR_NAMES)
        picture, ground = images.shape_picture(rng, shape, ink)
        truth = {"shape": SHAPES.index(shape), "colour": COLOUR_NAMES.index(ink), "ground": COLOUR_NAMES.index(ground)}
        return Seen(picture, truth)
    some = rng.sample(SHAPES, rng.choice((1, 2, 2)))
    inks = images.friends(rng)[: rng.choice((1, 2, 3))]
    what = [(rng.choice(some), rng.choice(inks)) for _ in range(rng.randint(1, MOST))]
    counts = {f"count {name}": sum(name in pair for pair in what) for name in (*SHAPES, *COLOUR_NAMES)}
    return Seen(images.shapes_picture(rng, what), {"count": len(what), **counts})


def _batch(rng: random.Random) -> list[Seen]:
    chosen: list[Seen] = []
    while len(chosen) < IMAGES:
        seen = drawn(rng)
        columns, rows = grid(seen.picture.shape[1], seen.picture.shape[0])
        if columns * rows <= SMALL or rng.random() < 0.15:
            chosen.append(seen)
    return chosen


def shown(picture: Picture) -> NDArray[np.float32]:
    """A picture as the encoder reads it."""
    columns, rows = grid(picture.shape[1], picture.shape[0])
    return pixels(Image.fromarray(picture), columns * UNIT, rows * UNIT)


# -- First, with readers -------------------------------------------------------------------------------------------


class Readers(nn.Module):
    """For each question a query that looks at the vectors, and a choice of classes."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(len(CLASSES), dim) * dim**-0.5)
        self.norm = nn.RMSNorm(dim)
        self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, 128)
        self.choices = nn.ModuleDict({name: nn.Linear(128, classes) for name, classes in CLASSES.items()})

    def forward(self, vectors: list[Tensor]) -> dict[str, Tensor]:
        """``[vectors, dim]`` of each image → ``[images, classes]`` of each question."""
        said = []
        for one in map(self.norm, vectors):
            value = self.value(one)
            said.append((self.queries @ self.key(one).T).softmax(-1) @ value + value.mean(0))
        found = torch.stack(said)  # [images, questions, 128]
        return {name: self.choices[name](found[:, place]) for place, name in enumerate(CLASSES)}


def _read(weights: Weights, steps: int, rng: random.Random) -> None:
    readers = Readers(PARAMS["dim"])

    def loss(seen: list[Seen], vectors: list[Tensor], right: Right) -> Tensor:
        scores = readers(vectors)
        parts = [
            _loss(scores[name], name, seen, right) * (LIGHT if name.startswith("count ") else 1) for name in CLASSES
        ]
        return torch.stack(parts).sum()

    loudness = _fit(weights, list(readers.parameters()), steps, rng, loss, "reads", decay=0.1, hold=0.5, warm=50)
    weights["vision.w_out"].data *= LOUDNESS / loudness


# -- Then, in words ------------------------------------------------------------------------------------------------


def _speak(
    weights: Weights, embeddings: Tensor, text: Callable[[str], Sequence[int]], steps: int, rng: random.Random
) -> None:
    """What an image's vectors are on average comes close to the embeddings of what they show."""
    digits = [str(digit) for digit in range(10)]
    words = {"digit 1": digits, "colour": COLOUR_NAMES, "shape": list(SHAPES), "count": digits[: MOST + 1]}
    means = {
        name: F.normalize(torch.stack([embeddings[list(text(word))].mean(0) for word in one]), dim=-1)
        for name, one in words.items()
    }

    def loss(seen: list[Seen], vectors: list[Tensor], right: Right) -> Tensor:
        said = F.normalize(torch.stack([one.mean(0) for one in vectors]), dim=-1)
        return torch.stack([_loss(SHARPNESS * said @ one.T, name, seen, right) for name, one in means.items()]).sum()

    _fit(weights, [], steps, rng, loss, "speaks", decay=0.0, hold=0.2, warm=20, rate=0.75)


def _loss(scores: Tensor, name: str, seen: list[Seen], right: Right) -> Tensor:
    """Cross entropy of one question, summed over the images that it can be asked of, per image."""
    asked = [i for i, one in enumerate(seen) if name in one.truth]
    if scores.shape[1] == NO_DIGIT and name == "digit 1":  # in words: of single digits only
        asked = [i for i in asked if seen[i].truth["digit 2"] == NO_DIGIT]
    if not asked:
        return torch.zeros(())
    truth = torch.tensor([seen[i].truth[name] for i in asked])
    right[name.split()[0] if name[0] == "c" else name] += (scores[asked].argmax(-1) == truth).tolist()
    return F.cross_entropy(scores[asked], truth, reduction="sum") / len(seen)


# -- Steps ---------------------------------------------------------------------------------------------------------


def _fit(
    weights: Weights,
    more: list[nn.Parameter],
    steps: int,
    rng: random.Random,
    loss: Callable[[list[Seen], list[Tensor], Right], Tensor],
    does: str,
    *,
    decay: float,
    hold: float,
    warm: int,
    rate: float = 1.0,
) -> float:
    """``steps`` of Muon and AdamW, held for the share ``hold`` and then falling; how loud the vectors are at last."""
    _, config = parameters.configs(PARAMS)
    matrices = [weight for weight in weights.values() if weight.dim() > 1]
    others = [*(weight for weight in weights.values() if weight.dim() == 1), *more]
    optimisers = [Muon(matrices, lr=RATE, weight_decay=decay), torch.optim.AdamW(others, betas=(0.9, 0.98))]
    right: Right = defaultdict(list)
    began, loudness = time.monotonic(), 1.0
    for n in range(steps):
        factor = rate * min((n + 1) / warm, (steps - n) / ((1 - hold) * steps), 1.0)
        for optimiser, full in zip(optimisers, (RATE, RATE_OTHERS), strict=True):
            optimiser.param_groups[0]["lr"] = full * factor
        seen = _batch(rng)
        vectors = Pixtral(config, weights, TrainingOps()).embed([shown(one.picture) for one in seen])
        loss(seen, vectors, right).backward()
        nn.utils.clip_grad_norm_([*matrices, *others], 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
        loudness = float(torch.cat(vectors).detach().pow(2).mean().sqrt())
        if (n + 1) % REPORT == 0:
            shares = " ".join(f"{name} {100 * np.mean(flags):.1f} %" for name, flags in sorted(right.items()))
            speed = (n + 1) * IMAGES / (time.monotonic() - began)
            print(f"the eye {does} {n + 1}/{steps} | right: {shares} | {speed:.0f} images/s", flush=True)
            right.clear()
    return loudness
