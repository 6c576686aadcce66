"""Write a checkpoint in the layouts that Mistral ships Small 4 in, with the true shapes and random numbers.

    python benchmarks/official_layouts.py OUT --layout nvfp4 --layers 6

``fp8`` and ``nvfp4`` are Mistral's own form (params.json), ``fp8-hf`` the Hugging Face form. Every tensor of the
release is there under its name, image encoder and scales of activations included (model.md 3.1, 4, 5); only the number
of layers is yours to choose. Beside it lies a ``tekken.json`` of version 15 with all 131,072 tokens. A layer takes
3.3 GB in FP8 and 1.9 GB in NVFP4; embedding, head and image encoder add 3.0 GB. The model says nothing sensible: use
it for loading, memory and speed. Disk is the limit, not memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIM, HEADS, NOPE, ROPE, V, Q_RANK, KV_RANK = 4096, 32, 64, 64, 128, 1024, 256
EXPERTS, CHOSEN, WIDTH, VOCAB = 128, 4, 2048, 131072
VISION_DIM, VISION_WIDE, VISION_LAYERS = 1024, 4096, 24

SIZES = {"BF16": 2, "F32": 4, "F8_E4M3": 1, "U8": 1}
POOL = 2**24  # random numbers, of which each tensor takes a run
E4M3_SPREAD = 116.0  # root mean square of evenly drawn codes
NVFP4_SPREAD = 2.86 * 1.5  # of codes, times the mean of the groups' scales drawn below


@dataclass(frozen=True)
class Tensor:
    """``value``: all numbers are this; None for random ones of about 1 / sqrt(columns), where that has a meaning."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    value: float | None = None

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * SIZES[self.dtype]


# -- Names and shapes ----------------------------------------------------------------------------------------------


def shards(layout: str, layers: int) -> list[list[Tensor]]:
    """What each file holds: a layer each, and a last one for all the rest."""
    if layout == "fp8-hf":
        return [list(_hf_layer(i)) for i in range(layers)] + [list(_hf_rest())]
    quantised = _fp8 if layout == "fp8" else _nvfp4
    return [list(_native_layer(i, quantised)) for i in range(layers)] + [list(_native_rest())]


def _bf16(name: str, *shape: int) -> Tensor:
    return Tensor(f"{name}.weight", "BF16", shape, 1.0 if len(shape) == 1 else None)


def _fp8(name: str, rows: int, cols: int, *, experts: bool = True) -> Iterator[Tensor]:
    yield Tensor(f"{name}.weight", "F8_E4M3", (rows, cols))
    yield Tensor(f"{name}.qscale_weight", "BF16", (), 1 / (E4M3_SPREAD * cols**0.5))
    yield Tensor(f"{name}.qscale_act", "BF16", (), 0.01)


def _nvfp4(name: str, rows: int, cols: int, *, experts: bool = True) -> Iterator[Tensor]:
    if not experts:  # attention stays as it is
        yield _bf16(name, rows, cols)
        return
    yield Tensor(f"{name}.weight_packed", "U8", (rows, cols // 2))
    yield Tensor(f"{name}.weight_scale", "F8_E4M3", (rows, cols // 16))
    yield Tensor(f"{name}.weight_global_scale", "F32", (1,), NVFP4_SPREAD * cols**0.5)
    yield Tensor(f"{name}.input_global_scale", "BF16" if "shared" in name else "F32", (1,), 1.0)


def _attention() -> Iterator[tuple[str, str, int, int]]:
    """Native name, Hugging Face name, rows, columns."""
    yield "wq_a", "q_a_proj", Q_RANK, DIM
    yield "wq_b", "q_b_proj", HEADS * (NOPE + ROPE), Q_RANK
    yield "wkv_a_with_mqa", "kv_a_proj_with_mqa", KV_RANK + ROPE, DIM
    yield "wkv_b", "kv_b_proj", HEADS * (NOPE + V), KV_RANK
    yield "wo", "o_proj", DIM, HEADS * V


def _native_layer(i: int, quantised: Any) -> Iterator[Tensor]:
    layer = f"layers.{i}."
    yield from (_bf16(f"{layer}{name}", DIM) for name in ("attention_norm", "ffn_norm"))
    yield _bf16(f"{layer}attention.q_a_norm", Q_RANK)
    yield _bf16(f"{layer}attention.kv_a_norm", KV_RANK)
    for name, _, rows, cols in _attention():
        yield from quantised(f"{layer}attention.{name}", rows, cols, experts=False)
    yield _bf16(f"{layer}gate", EXPERTS, DIM)
    for place in ("shared_experts", *(f"experts.{e}" for e in range(EXPERTS))):
        for name, rows, cols in (("w1", WIDTH, DIM), ("w2", DIM, WIDTH), ("w3", WIDTH, DIM)):
            yield from quantised(f"{layer}{place}.{name}", rows, cols)


def _native_rest() -> Iterator[Tensor]:
    yield _bf16("tok_embeddings", VOCAB, DIM)
    yield _bf16("norm", DIM)
    yield _bf16("output", VOCAB, DIM)
    yield from (tensor for tensor, _ in _vision())


def _hf_layer(i: int) -> Iterator[Tensor]:
    layer = f"language_model.model.layers.{i}."
    yield from (_bf16(f"{layer}{name}", DIM) for name in ("input_layernorm", "post_attention_layernorm"))
    yield _bf16(f"{layer}self_attn.q_a_layernorm", Q_RANK)
    yield _bf16(f"{layer}self_attn.kv_a_layernorm", KV_RANK)
    shared = (("gate_proj", WIDTH, DIM), ("up_proj", WIDTH, DIM), ("down_proj", DIM, WIDTH))
    linears = [(f"self_attn.{name}", rows, cols) for _, name, rows, cols in _attention()]
    for name, rows, cols in linears + [(f"mlp.shared_experts.{name}", rows, cols) for name, rows, cols in shared]:
        yield Tensor(f"{layer}{name}.weight", "F8_E4M3", (rows, cols))
        yield Tensor(f"{layer}{name}.weight_scale_inv", "BF16", (), 1 / (E4M3_SPREAD * cols**0.5))
        yield Tensor(f"{layer}{name}.activation_scale", "BF16", (), 0.01)
    yield _bf16(f"{layer}mlp.gate", EXPERTS, DIM)
    for name, rows, cols in (("gate_up_proj", 2 * WIDTH, DIM), ("down_proj", DIM, WIDTH)):
        full = f"{layer}mlp.experts.{name}"
        yield Tensor(full, "F8_E4M3", (EXPERTS, rows, cols))
        yield Tensor(f"{full}_scale_inv", "BF16", (EXPERTS, 1, 1), 1 / (E4M3_SPREAD * cols**0.5))
        yield Tensor(f"{full}_activation_scale", "BF16", (EXPERTS,), 0.01)


def _hf_rest() -> Iterator[Tensor]:
    yield _bf16("language_model.model.embed_tokens", VOCAB, DIM)
    yield _bf16("language_model.model.norm", DIM)
    yield _bf16("language_model.lm_head", VOCAB, DIM)
    yield from (replace(tensor, name=f"{name}.weight") for tensor, name in _vision())


def _vision() -> Iterator[tuple[Tensor, str]]:
    """The image encoder's tensors by native name, with their Hugging Face names."""
    d, w = VISION_DIM, VISION_WIDE
    yield _bf16("vision_encoder.patch_conv", d, 3, 14, 14), "vision_tower.patch_conv"
    yield _bf16("vision_encoder.ln_pre", d), "vision_tower.ln_pre"
    names = [
        (f"attention.{ours}", f"attention.{theirs}_proj", (d, d))
        for ours, theirs in zip(("wq", "wk", "wv", "wo"), "qkvo", strict=True)
    ]
    names += [
        ("feed_forward.w1", "feed_forward.gate_proj", (w, d)),
        ("feed_forward.w2", "feed_forward.down_proj", (d, w)),
    ]
    names += [("feed_forward.w3", "feed_forward.up_proj", (w, d))]
    for i in range(VISION_LAYERS):
        layer = f"transformer.layers.{i}."
        for ours, theirs, shape in names:
            yield _bf16(f"vision_encoder.{layer}{ours}", *shape), f"vision_tower.{layer}{theirs}"
        for name in ("attention_norm", "ffn_norm"):
            yield _bf16(f"vision_encoder.{layer}{name}", d), f"vision_tower.{layer}{name}"
    yield _bf16("pre_mm_projector_norm", d), "multi_modal_projector.norm"
    yield _bf16("patch_merger.merging_layer", d, 4 * d), "multi_modal_projector.patch_merger.merging_layer"
    yield _bf16("vision_language_adapter.w_in", DIM, d), "multi_modal_projector.linear_1"
    yield _bf16("vision_language_adapter.w_out", DIM, DIM), "multi_modal_projector.linear_2"


# -- Headers -------------------------------------------------------------------------------------------------------


def params(layout: str, layers: int) -> dict[str, Any]:
    """The ``params.json`` of the release (model.md 1)."""
    yarn = {"original_max_position_embeddings": 8192, "factor": 128.0, "apply_scale": False, "beta": 32.0, "alpha": 1.0}
    moe = {
        "expert_parallel": 1,
        "expert_model_parallel": 1,
        "route_every_n": 1,
        "first_k_dense_replace": 0,
        "num_experts": EXPERTS,
        "num_experts_per_tok": CHOSEN,
        "num_expert_groups": 1,
        "num_expert_groups_per_tok": 1,
        "routed_scale": 1.0,
        "expert_hidden_dim": WIDTH,
        "num_shared_experts": 1,
    }
    vision = {
        "hidden_size": VISION_DIM,
        "intermediate_size": VISION_WIDE,
        "num_hidden_layers": VISION_LAYERS,
        "num_attention_heads": 16,
        "num_channels": 3,
        "image_size": 1540,
        "patch_size": 14,
        "rope_theta": 10000.0,
        "max_image_size": 1540,
        "image_token_id": 10,
        "adapter_bias": False,
        "mm_projector_id": "patch_merge",
        "add_pre_mm_projector_layer_norm": True,
        "spatial_merge_size": 2,
    }
    fp8 = {"quantization": {"qformat_weight": "fp8_e4m3", "qscheme_act": "TENSOR"}}
    nvfp4 = {"quantization_config": {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}}
    return {
        "dim": DIM,
        "n_layers": layers,
        "head_dim": NOPE + ROPE,
        "hidden_dim": 12288,
        "n_heads": HEADS,
        "n_kv_heads": HEADS,
        "rope_theta": 10000.0,
        "norm_eps": 1e-6,
        "vocab_size": VOCAB,
        "tied_embeddings": False,
        "max_position_embeddings": 1048576,
        "q_lora_rank": Q_RANK,
        "qk_rope_head_dim": ROPE,
        "qk_nope_head_dim": NOPE,
        "kv_lora_rank": KV_RANK,
        "v_head_dim": V,
        "yarn": yarn,
        "moe": moe,
        "llama_4_scaling": {"original_max_position_embeddings": 8192, "beta": 0.1},
        "vision_encoder": vision,
        **(fp8 if layout == "fp8" else nvfp4),
    }


def config(layers: int) -> dict[str, Any]:
    """The ``config.json`` of the FP8 release."""
    rope = {
        "rope_type": "yarn",
        "rope_theta": 10000.0,
        "factor": 128.0,
        "original_max_position_embeddings": 8192,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "mscale": 1.0,
        "mscale_all_dim": 1.0,
        "llama_4_scaling_beta": 0.1,
    }
    text = {
        "model_type": "mistral4",
        "hidden_size": DIM,
        "num_hidden_layers": layers,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "q_lora_rank": Q_RANK,
        "kv_lora_rank": KV_RANK,
        "qk_nope_head_dim": NOPE,
        "qk_rope_head_dim": ROPE,
        "v_head_dim": V,
        "n_routed_experts": EXPERTS,
        "num_experts_per_tok": CHOSEN,
        "n_shared_experts": 1,
        "moe_intermediate_size": WIDTH,
        "intermediate_size": 12288,
        "vocab_size": VOCAB,
        "rms_norm_eps": 1e-6,
        "hidden_act": "silu",
        "max_position_embeddings": 1048576,
        "rope_parameters": rope,
    }
    vision = {
        "model_type": "pixtral",
        "hidden_size": VISION_DIM,
        "intermediate_size": VISION_WIDE,
        "hidden_act": "silu",
        "num_hidden_layers": VISION_LAYERS,
        "num_attention_heads": 16,
        "image_size": 1540,
        "patch_size": 14,
    }
    kept = ["model.vision_tower", "model.multi_modal_projector", "lm_head"]
    quantisation = {"quant_method": "fp8", "activation_scheme": "static", "modules_to_not_convert": kept}
    return {
        "model_type": "mistral3",
        "tie_word_embeddings": False,
        "image_token_index": 10,
        "spatial_merge_size": 2,
        "text_config": text,
        "vision_config": vision,
        "quantization_config": quantisation,
    }


# -- Files ---------------------------------------------------------------------------------------------------------


class Pool:
    """Random bytes of each type, made once."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        codes = rng.integers(0, 256, POOL, np.uint8)
        self.codes = codes
        self.e4m3 = np.where(codes & 0x7F == 0x7F, 0, codes).astype(np.uint8)  # none that is not a number
        self.group_scales = rng.integers(0x38, 0x40, POOL, np.uint8)  # 1 to 1.875
        self.normal = rng.standard_normal(POOL // 4).astype(np.float32)

    def bytes_of(self, tensor: Tensor) -> NDArray[np.uint8]:
        """As many random bytes as fit the pool; the tensor repeats them."""
        if tensor.value is not None:
            return _words(np.full(max(prod(tensor.shape), 1), tensor.value, np.float32), tensor.dtype)
        if tensor.dtype == "BF16":
            return _words(self.normal / np.float32(prod(tensor.shape[1:]) ** 0.5), "BF16")
        if tensor.dtype == "U8":
            return self.codes
        return self.group_scales if tensor.name.endswith("weight_scale") else self.e4m3


def _words(numbers: NDArray[np.float32], dtype: str) -> NDArray[np.uint8]:
    return (
        numbers.view(np.uint8) if dtype == "F32" else (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    )


def write_shard(path: Path, tensors: list[Tensor], pool: Pool) -> None:
    """One safetensors file."""
    header, end = {}, 0
    for tensor in tensors:
        header[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [end, end + tensor.nbytes],
        }
        end += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors:
            data = pool.bytes_of(tensor)
            for start in range(0, tensor.nbytes, len(data)):
                file.write(data[: tensor.nbytes - start])


def write(folder: Path, layout: str, layers: int) -> int:
    """The whole checkpoint; returns its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = shards(layout, layers)
    stem = "model" if layout == "fp8-hf" else "consolidated"
    header = ("config.json", config(layers)) if layout == "fp8-hf" else ("params.json", params(layout, layers))
    (folder / header[0]).write_text(json.dumps(header[1], indent=2))
    pool, places = Pool(), {}
    for number, tensors in enumerate(files, 1):
        name = f"{stem}-{number:05}-of-{len(files):05}.safetensors"
        write_shard(folder / name, tensors, pool)
        places |= {tensor.name: name for tensor in tensors}
    total = sum(tensor.nbytes for tensors in files for tensor in tensors)
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(index))
    return total


def write_vocabulary(folder: Path) -> None:
    """A ``tekken.json`` like the release's, of the tokens that mistral-common comes with (model.md 6.5)."""
    import mistral_common

    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from tekken_files import saved, v15_file

    shipped = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    saved(folder, v15_file(json.loads(shipped.read_bytes())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layout", choices=("fp8", "nvfp4", "fp8-hf"), default="nvfp4")
    parser.add_argument("--layers", type=int, default=2)
    arguments = parser.parse_args()
    total = write(arguments.folder, arguments.layout, arguments.layers)
    write_vocabulary(arguments.folder)
    print(f"{arguments.folder}: {total / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
