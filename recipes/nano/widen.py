"""More heads and wider latents for a model that has learned (Chen et al. 2016, Net2Net): it says what it said before,
and training makes of what was added what it needs.

A new head looks where an old one looks and reads something else there, of which nothing is written yet. A new lane of a
latent holds nothing yet, and heads listen to it already.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from quatre.model.mistral4 import Mistral4Config


def widened(weights: Mapping[str, Tensor], c: Mistral4Config, seed: int) -> dict[str, Tensor]:
    """The same model with the heads and latents of ``c``.

    Raises ValueError: ``weights`` have more heads or wider latents than ``c``.
    """
    generator = torch.Generator().manual_seed(seed)
    result = dict(weights)
    for i in range(c.n_layers):
        prefix = f"layers.{i}.attention."
        mine = {name: result[prefix + name] for name in _NAMES}
        _more_heads(mine, c, generator)
        _wider_latents(mine, c, generator)
        result |= {prefix + name: weight for name, weight in mine.items()}
    return result


_NAMES = ("wq_a", "q_a_norm", "wq_b", "wkv_a_with_mqa", "kv_a_norm", "w_uk", "w_uv", "wo")


def _more_heads(mine: dict[str, Tensor], c: Mistral4Config, generator: torch.Generator) -> None:
    have = len(mine["w_uk"])
    more = _more(have, c.n_heads)
    copied = torch.arange(more) % have
    heads = mine["wq_b"].unflatten(0, (have, c.head_dim))
    mine["wq_b"] = torch.cat((heads, heads[copied])).flatten(0, 1)
    mine["w_uk"] = torch.cat((mine["w_uk"], mine["w_uk"][copied]))
    mine["w_uv"] = torch.cat((mine["w_uv"], _like(mine["w_uv"], (more, *mine["w_uv"].shape[1:]), generator)))
    mine["wo"] = torch.cat((mine["wo"], mine["wo"].new_zeros(len(mine["wo"]), more * c.v_head_dim)), 1)


def _wider_latents(mine: dict[str, Tensor], c: Mistral4Config, generator: torch.Generator) -> None:
    assert c.q_lora_rank is not None
    for down, norm, wide, readers in (
        ("wq_a", "q_a_norm", c.q_lora_rank, ("wq_b",)),
        ("wkv_a_with_mqa", "kv_a_norm", c.kv_lora_rank, ("w_uk", "w_uv")),
    ):
        have = len(mine[norm])
        more = _more(have, wide)
        latent, rest = mine[down][:have], mine[down][have:]  # the rest: keys that are rotated
        mine[down] = torch.cat((latent, latent.new_zeros(more, c.dim), rest))
        # Of more lanes, the mean square is less.
        mine[norm] = torch.cat((mine[norm], mine[norm].mean().expand(more))) * (have / wide) ** 0.5
        for name in readers:
            shape = (*mine[name].shape[:-1], more)
            mine[name] = torch.cat((mine[name], _like(mine[name], shape, generator)), -1)


def _more(have: int, want: int) -> int:
    if want < have:
        raise ValueError(f"{have} heads or lanes of a latent cannot become {want}")
    return want - have


def _like(weight: Tensor, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Random numbers as large as those of ``weight``."""
    return torch.randn(shape, generator=generator) * weight.std()
