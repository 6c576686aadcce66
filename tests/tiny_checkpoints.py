"""Tiny random checkpoints, written as the world writes them: Hugging Face folders and GGUF files.

A checkpoint is a ``config`` (a text ``config.json``) and ``weights`` (float32, by Hugging Face name without prefix; a
leading ``/`` marks the head, which stands outside the decoder). Nothing here uses the reader's tables: names and cuts
are spelt out once more, so that a wrong one is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from gguf_files import add_metadata
from quatre.formats.base import Format
from quatre.formats.floats import BF16, F32
from quatre.formats.registry import BY_NAME
from random_blocks import random_blocks

Config = dict[str, Any]
Weights = dict[str, NDArray[np.float32]]

# Where a folder keeps the decoder and its head, and whether a wrapper for images stands around it (model.md 3.1).
SPELLINGS = {
    "text": ("model.", "", False),
    "library": ("model.language_model.", "", True),
    "published": ("language_model.model.", "language_model.", True),
    "bare": ("", "", False),
}

SHARED = {
    "hidden_act": "silu",
    "initializer_range": 0.02,
    "max_position_embeddings": 4096,
    "num_hidden_layers": 2,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "use_cache": True,
    "vocab_size": 96,
}
DENSE = SHARED | {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}
LLAMA = DENSE | {"model_type": "llama", "attention_bias": False, "mlp_bias": False}
MISTRAL = DENSE | {"model_type": "mistral", "sliding_window": None}
MINISTRAL3 = DENSE | {
    "model_type": "ministral3",
    "rope_parameters": {
        "rope_type": "yarn",
        "rope_theta": 1e6,
        "factor": 16.0,
        "original_max_position_embeddings": 256,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "mscale": 1.0,
        "mscale_all_dim": 1.0,
        "llama_4_scaling_beta": 0.1,
    },
}
MISTRAL4 = SHARED | {
    "model_type": "mistral4",
    "hidden_size": 64,
    "intermediate_size": 96,
    "moe_intermediate_size": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "n_routed_experts": 6,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "first_k_dense_replace": 0,
    "norm_topk_prob": True,
    "routed_scaling_factor": 1.0,
    "n_group": 1,
    "topk_group": 1,
    "q_lora_rank": 64,
    "kv_lora_rank": 32,
    "qk_nope_head_dim": 32,
    "qk_rope_head_dim": 16,
    "v_head_dim": 32,
    "rms_norm_eps": 1e-6,
    "rope_interleave": True,
    "rope_parameters": {
        "rope_type": "yarn",
        "rope_theta": 10000.0,
        "factor": 16.0,
        "original_max_position_embeddings": 256,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "mscale": 1.0,
        "mscale_all_dim": 1.0,
        "llama_4_scaling_beta": 0.1,
    },
}


# -- Weights -------------------------------------------------------------------------------------------------------


def random_weights(config: Config, seed: int = 0) -> Weights:
    """Every tensor of the model: projections that keep the size of their input, norms around one."""
    rng = np.random.default_rng(seed)
    return {name: _random(rng, shape) for name, shape in _shapes(config)}


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if len(shape) == 1:
        return rng.uniform(0.5, 1.5, shape).astype(np.float32)
    return (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)


def _shapes(c: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    dim, vocab = c["hidden_size"], c["vocab_size"]
    yield "embed_tokens.weight", (vocab, dim)
    for i in range(c["num_hidden_layers"]):
        layer = f"layers.{i}."
        yield layer + "input_layernorm.weight", (dim,)
        yield layer + "post_attention_layernorm.weight", (dim,)
        attention = _latent_attention(c) if c["model_type"] == "mistral4" else _grouped_attention(c)
        yield from ((f"{layer}self_attn.{name}.weight", shape) for name, shape in attention)
        if c["model_type"] == "mistral4" and i >= c["first_k_dense_replace"]:
            yield from ((f"{layer}mlp.{name}", shape) for name, shape in _experts(c))
        else:
            yield from ((f"{layer}mlp.{name}", shape) for name, shape in _swiglu(dim, c["intermediate_size"]))
    yield "norm.weight", (dim,)
    if not c["tie_word_embeddings"]:
        yield "/lm_head.weight", (vocab, dim)


def _grouped_attention(c: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    dim, heads, kv_heads, width = (
        c[key] for key in ("hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim")
    )
    yield "q_proj", (heads * width, dim)
    yield "k_proj", (kv_heads * width, dim)
    yield "v_proj", (kv_heads * width, dim)
    yield "o_proj", (dim, heads * width)


def _latent_attention(c: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    dim, heads, latent, value = (c[key] for key in ("hidden_size", "num_attention_heads", "kv_lora_rank", "v_head_dim"))
    nope, rope, rank = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["q_lora_rank"]
    if rank is None:
        yield "q_proj", (heads * (nope + rope), dim)
    else:
        yield "q_a_proj", (rank, dim)
        yield "q_a_layernorm", (rank,)
        yield "q_b_proj", (heads * (nope + rope), rank)
    yield "kv_a_proj_with_mqa", (latent + rope, dim)
    yield "kv_a_layernorm", (latent,)
    yield "kv_b_proj", (heads * (nope + value), latent)
    yield "o_proj", (dim, heads * value)


def _experts(c: Config) -> Iterator[tuple[str, tuple[int, ...]]]:
    dim, experts, width = c["hidden_size"], c["n_routed_experts"], c["moe_intermediate_size"]
    yield "gate.weight", (experts, dim)
    yield "experts.gate_up_proj", (experts, 2 * width, dim)
    yield "experts.down_proj", (experts, dim, width)
    if c["n_shared_experts"]:
        shared = _swiglu(dim, width * c["n_shared_experts"])
        yield from ((f"shared_experts.{name}", shape) for name, shape in shared)


def _swiglu(dim: int, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "gate_proj.weight", (width, dim)
    yield "up_proj.weight", (width, dim)
    yield "down_proj.weight", (dim, width)


# -- Hugging Face folders ------------------------------------------------------------------------------------------


def write_hf(
    folder: Path,
    config: Config,
    weights: Weights,
    *,
    spelling: str = "text",
    fmt: Format = F32,
    shards: int = 1,
    images: bool = False,
) -> Path:
    """A folder with ``config.json``, ``generation_config.json`` and safetensors in one file or several."""
    decoder, head, wrapped = SPELLINGS[spelling]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(_wrapper(config) if wrapped else config))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": config["eos_token_id"]}))
    named = {head + name[1:] if name[0] == "/" else decoder + name: array for name, array in weights.items()}
    if images:
        tower = "model." if spelling == "library" else ""
        named[f"{tower}vision_tower.patch_conv.weight"] = np.zeros((4, 3, 2, 2), np.float32)
        named[f"{tower}multi_modal_projector.linear_1.weight"] = np.zeros((4, 4), np.float32)
    if shards == 1:
        write_safetensors(folder / "model.safetensors", named, fmt)
    else:
        _write_shards(folder, named, fmt, shards)
    return folder


def _wrapper(config: Config) -> Config:
    return {
        "architectures": ["Mistral3ForConditionalGeneration"],
        "model_type": "mistral3",
        "image_token_index": 10,
        "spatial_merge_size": 2,
        "vision_feature_layer": -1,
        "tie_word_embeddings": config["tie_word_embeddings"],
        "text_config": {key: value for key, value in config.items() if key != "tie_word_embeddings"},
        "vision_config": {"model_type": "pixtral"},
    }


def _write_shards(folder: Path, named: Weights, fmt: Format, shards: int) -> None:
    places = {name: f"model-{i % shards + 1:05}-of-{shards:05}.safetensors" for i, name in enumerate(named)}
    for file in set(places.values()):
        write_safetensors(folder / file, {name: named[name] for name in named if places[name] == file}, fmt)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[np.float32]], fmt: Format = F32) -> Path:
    """One file; by hand, because NumPy has no bf16 for the library to write."""
    assert fmt.encode is not None
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    parts = []
    end = 0
    for name, array in tensors.items():
        parts.append(fmt.encode(array).tobytes())
        begin, end = end, end + len(parts[-1])
        header[name] = {"dtype": fmt.name.upper(), "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
    return path


def neutral(config: Config) -> Config:
    """The same model, told so that transformers leaves YaRN's magnitude out, as this family wants (model.md 2.5)."""
    plain = {"mscale_all_dim": 0.0, "attention_factor": 1.0}
    return config | {"rope_parameters": config["rope_parameters"] | plain}


def transformers_model(config: Config, weights: Weights) -> Any:
    """The causal language model of transformers with these weights, in float32 and evaluation mode."""
    import torch
    import transformers

    classes = {
        "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
        "mistral": (transformers.MistralConfig, transformers.MistralForCausalLM),
        "ministral3": (transformers.Ministral3Config, transformers.Ministral3ForCausalLM),
        "mistral4": (transformers.Mistral4Config, transformers.Mistral4ForCausalLM),
    }
    make_config, make_model = classes[config["model_type"]]
    model = make_model(make_config(**{key: value for key, value in config.items() if key != "model_type"}))
    state = {name[1:] if name[0] == "/" else f"model.{name}": torch.tensor(array) for name, array in weights.items()}
    if config["tie_word_embeddings"]:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state)
    return model.eval()


# -- GGUF files ----------------------------------------------------------------------------------------------------


def write_gguf(
    path: Path,
    config: Config,
    weights: Weights,
    *,
    fmt: str = "f32",
    fused_experts: bool = False,
    extra: Mapping[str, float] | None = None,
    vocabulary: Mapping[str, Any] | None = None,
) -> Path:
    """A file as llama.cpp's converter writes it, for ``llama``, ``mistral`` / ``ministral3`` and ``mistral4``.

    ``fmt``: the format of the projections whose rows are whole groups of it; norms, routers and the rest stay float32.
    ``extra``: more metadata, as float32. ``vocabulary``: that of the tokenizer.
    """
    kind = config["model_type"]
    writer = gguf.GGUFWriter(path, {"mistral": "llama", "ministral3": "mistral3"}.get(kind, kind))
    _write_metadata(writer, config)
    for key, value in (extra or {}).items():
        writer.add_float32(key, value)
    add_metadata(writer, vocabulary or {})
    for name, array in weights.items():
        for stored_name, stored in _gguf_tensors(config, name, array, fused_experts):
            _add_tensor(writer, stored_name, np.ascontiguousarray(stored), fmt)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensor(writer: gguf.GGUFWriter, name: str, array: NDArray[np.float32], fmt: str) -> None:
    chosen = BY_NAME[fmt]
    group = 64 if fmt == "nvfp4" else chosen.group
    if array.ndim == 1 or array.shape[-1] % group or "ffn_gate_inp" in name:
        chosen = F32
    if chosen is F32:
        writer.add_tensor(name, array)
        return
    if fmt == "nvfp4":
        _add_nvfp4(writer, name, array)
        return
    if chosen.encode is None:
        data = random_blocks(chosen, array.shape)
    else:
        data = chosen.encode(array)
    writer.add_tensor(name, data, raw_dtype=gguf.GGMLQuantizationType[chosen.name.upper()])


def _add_nvfp4(writer: gguf.GGUFWriter, name: str, array: NDArray[np.float32]) -> None:
    """Blocks of 64 numbers, and beside them factors for each matrix and for its inputs, as llama.cpp writes them."""
    from official_checkpoints import nvfp4

    matrices, factors = [], []
    for matrix in array.reshape(-1, *array.shape[-2:]):
        packed, scales, divisor, _ = nvfp4(matrix)
        codes = np.stack((packed & 15, packed >> 4), -1).reshape(len(matrix), -1, 2, 8)
        halves = (codes[:, :, 0] | codes[:, :, 1] << 4).reshape(len(matrix), -1, 32)
        blocks = np.concatenate((scales.view(np.uint8).reshape(len(matrix), -1, 4), halves), -1)
        matrices.append(blocks.reshape(len(matrix), -1))
        factors.append(1 / divisor)
    stem = name.removesuffix(".weight")
    data = np.stack(matrices).reshape(*array.shape[:-1], -1)
    writer.add_tensor(name, data, raw_dtype=gguf.GGMLQuantizationType.NVFP4)
    writer.add_tensor(f"{stem}.scale", np.concatenate(factors))
    writer.add_tensor(f"{stem}.input_scale", np.ones(len(factors), np.float32))


def _write_metadata(writer: gguf.GGUFWriter, c: Config) -> None:
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_vocab_size(c["vocab_size"])
    writer.add_eos_token_id(c["eos_token_id"])
    if c["model_type"] == "mistral4":
        _write_latent_metadata(writer, c)
    else:
        writer.add_head_count_kv(c["num_key_value_heads"])
        writer.add_key_length(c["head_dim"])
        writer.add_value_length(c["head_dim"])
        writer.add_rope_dimension_count(c["head_dim"])
    _write_rope_metadata(writer, c)


def _write_latent_metadata(writer: gguf.GGUFWriter, c: Config) -> None:
    writer.add_head_count_kv(1)
    writer.add_key_length(c["kv_lora_rank"] + c["qk_rope_head_dim"])
    writer.add_value_length(c["kv_lora_rank"])
    writer.add_key_length_mla(c["qk_nope_head_dim"] + c["qk_rope_head_dim"])
    writer.add_value_length_mla(c["v_head_dim"])
    if c["q_lora_rank"] is not None:
        writer.add_q_lora_rank(c["q_lora_rank"])
    writer.add_kv_lora_rank(c["kv_lora_rank"])
    writer.add_rope_dimension_count(c["qk_rope_head_dim"])
    writer.add_leading_dense_block_count(c["first_k_dense_replace"])
    writer.add_expert_count(c["n_routed_experts"])
    writer.add_expert_used_count(c["num_experts_per_tok"])
    writer.add_expert_group_count(c["n_group"])
    writer.add_expert_group_used_count(c["topk_group"])
    writer.add_expert_shared_count(c["n_shared_experts"])
    writer.add_expert_feed_forward_length(c["moe_intermediate_size"])
    writer.add_expert_weights_scale(c["routed_scaling_factor"])
    writer.add_expert_weights_norm(c["norm_topk_prob"])


def _write_rope_metadata(writer: gguf.GGUFWriter, c: Config) -> None:
    rope = c["rope_parameters"]
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] != "yarn":
        return
    writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    writer.add_rope_scaling_factor(rope["factor"])
    writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    writer.add_rope_scaling_yarn_beta_fast(rope["beta_fast"])
    writer.add_rope_scaling_yarn_beta_slow(rope["beta_slow"])
    # The converter writes a tenth of it for this architecture, and forgets the temperature (model.md 4.3).
    if c["model_type"] == "mistral4":
        writer.add_rope_scaling_yarn_log_mul(0.1 * rope["mscale_all_dim"])
    else:
        writer.add_rope_scaling_yarn_log_mul(rope["mscale_all_dim"])
        writer.add_attn_temperature_scale(rope["llama_4_scaling_beta"])


GGUF_NAMES = {
    "embed_tokens.weight": "token_embd.weight",
    "norm.weight": "output_norm.weight",
    "/lm_head.weight": "output.weight",
}
GGUF_LAYER_NAMES = {
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight",
    "self_attn.q_a_proj.weight": "attn_q_a.weight",
    "self_attn.q_a_layernorm.weight": "attn_q_a_norm.weight",
    "self_attn.q_b_proj.weight": "attn_q_b.weight",
    "self_attn.kv_a_proj_with_mqa.weight": "attn_kv_a_mqa.weight",
    "self_attn.kv_a_layernorm.weight": "attn_kv_a_norm.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
    "mlp.gate.weight": "ffn_gate_inp.weight",
    "mlp.experts.down_proj": "ffn_down_exps.weight",
    "mlp.shared_experts.gate_proj.weight": "ffn_gate_shexp.weight",
    "mlp.shared_experts.up_proj.weight": "ffn_up_shexp.weight",
    "mlp.shared_experts.down_proj.weight": "ffn_down_shexp.weight",
}


def _gguf_tensors(
    c: Config, name: str, array: NDArray[np.float32], fused_experts: bool
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The tensors of a GGUF file that hold one Hugging Face tensor."""
    if name in GGUF_NAMES:
        yield GGUF_NAMES[name], array
        return
    _, layer, rest = name.split(".", 2)
    block = f"blk.{layer}."
    if rest == "self_attn.kv_b_proj.weight":
        by_head = array.reshape(c["num_attention_heads"], -1, c["kv_lora_rank"])
        yield block + "attn_k_b.weight", by_head[:, : c["qk_nope_head_dim"]].swapaxes(1, 2)
        yield block + "attn_v_b.weight", by_head[:, c["qk_nope_head_dim"] :]
    elif rest == "mlp.experts.gate_up_proj" and fused_experts:
        yield block + "ffn_gate_up_exps.weight", array
    elif rest == "mlp.experts.gate_up_proj":
        yield block + "ffn_gate_exps.weight", array[:, : c["moe_intermediate_size"]]
        yield block + "ffn_up_exps.weight", array[:, c["moe_intermediate_size"] :]
    elif c["model_type"] != "mistral4" and rest.startswith(("self_attn.q_proj", "self_attn.k_proj")):
        yield block + GGUF_LAYER_NAMES[rest], interleaved(array, c["head_dim"])
    else:
        yield block + GGUF_LAYER_NAMES[rest], array


def interleaved(array: NDArray[np.float32], head_dim: int) -> NDArray[np.float32]:
    """The rows of each head reordered so that the rotated pairs (i, i + d/2) become (2i, 2i + 1)."""
    return array.reshape(-1, 2, head_dim // 2, array.shape[-1]).swapaxes(1, 2).reshape(array.shape)


def rounded(weights: Weights, fmt: Format = BF16) -> Weights:
    """The same weights after a trip through a format, for exact comparisons."""
    assert fmt.encode is not None
    return {name: fmt.decode(fmt.encode(array)) for name, array in weights.items()}
