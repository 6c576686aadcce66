"""Nano's shape: Mistral Small 4's architecture in a few million parameters, as a ``params.json`` (model.md 1, 5)."""

from __future__ import annotations

from typing import Any

from recipes.nano.vocabulary import MAX_IMAGE, SIZE

LAYERS = 6
PARAMS: dict[str, Any] = {
    "dim": 256,
    "n_layers": LAYERS,
    "n_heads": 8,
    "n_kv_heads": 8,
    "head_dim": 64,
    "hidden_dim": 768,  # unused, as in Small 4: every layer is a mixture
    "q_lora_rank": 192,
    "kv_lora_rank": 128,
    "qk_nope_head_dim": 32,
    "qk_rope_head_dim": 32,
    "v_head_dim": 64,
    "moe": {
        "num_experts": 16,
        "num_experts_per_tok": 4,
        "num_shared_experts": 1,
        "expert_hidden_dim": 64,
        "first_k_dense_replace": 0,
        "route_every_n": 1,
        "num_expert_groups": 1,
        "num_expert_groups_per_tok": 1,
        "expert_parallel": 1,
        "expert_model_parallel": 1,
        "routed_scale": 1.0,
    },
    "vocab_size": SIZE,
    "tied_embeddings": False,
    "norm_eps": 1e-6,
    "max_position_embeddings": 32768,
    "rope_theta": 10000.0,
    "yarn": {"factor": 4.0, "original_max_position_embeddings": 8192, "beta": 32, "alpha": 1, "apply_scale": False},
    "llama_4_scaling": {"beta": 0.1, "original_max_position_embeddings": 8192},
    "vision_encoder": {
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_channels": 3,
        "image_size": MAX_IMAGE,
        "max_image_size": MAX_IMAGE,
        "patch_size": 14,
        "rope_theta": 10000.0,
        "image_token_id": 10,
        "image_break_token_id": 12,
        "image_end_token_id": 13,
        "adapter_bias": False,
        "mm_projector_id": "patch_merge",
        "add_pre_mm_projector_layer_norm": True,
        "spatial_merge_size": 2,
    },
}
