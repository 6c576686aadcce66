"""The text decoder of Mistral Small 4 in one file of plain PyTorch, written from the equations of model.md 2 and 3.

It shares nothing with ``src/``: a mistake that both back ends inherit from the model they share shows against this
file. One sequence, no batch, no cache, every position at once; the type of the weights is the type of the arithmetic.
Names of weights are those of Hugging Face files, without the prefix of the decoder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

LATENT_EPS = 1e-6  # of the two norms inside attention, whatever rms_norm_eps says

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Config:
    """The numbers that the equations use. ``softmax_scale`` is never derived from a rope setting (model.md 2.5)."""

    layers: int
    dense_layers: int
    heads: int
    nope: int
    rope: int
    value: int
    latent: int
    experts: int
    top_k: int
    norm_topk_prob: bool
    routed_scale: float
    eps: float
    softmax_scale: float
    theta: float
    yarn_factor: float
    original_length: int
    beta_fast: float
    beta_slow: float
    temperature_beta: float


def config_from(hf: dict[str, Any]) -> Config:
    """Read a text ``config.json`` of a model with YaRN."""
    yarn = hf["rope_parameters"]
    nope, rope = hf["qk_nope_head_dim"], hf["qk_rope_head_dim"]
    return Config(
        layers=hf["num_hidden_layers"],
        dense_layers=hf["first_k_dense_replace"],
        heads=hf["num_attention_heads"],
        nope=nope,
        rope=rope,
        value=hf["v_head_dim"],
        latent=hf["kv_lora_rank"],
        experts=hf["n_routed_experts"],
        top_k=hf["num_experts_per_tok"],
        norm_topk_prob=hf["norm_topk_prob"],
        routed_scale=hf["routed_scaling_factor"],
        eps=hf["rms_norm_eps"],
        softmax_scale=1 / math.sqrt(nope + rope),
        theta=yarn["rope_theta"],
        yarn_factor=yarn["factor"],
        original_length=yarn["original_max_position_embeddings"],
        beta_fast=yarn["beta_fast"],
        beta_slow=yarn["beta_slow"],
        temperature_beta=yarn["llama_4_scaling_beta"],
    )


# -- Decoder (2.1) -------------------------------------------------------------------------------------------------


def logits(c: Config, w: Weights, ids: Tensor, start: int = 0) -> Tensor:
    """``[tokens]`` → ``[tokens, vocab]``. The first token stands at position ``start``, with nothing before it."""
    p = torch.arange(start, start + len(ids))
    x = w["embed_tokens.weight"][ids]
    for i in range(c.layers):
        layer = {name.removeprefix(f"layers.{i}."): t for name, t in w.items() if name.startswith(f"layers.{i}.")}
        x = x + attention(c, layer, rms(x, layer["input_layernorm.weight"], c.eps), p)
        h = rms(x, layer["post_attention_layernorm.weight"], c.eps)
        x = x + (swiglu(layer, "mlp.", h) if i < c.dense_layers else mixture(c, layer, h))
    head = w.get("lm_head.weight", w["embed_tokens.weight"])
    return rms(x, w["norm.weight"], c.eps) @ head.T


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Divide by the root of the mean square, multiply by the weight."""
    return weight * (x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + eps))


def swiglu(w: Weights, prefix: str, h: Tensor) -> Tensor:
    """``W2 (silu(W1 h) ⊙ W3 h)``."""
    gate, up = h @ w[f"{prefix}gate_proj.weight"].T, h @ w[f"{prefix}up_proj.weight"].T
    return (silu(gate) * up) @ w[f"{prefix}down_proj.weight"].T


def silu(x: Tensor) -> Tensor:
    """``x · sigmoid(x)``."""
    return x * torch.sigmoid(x)


# -- Attention (2.2) -----------------------------------------------------------------------------------------------


def attention(c: Config, w: Weights, h: Tensor, p: Tensor) -> Tensor:
    """Multi-head latent attention in its expanded form: every head builds its keys and values from the latents."""
    tokens = len(h)
    angle = p.float()[:, None] * frequencies(c)  # a float32 product, whatever the type of the weights

    q = query_projection(w, h).view(tokens, c.heads, c.nope + c.rope)
    q_nope, q_rope = q[..., : c.nope], q[..., c.nope :]
    q_rope = rotate(q_rope, angle[:, None])
    t = temperature(c, p).to(h.dtype)[:, None, None]
    q_nope, q_rope = q_nope * t, q_rope * t  # both parts

    ckv = h @ w["self_attn.kv_a_proj_with_mqa.weight"].T
    c_hat, k_rope = ckv[:, : c.latent], ckv[:, c.latent :]
    latent = rms(c_hat, w["self_attn.kv_a_layernorm.weight"], LATENT_EPS)
    k_rope = rotate(k_rope, angle)  # one for all heads, without a norm
    kv = (latent @ w["self_attn.kv_b_proj.weight"].T).view(tokens, c.heads, c.nope + c.value)
    k_nope, v = kv[..., : c.nope], kv[..., c.nope :]

    scores = torch.einsum("phd,jhd->hpj", q_nope, k_nope) + torch.einsum("phd,jd->hpj", q_rope, k_rope)
    future = p[None, :] > p[:, None]
    scores = (scores * c.softmax_scale).masked_fill(future, -math.inf)
    o = torch.einsum("hpj,jhe->phe", scores.softmax(-1), v)
    return o.reshape(tokens, c.heads * c.value) @ w["self_attn.o_proj.weight"].T


def query_projection(w: Weights, h: Tensor) -> Tensor:
    """Through the query latent, if the model has one."""
    if "self_attn.q_proj.weight" in w:
        return h @ w["self_attn.q_proj.weight"].T
    qa = rms(h @ w["self_attn.q_a_proj.weight"].T, w["self_attn.q_a_layernorm.weight"], LATENT_EPS)
    return qa @ w["self_attn.q_b_proj.weight"].T


# -- Position (2.3, 2.4) -------------------------------------------------------------------------------------------


def frequencies(c: Config) -> Tensor:
    """YaRN: the first lanes turn as they did, the last ones ``yarn_factor`` times slower; float32 ``[rope / 2]``."""
    e = 1 / c.theta ** (torch.arange(0, c.rope, 2, dtype=torch.float32) / c.rope)
    n = e / c.yarn_factor
    low = max(math.floor(lane(c, c.beta_fast)), 0)
    high = min(math.ceil(lane(c, c.beta_slow)), c.rope - 1)
    ramp = ((torch.arange(c.rope // 2) - low) / max(high - low, 0.001)).clip(0, 1)
    return n * ramp + e * (1 - ramp)


def lane(c: Config, turns: float) -> float:
    """The pair of lanes that turns so many times within the original context."""
    return c.rope * math.log(c.original_length / (2 * math.pi * turns)) / (2 * math.log(c.theta))


def rotate(x: Tensor, angle: Tensor) -> Tensor:
    """Turn each pair of neighbouring lanes (2i, 2i + 1) by angle i."""
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    even = pairs[..., 0] * cos - pairs[..., 1] * sin
    odd = pairs[..., 1] * cos + pairs[..., 0] * sin
    return torch.stack((even, odd), -1).flatten(-2)


def temperature(c: Config, p: Tensor) -> Tensor:
    """``t(p) = 1 + beta · ln(1 + floor(p / original length))``."""
    return 1 + c.temperature_beta * torch.log(1 + torch.floor(p / c.original_length))


# -- Mixture of experts (3) ----------------------------------------------------------------------------------------


def mixture(c: Config, w: Weights, h: Tensor) -> Tensor:
    """The chosen experts, weighted, and the shared expert, which is always on."""
    chances = (h @ w["mlp.gate.weight"].T).softmax(-1)  # over all experts
    weight, chosen = chances.topk(c.top_k, -1)
    if c.norm_topk_prob:
        weight = weight / (weight.sum(-1, keepdim=True) + 1e-20)
    weight = weight * c.routed_scale

    y = torch.zeros_like(h)
    for e in range(c.experts):
        token, place = torch.where(chosen == e)
        gate, up = (h[token] @ w["mlp.experts.gate_up_proj"][e].T).chunk(2, -1)
        out = (silu(gate) * up) @ w["mlp.experts.down_proj"][e].T
        y.index_add_(0, token, out * weight[token, place, None])
    if "mlp.shared_experts.gate_proj.weight" in w:
        y = y + swiglu(w, "mlp.shared_experts.", h)
    return y
