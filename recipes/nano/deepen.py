"""More layers for a model that has learned: some layers are followed by a copy that adds nothing yet (Wu et al. 2024,
LLaMA Pro), so that the model says what it said before, and training makes of the copies what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

ADDING = ("attention.wo", "experts.w2")  # what a layer adds to the residual stream comes out of these
_LAYER = re.compile(r"layers\.(\d+)\.(.+)")


def depth(weights: Mapping[str, Tensor]) -> int:
    """How many layers there are."""
    return 1 + max(int(found[1]) for name in weights if (found := _LAYER.fullmatch(name)))


def origins(have: int, want: int) -> list[int]:
    """Which layer each of ``want`` comes from; the copy of a layer stands behind it. The first has none.

    Raises ValueError: fewer layers than there are, or more copies than layers to copy.
    """
    copies = want - have
    if not 0 <= copies < have:
        raise ValueError(f"{have} layers can become {have} to {2 * have - 1}, not {want}")
    return sorted([*range(have), *range(1, copies + 1)])


def deepened(weights: Mapping[str, Tensor], layers: int) -> dict[str, Tensor]:
    """The same model with so many layers."""
    inside = [(found, weight) for name, weight in weights.items() if (found := _LAYER.fullmatch(name))]
    result = {name: weight for name, weight in weights.items() if not _LAYER.fullmatch(name)}
    before = None
    for place, origin in enumerate(origins(depth(weights), layers)):
        for found, weight in inside:
            if int(found[1]) == origin:
                silent = origin == before and found[2].endswith(ADDING)
                result[f"layers.{place}.{found[2]}"] = weight * 0 if silent else weight.clone()
        before = origin
    return result
