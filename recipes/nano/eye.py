"""Nano's image encoder, trained by itself: ``DIR/eye.safetensors``, which the whole model begins with.

From random weights the decoder learns to look past images, before they show anything. So the encoder first learns what
there is to see, with small readers in the decoder's place: a few learned queries look at an image's vectors, and say
which digits, shapes and colours stand there, and how many.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
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

STEPS = 2000
IMAGES = 48  # a step
RATE = 4e-3  # of Muon
RATE_OTHERS = 1.5e-3  # of AdamW, for norms and readers
LOUDNESS = 0.2  # root mean square of the vectors in the end: about that of the tokens' embeddings
REPORT = 100

COLOUR_NAMES = list(COLOURS)
MOST = 6  # shapes on an image
READERS = {"digit 1": 11, "digit 2": 11, "digit 3": 11, "shape": len(SHAPES), "colour": len(COLOURS), "ground": len(COLOURS)}
READERS |= {"count": MOST + 1}
READERS |= {f"count {name}": MOST + 1 for name in (*SHAPES, *COLOUR_NAMES)}


@dataclass
class Seen:
    """A picture and what readers should say: class by reader."""

    picture: Picture
    truth: dict[str, int]


def drawn(rng: random.Random) -> Seen:
    """Of the training split."""
    kind = rng.random()
    if kind < 0.45:
        picture, digits, _ = images.digit_picture(rng, "train", rng.choice((1, 1, 1, 2, 3)))
        read = [int(digit) for digit in digits] + [10] * (3 - len(digits))
        return Seen(picture, {f"digit {i + 1}": digit for i, digit in enumerate(read)})
    if kind < 0.75:
        shape, ink = rng.choice(SHAPES), rng.choice(COLOUR_NAMES)
        picture, ground = images.shape_picture(rng, shape, ink)
        truth = {"shape": SHAPES.index(shape), "colour": COLOUR_NAMES.index(ink), "ground": COLOUR_NAMES.index(ground)}
        return Seen(picture, truth)
    some = rng.sample(SHAPES, rng.choice((1, 2, 2)))
    inks = images._friends(rng)[: rng.choice((1, 2, 3))]
    what = [(rng.choice(some), rng.choice(inks)) for _ in range(rng.randint(1, MOST))]
    truth = {"count": len(what)}
    for name in (*SHAPES, *COLOUR_NAMES):
        truth[f"count {name}"] = sum(name in pair for pair in what)
    return Seen(images.shapes_picture(rng, what), truth)


def _mostly_small(rng: random.Random) -> Seen:
    """Small pictures show as much, and cost less."""
    while True:
        seen = drawn(rng)
        columns, rows = grid(seen.picture.shape[1], seen.picture.shape[0])
        if columns * rows <= 6 or rng.random() < 0.15:
            return seen


class Readers(nn.Module):
    """For each question a query, which looks at the vectors twice over, and a choice of classes."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.names = list(READERS)
        self.queries = nn.Parameter(torch.randn(len(READERS), dim) * dim**-0.5)
        self.norm = nn.RMSNorm(dim)
        self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, 128)
        self.choices = nn.ModuleDict({name: nn.Linear(128, classes) for name, classes in READERS.items()})

    def forward(self, vectors: list[Tensor]) -> Tensor:
        """``[vectors, dim]`` of each image → ``[images, readers, 128]``."""
        said = []
        for one in vectors:
            x = self.norm(one)
            weights = (self.queries @ self.key(x).T).softmax(-1)
            said.append(weights @ self.value(x) + self.value(x).mean(0))
        return torch.stack(said)


def shown(picture: Picture) -> NDArray[np.float32]:
    """A picture as the encoder reads it."""
    columns, rows = grid(picture.shape[1], picture.shape[0])
    return pixels(Image.fromarray(picture), columns * UNIT, rows * UNIT)


def train(out: Path, steps: int, seed: int) -> None:
    """Write ``out``."""
    torch.manual_seed(seed)
    _, config = parameters.configs(PARAMS)
    fresh = parameters.fresh(PARAMS, seed)
    weights = {name: weight for name, weight in fresh.items() if name.startswith("vision.")}
    for weight in weights.values():
        if weight.dim() > 1:
            weight.data *= 2  # so that layers neither fade nor grow
    readers = Readers(config.dim)
    matrices = [weight for weight in weights.values() if weight.dim() > 1]
    others = [*(weight for weight in weights.values() if weight.dim() == 1), *readers.parameters()]
    everything = [*matrices, *others]
    optimisers = [
        Muon(matrices, lr=RATE, weight_decay=0.1),
        torch.optim.AdamW(others, lr=RATE_OTHERS, betas=(0.9, 0.98), weight_decay=0.01),
    ]
    rng = random.Random(f"{seed}/eye")
    right: dict[str, list[bool]] = defaultdict(list)
    began, loudness = time.monotonic(), torch.tensor(1.0)
    for n in range(steps):
        factor = min((n + 1) / 50, (steps - n) / (0.5 * steps), 1.0)
        optimisers[0].param_groups[0]["lr"], optimisers[1].param_groups[0]["lr"] = RATE * factor, RATE_OTHERS * factor
        seen = [_mostly_small(rng) for _ in range(IMAGES)]
        vectors = Pixtral(config, weights, TrainingOps()).embed([shown(one.picture) for one in seen])
        loss = _loss(readers, readers(vectors), seen, right)
        loss.backward()
        nn.utils.clip_grad_norm_(everything, 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
        loudness = torch.cat(vectors).detach().pow(2).mean().sqrt()
        if (n + 1) % REPORT == 0:
            _report(n + 1, steps, right, time.monotonic() - began, float(loudness))
            right.clear()
    weights["vision.w_out"].data *= LOUDNESS / loudness
    save_file({name: weight.detach() for name, weight in weights.items()}, out.with_suffix(".part"))
    out.with_suffix(".part").rename(out)


def _loss(readers: Readers, said: Tensor, seen: list[Seen], right: dict[str, list[bool]]) -> Tensor:
    losses = []
    for place, name in enumerate(readers.names):
        asked = [i for i, one in enumerate(seen) if name in one.truth]
        if asked:
            scores = readers.choices[name](said[asked, place])
            truth = torch.tensor([seen[i].truth[name] for i in asked])
            losses.append(F.cross_entropy(scores, truth, reduction="sum") * (0.15 if name.startswith("count ") else 1.0))
            right[name.rstrip("123") if name[0] == "d" else name.split()[0]] += (scores.argmax(-1) == truth).tolist()
    return torch.stack(losses).sum() / len(seen)


def _report(n: int, steps: int, right: dict[str, list[bool]], seconds: float, loudness: float) -> None:
    shares = " ".join(f"{name.strip()} {100 * np.mean(flags):.1f} %" for name, flags in sorted(right.items()))
    print(f"eye {n}/{steps} | right: {shares} | loudness {loudness:.2f} | {n * IMAGES / seconds:.0f} images/s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/nano"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    train(arguments.out / "eye.safetensors", STEPS, seed=4)
