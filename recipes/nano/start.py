"""How attention starts: looking at the token before, and at tokens like this one.

From plain random weights, looking up what followed the same words before is learned late, because it takes two layers
that are of no use without each other. Here both halves are there from the beginning, weakly (Trockman and Kolter 2023,
mimetic initialization), and training makes of them what it needs:

* every embedding has a common part, so that a head without biases can turn by position alone;
* some heads of the first layer look one or two places back, and write what they see where embeddings stand;
* the head says a token where the residual stream holds its embedding;
* the others compare query and key by one projection: a token looks at its like, which after the first layer includes
  the token that followed its like.
"""

from __future__ import annotations

import torch
from torch import Tensor

from quatre.model.mistral4 import Mistral4Config

COMMON = 0.8  # length of the embeddings' common part; their own is about 1.6
BACK = {0: (1, 1, 2, None), 1: (1, None, None, None)}  # layer → how far back each head looks
TURNING = 6  # pairs of lanes that look back: the fast ones, which tell neighbours apart
HEARD = 0.5  # the head starts as this part of the embeddings
WRITTEN = 0.3


def attention(weights: dict[str, Tensor], c: Mistral4Config, generator: torch.Generator) -> None:
    """Set the embeddings' common part and every layer's attention."""
    weights["output"] = HEARD * weights["tok_embeddings"]  # else copying is learned token by token
    common = torch.randn(c.dim, generator=generator)
    common /= common.norm()
    weights["tok_embeddings"] = weights["tok_embeddings"] + COMMON * common
    frequencies = torch.from_numpy(c.rope.frequencies(c.qk_rope_head_dim))[:TURNING]
    for i in range(c.n_layers):
        _layer(weights, f"layers.{i}.attention.", c, common, frequencies, BACK.get(i, ()), generator)


def _layer(
    weights: dict[str, Tensor],
    prefix: str,
    c: Mistral4Config,
    common: Tensor,
    frequencies: Tensor,
    back: tuple[int | None, ...],
    generator: torch.Generator,
) -> None:
    latent, nope = c.kv_lora_rank, c.qk_nope_head_dim
    assert c.q_lora_rank is not None
    assert latent < c.q_lora_rank

    def noise(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator) * shape[-1] ** -0.5

    read = noise(latent, c.dim)
    turned = 0.3 * noise(c.qk_rope_head_dim, c.dim)
    turned[0 : 2 * TURNING : 2] += common  # every key points the same way, turned by its place
    weights[prefix + "wkv_a_with_mqa"] = torch.cat((read, turned))
    query = noise(c.q_lora_rank, c.dim)
    query[0] = common
    query[1 : latent + 1] = read
    weights[prefix + "wq_a"] = query
    key, value = noise(c.n_heads, nope, latent), noise(c.n_heads, c.v_head_dim, latent)
    heads = 0.3 * noise(c.n_heads, c.head_dim, c.q_lora_rank)
    for h in range(c.n_heads):
        places = back[h] if h < len(back) else None
        if places is None:
            heads[h, :nope, 1 : latent + 1] += key[h]
            continue
        angle = frequencies * places  # a query that far ahead of a key points the same way
        heads[h, nope : nope + 2 * TURNING : 2, 0] += angle.cos()
        heads[h, nope + 1 : nope + 2 * TURNING : 2, 0] -= angle.sin()
    weights[prefix + "wq_b"] = heads.flatten(0, 1)
    weights[prefix + "w_uk"], weights[prefix + "w_uv"] = key, value
    written = WRITTEN * (value @ read).transpose(1, 2)  # [heads, dim, v]
    weights[prefix + "wo"] = written.transpose(0, 1).flatten(1).contiguous()
