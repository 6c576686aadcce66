"""Tiny random checkpoints in the layouts that Mistral ships: FP8 and NVFP4, native and Hugging Face form.

Each writer returns the weights that its files stand for, dequantised by the formulas of model.md 4, in float32 under
the names of :mod:`tiny_checkpoints`. Nothing here uses the reader's code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from tiny_checkpoints import Config, Weights

Files = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]

DTYPES = {
    np.dtype(np.float32): "F32",
    np.dtype(ml_dtypes.bfloat16): "BF16",
    np.dtype(ml_dtypes.float8_e4m3fn): "F8_E4M3",
    np.dtype(np.uint8): "U8",
}
NATIVE = {
    "embed_tokens.weight": "tok_embeddings.weight",
    "norm.weight": "norm.weight",
    "/lm_head.weight": "output.weight",
    "input_layernorm.weight": "attention_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "self_attn.q_a_proj.weight": "attention.wq_a.weight",
    "self_attn.q_a_layernorm.weight": "attention.q_a_norm.weight",
    "self_attn.q_b_proj.weight": "attention.wq_b.weight",
    "self_attn.kv_a_proj_with_mqa.weight": "attention.wkv_a_with_mqa.weight",
    "self_attn.kv_a_layernorm.weight": "attention.kv_a_norm.weight",
    "self_attn.kv_b_proj.weight": "attention.wkv_b.weight",
    "self_attn.o_proj.weight": "attention.wo.weight",
    "mlp.gate.weight": "gate.weight",
    "mlp.shared_experts.gate_proj.weight": "shared_experts.w1.weight",
    "mlp.shared_experts.up_proj.weight": "shared_experts.w3.weight",
    "mlp.shared_experts.down_proj.weight": "shared_experts.w2.weight",
}
VISION = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_channels": 3,
    "image_size": 64,
    "patch_size": 4,
    "rope_theta": 10000.0,
}


# -- What each layout does to a matrix -----------------------------------------------------------------------------


def bf16(array: Floats) -> NDArray[Any]:
    return array.astype(ml_dtypes.bfloat16)


def fp8(array: Floats) -> tuple[NDArray[Any], Floats]:
    """e4m3 numbers ``[rows, cols]`` and their multiplier, which fits bf16."""
    scale = bf16(np.abs(array).max(keepdims=True) / 448).astype(np.float32).reshape(())
    return (array / scale).clip(-448, 448).astype(ml_dtypes.float8_e4m3fn), scale


def nvfp4(array: Floats) -> tuple[NDArray[np.uint8], NDArray[Any], Floats, Floats]:
    """Packed codes, e4m3 scales of 16 columns, the divisor, and the numbers that they stand for."""
    divisor = np.float32(448 * 6) / np.abs(array).max()
    groups = array.reshape(len(array), -1, 16)
    scales = (np.abs(groups).max(-1) * divisor / 6).astype(ml_dtypes.float8_e4m3fn)
    steps = scales.astype(np.float32) / divisor
    elements = np.divide(groups, steps[..., None], out=np.zeros_like(groups), where=steps[..., None] > 0)
    codes = elements.astype(ml_dtypes.float4_e2m1fn)
    numbers = codes.astype(np.float32) * scales.astype(np.float32)[..., None] / divisor
    nibbles = codes.view(np.uint8).reshape(array.shape)
    return nibbles[:, 0::2] | nibbles[:, 1::2] << 4, scales, divisor.reshape(1), numbers.reshape(array.shape)


def is_linear(name: str) -> bool:
    """Whether the FP8 release quantises the tensor."""
    return "_proj" in name and "experts.gate_up" not in name and "experts.down_proj" not in name.replace("shared_", "")


def is_shared(name: str) -> bool:
    return "shared_experts" in name


# -- FP8 -----------------------------------------------------------------------------------------------------------


def write_fp8_hf(folder: Path, config: Config, weights: Weights, *, block: int | None = None) -> Weights:
    """The main repository's Hugging Face form; with ``block``, scales for blocks of that size instead."""
    files: Files = {}
    meant: Weights = {}
    prefix, head = "language_model.model.", "language_model."
    for name, array in weights.items():
        full = head + name[1:] if name[0] == "/" else prefix + name
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            pairs = [fp8(matrix) for matrix in array]
            files[full] = np.stack([codes for codes, _ in pairs])
            scales = np.stack([scale for _, scale in pairs])
            files[f"{full}_scale_inv"] = bf16(scales.reshape(-1, 1, 1))
            files[f"{full}_activation_scale"] = bf16(np.ones(len(array), np.float32))
            meant[name] = files[full].astype(np.float32) * scales.reshape(-1, 1, 1)
        elif is_linear(name) and block is not None:
            files[full], scales, meant[name] = _in_blocks(array, block)
            files[f"{full}_scale_inv"] = scales
        elif is_linear(name):
            files[full], scale = fp8(array)
            files[f"{full}_scale_inv"] = bf16(scale)
            files[full.removesuffix("weight") + "activation_scale"] = bf16(np.float32(1).reshape(()))
            meant[name] = files[full].astype(np.float32) * scale
        else:
            files[full] = bf16(array)
            meant[name] = files[full].astype(np.float32)
    quantisation = {"quant_method": "fp8", "activation_scheme": "static", "weight_block_size": block and [block, block]}
    text = {key: value for key, value in config.items() if key != "tie_word_embeddings"}
    vision = VISION | {"model_type": "pixtral", "hidden_act": "silu"}
    outer = {"model_type": "mistral3", "tie_word_embeddings": False, "text_config": text, "vision_config": vision}
    files |= {name: bf16(array) for name, array in hf_vision(vision_weights(config["hidden_size"])).items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(outer | {"quantization_config": quantisation}))
    write_shards(folder, "model", files)
    return meant


def _in_blocks(array: Floats, size: int) -> tuple[NDArray[Any], Floats, Floats]:
    codes = np.zeros(array.shape, ml_dtypes.float8_e4m3fn)
    meant = np.zeros_like(array)
    rows, cols = array.shape
    scales = np.zeros((-(-rows // size), -(-cols // size)), np.float32)
    for i, j in np.ndindex(*scales.shape):
        part = np.s_[i * size : (i + 1) * size, j * size : (j + 1) * size]
        codes[part], scales[i, j] = fp8(array[part])
        meant[part] = codes[part].astype(np.float32) * scales[i, j]
    return codes, scales, meant


def write_fp8_native(folder: Path, config: Config, weights: Weights, *, block: int | None = None) -> Weights:
    """The main repository's native form: every matrix of every expert has its own scale, w1 and w3 included.

    With ``block``: scales for blocks of that size, as compressed-tensors writes them for Large 3.
    """
    files: Files = {}
    meant: Weights = {}

    def add(name: str, array: Floats) -> Floats:
        if block is not None:
            files[name], files[f"{name}_scale"], numbers = _in_blocks(array, block)
            return numbers
        files[name], scale = fp8(array)
        files[f"{name.removesuffix('weight')}qscale_weight"] = bf16(scale)
        files[f"{name.removesuffix('weight')}qscale_act"] = bf16(np.float32(1).reshape(()))
        return files[name].astype(np.float32) * scale

    for name, array in weights.items():
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            meant[name] = _experts(name, array, add)
        elif is_linear(name):
            meant[name] = add(native_name(name), array)
        else:
            files[native_name(name)] = bf16(array)
            meant[name] = files[native_name(name)].astype(np.float32)
    quantisation: dict[str, Any] = {"quantization": {"qformat_weight": "fp8_e4m3", "qscheme_act": "TENSOR"}}
    if block is not None:
        numbers = {"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [block, block]}
        group = {"targets": ["Linear"], "weights": numbers}
        quantisation = {
            "quantization_config": {
                "quant_method": "compressed-tensors",
                "format": "float-quantized",
                "config_groups": {"group_0": group},
            }
        }
    write_native(folder, params(config) | quantisation, files)
    return meant


# -- NVFP4 ---------------------------------------------------------------------------------------------------------

COMPRESSED_TENSORS = {
    "quant_method": "compressed-tensors",
    "format": "nvfp4-pack-quantized",
    "version": "0.13.0",
    "config_groups": {
        "NVFP4A16": {
            "targets": ["Linear"],
            "weights": {"num_bits": 4, "type": "float", "group_size": 16, "strategy": "tensor_group"},
        }
    },
    "ignore": ["lm_head", "re:.*attention.*"],
}


def write_nvfp4_native(folder: Path, config: Config, weights: Weights) -> Weights:
    """The NVFP4 repository: only experts are quantised, each matrix by itself."""
    files: Files = {}
    meant: Weights = {}

    def add(name: str, array: Floats) -> Floats:
        return _add_nvfp4(files, name, array, shared=is_shared(name))

    for name, array in weights.items():
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            meant[name] = _experts(name, array, add)
        elif is_shared(name):
            meant[name] = add(native_name(name), array)
        else:
            files[native_name(name)] = bf16(array)
            meant[name] = files[native_name(name)].astype(np.float32)
    write_native(folder, params(config) | {"quantization_config": COMPRESSED_TENSORS}, files)
    return meant


def write_nvfp4_hf(folder: Path, config: Config, weights: Weights) -> Weights:
    """As compressed-tensors writes a Hugging Face model: a tensor per expert and projection."""
    files: Files = {}
    meant: Weights = {}
    for name, array in weights.items():
        full = name[1:] if name[0] == "/" else f"model.{name}"
        stem = full.rpartition(".")[0]
        if name.endswith("experts.gate_up_proj"):
            width = array.shape[1] // 2
            halves = (("gate_proj", array[:, :width]), ("up_proj", array[:, width:]))
            parts = [_hf_experts(files, stem, projection, half) for projection, half in halves]
            meant[name] = np.concatenate(parts, 1)
        elif name.endswith("experts.down_proj"):
            meant[name] = _hf_experts(files, stem, "down_proj", array)
        elif is_shared(name):
            meant[name] = _add_nvfp4(files, full, array, shared=True)
        else:
            files[full] = bf16(array)
            meant[name] = files[full].astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": COMPRESSED_TENSORS}))
    write_shards(folder, "model", files)
    return meant


def _hf_experts(files: Files, stem: str, projection: str, matrices: Floats) -> Floats:
    named = enumerate(matrices)
    return np.stack([_add_nvfp4(files, f"{stem}.{e}.{projection}.weight", matrix) for e, matrix in named])


def _add_nvfp4(files: Files, name: str, array: Floats, *, shared: bool = False) -> Floats:
    packed, scales, divisor, numbers = nvfp4(array)
    files[f"{name}_packed"], files[f"{name}_scale"], files[f"{name}_global_scale"] = packed, scales, divisor
    act = np.ones(1, np.float32)
    files[name.removesuffix("weight") + "input_global_scale"] = bf16(act) if shared else act
    return numbers


# -- Native names and headers --------------------------------------------------------------------------------------


def native_name(name: str) -> str:
    if name in NATIVE:
        return NATIVE[name]
    _, layer, rest = name.split(".", 2)
    return f"layers.{layer}.{NATIVE[rest]}"


def _experts(name: str, array: Floats, add: Any) -> Floats:
    """Each expert's matrices under their native names; what all of them mean, in the shape of ``array``."""
    layer = name.split(".")[1]
    width = array.shape[1] // 2

    def parts(e: int, matrix: Floats) -> Iterator[Floats]:
        gate_up = name.endswith("gate_up_proj")
        named = (("w1", matrix[:width]), ("w3", matrix[width:])) if gate_up else (("w2", matrix),)
        for short, part in named:
            yield add(f"layers.{layer}.experts.{e}.{short}.weight", part)

    return np.stack([np.concatenate(list(parts(e, matrix))) for e, matrix in enumerate(array)])


def params(c: Config) -> dict[str, Any]:
    """The ``params.json`` of a Mistral 4 model (model.md 1)."""
    rope = c["rope_parameters"]
    return {
        "dim": c["hidden_size"],
        "n_layers": c["num_hidden_layers"],
        "head_dim": c["qk_nope_head_dim"] + c["qk_rope_head_dim"],
        "hidden_dim": c["intermediate_size"],
        "n_heads": c["num_attention_heads"],
        "n_kv_heads": c["num_key_value_heads"],
        "rope_theta": rope["rope_theta"],
        "norm_eps": c["rms_norm_eps"],
        "vocab_size": c["vocab_size"],
        "tied_embeddings": False,
        "max_position_embeddings": c["max_position_embeddings"],
        "llama_4_scaling": {
            "original_max_position_embeddings": rope["original_max_position_embeddings"],
            "beta": rope["llama_4_scaling_beta"],
        },
        "q_lora_rank": c["q_lora_rank"],
        "qk_rope_head_dim": c["qk_rope_head_dim"],
        "qk_nope_head_dim": c["qk_nope_head_dim"],
        "kv_lora_rank": c["kv_lora_rank"],
        "v_head_dim": c["v_head_dim"],
        "yarn": {
            "original_max_position_embeddings": rope["original_max_position_embeddings"],
            "factor": rope["factor"],
            "apply_scale": False,
            "beta": rope["beta_fast"],
            "alpha": rope["beta_slow"],
        },
        "moe": {
            "expert_parallel": 1,
            "expert_model_parallel": 1,
            "route_every_n": 1,
            "first_k_dense_replace": 0,
            "num_experts": c["n_routed_experts"],
            "num_experts_per_tok": c["num_experts_per_tok"],
            "num_expert_groups": 1,
            "num_expert_groups_per_tok": 1,
            "routed_scale": c["routed_scaling_factor"],
            "expert_hidden_dim": c["moe_intermediate_size"],
            "num_shared_experts": c["n_shared_experts"],
        },
        "vision_encoder": VISION
        | {
            "max_image_size": 64,
            "image_token_id": 10,
            "adapter_bias": False,
            "mm_projector_id": "patch_merge",
            "add_pre_mm_projector_layer_norm": True,
            "spatial_merge_size": 2,
        },
    }


def write_native(folder: Path, header: dict[str, Any], files: Files) -> None:
    """``params.json`` and shards, with an image encoder in bf16."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.json").write_text(json.dumps(header))
    images = {name: bf16(array) for name, array in vision_weights(header["dim"]).items()}
    write_shards(folder, "consolidated", files | images)


def vision_weights(dim: int, seed: int = 5) -> Weights:
    """A random image encoder, under its native names (model.md 5)."""
    rng = np.random.default_rng(seed)
    hidden, wide = VISION["hidden_size"], VISION["intermediate_size"]
    assert isinstance(hidden, int)
    assert isinstance(wide, int)
    shapes: dict[str, tuple[int, ...]] = {
        "vision_encoder.patch_conv.weight": (hidden, 3, 4, 4),
        "vision_encoder.ln_pre.weight": (hidden,),
        "pre_mm_projector_norm.weight": (hidden,),
        "patch_merger.merging_layer.weight": (hidden, 4 * hidden),
        "vision_language_adapter.w_in.weight": (dim, hidden),
        "vision_language_adapter.w_out.weight": (dim, dim),
    }
    for i in range(2):
        layer = f"vision_encoder.transformer.layers.{i}."
        shapes |= {f"{layer}attention.{name}.weight": (hidden, hidden) for name in ("wq", "wk", "wv", "wo")}
        shapes |= {f"{layer}{name}.weight": (hidden,) for name in ("attention_norm", "ffn_norm")}
        shapes |= {f"{layer}feed_forward.{name}.weight": (wide, hidden) for name in ("w1", "w3")}
        shapes[f"{layer}feed_forward.w2.weight"] = (hidden, wide)
    return {
        name: (rng.uniform(0.5, 1.5, shape) if len(shape) == 1 else rng.standard_normal(shape) / shape[-1] ** 0.5)
        .astype(ml_dtypes.bfloat16)
        .astype(np.float32)
        for name, shape in shapes.items()
    }


def hf_vision(native: Weights) -> Weights:
    """The same encoder under its Hugging Face names; rows of queries and keys are even ones first, head by head."""
    names = {
        "vision_encoder.": "vision_tower.",
        "pre_mm_projector_norm": "multi_modal_projector.norm",
        "patch_merger": "multi_modal_projector.patch_merger",
        "vision_language_adapter.w_in": "multi_modal_projector.linear_1",
        "vision_language_adapter.w_out": "multi_modal_projector.linear_2",
        "attention.wq": "attention.q_proj",
        "attention.wk": "attention.k_proj",
        "attention.wv": "attention.v_proj",
        "attention.wo": "attention.o_proj",
        "feed_forward.w1": "feed_forward.gate_proj",
        "feed_forward.w3": "feed_forward.up_proj",
        "feed_forward.w2": "feed_forward.down_proj",
    }
    renamed = {}
    for name, array in native.items():
        if name.endswith(("wq.weight", "wk.weight")):
            heads = array.reshape(2, -1, 2, array.shape[1])
            array = heads.swapaxes(1, 2).reshape(array.shape)
        for old, new in names.items():
            name = name.replace(old, new)
        renamed[name] = array
    return renamed


def write_shards(folder: Path, stem: str, files: Files, count: int = 2) -> None:
    """Safetensors shards with an index, as the hub has them."""
    places = {name: f"{stem}-{i % count + 1:05}-of-{count:05}.safetensors" for i, name in enumerate(sorted(files))}
    for file in sorted(set(places.values())):
        write_file(folder / file, {name: files[name] for name in files if places[name] == file})
    (folder / f"{stem}.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def write_file(path: Path, files: Files) -> None:
    """One safetensors file of arrays of any type that the format knows."""
    header: dict[str, Any] = {}
    end = 0
    for name, array in files.items():
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype], "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    parts = [np.ascontiguousarray(array).tobytes() for array in files.values()]
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
