"""Tiny Mistral 4 shapes that nobody would choose, as ``config.json`` contents."""

from __future__ import annotations

from tiny_checkpoints import MISTRAL4, neutral

# Small odd sizes that share no divisor with a vector register, and a context that stretches from position 16 on.
ODD = neutral(MISTRAL4) | {
    "vocab_size": 97,
    "hidden_size": 26,
    "intermediate_size": 38,
    "moe_intermediate_size": 18,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "num_key_value_heads": 3,
    "n_routed_experts": 5,
    "q_lora_rank": 12,
    "kv_lora_rank": 8,
    "qk_nope_head_dim": 6,
    "qk_rope_head_dim": 4,
    "v_head_dim": 10,
}
ODD["rope_parameters"] |= {"factor": 8.0, "original_max_position_embeddings": 16}
SHAPES = {
    "odd": {},
    "no query latent": {"q_lora_rank": None},
    "two shared experts": {"n_shared_experts": 2},
    "no shared expert": {"n_shared_experts": 0},
    "dense layer first": {"first_k_dense_replace": 1},
    "dense only": {"first_k_dense_replace": 3},
    "raw expert weights": {"norm_topk_prob": False},
    "scaled experts": {"routed_scaling_factor": 1.5},
    "one of many experts": {"n_routed_experts": 33, "num_experts_per_tok": 1},
    "all experts": {"num_experts_per_tok": 5},
    "half-split rope": {"rope_interleave": False},
    "coarse norms": {"rms_norm_eps": 0.1},
    "tied": {"tie_word_embeddings": True},
    "wide": {"hidden_size": 128, "kv_lora_rank": 64, "q_lora_rank": 96, "qk_nope_head_dim": 32, "v_head_dim": 48},
}
