"""Write a GGUF file with the true layer shapes of Mistral Small 4 and random weights, for measuring speed.

    python benchmarks/true_shapes.py OUT.gguf --layers 2 --format q4_0

Both Quatre and llama.cpp load the file. A layer takes 1.8 GB in Q4_0; embedding and head add 0.6 GB. Needs the ``gguf``
package. The numbers are random, so the model says nothing sensible: use it for speed and memory only.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import ExpertGatingFuncType, GGUFWriter
from gguf import GGMLQuantizationType as Kind
from numpy.typing import NDArray

DIM, HEADS, NOPE, ROPE, V = 4096, 32, 64, 64, 128
Q_RANK, KV_RANK = 1024, 256
EXPERTS, CHOSEN, WIDTH = 128, 4, 2048
VOCAB = 131072

# Block size in numbers and bytes, and where a block's float16 scales stand.
BLOCKS = {"q4_0": (32, 18, (0,)), "q8_0": (32, 34, (0,)), "q4_k": (256, 144, (0, 2))}
# The scale that makes random codes about 1 / sqrt(cols) large: 1 / (spread of the codes · sqrt(cols)).
SPREAD = {"q4_0": 4.6, "q8_0": 73.0, "q4_k": 4.6 * 36}
KINDS = {"q4_0": Kind.Q4_0, "q8_0": Kind.Q8_0, "q4_k": Kind.Q4_K}
FALLBACK = "q8_0"  # for rows that are not a whole number of the format's blocks, as llama.cpp's quantiser does


@dataclass(frozen=True)
class Tensor:
    """One tensor of the file, row-major."""

    name: str
    shape: tuple[int, ...]
    fmt: str  # "f32", or a key of BLOCKS


def tensors(layers: int, fmt: str) -> Iterator[Tensor]:
    """All tensors of the model (model.md 3.1, 4.3)."""
    yield Tensor("token_embd.weight", (VOCAB, DIM), fmt)
    for i in range(layers):
        yield from layer(f"blk.{i}.", fmt)
    yield Tensor("output_norm.weight", (DIM,), "f32")
    yield Tensor("output.weight", (VOCAB, DIM), fmt)


def layer(prefix: str, fmt: str) -> Iterator[Tensor]:
    """The tensors of one layer."""
    shapes: dict[str, tuple[int, ...]] = {
        "attn_q_a": (Q_RANK, DIM),
        "attn_q_b": (HEADS * (NOPE + ROPE), Q_RANK),
        "attn_kv_a_mqa": (KV_RANK + ROPE, DIM),
        "attn_k_b": (HEADS, KV_RANK, NOPE),
        "attn_v_b": (HEADS, V, KV_RANK),
        "attn_output": (DIM, HEADS * V),
        "ffn_gate_exps": (EXPERTS, WIDTH, DIM),
        "ffn_up_exps": (EXPERTS, WIDTH, DIM),
        "ffn_down_exps": (EXPERTS, DIM, WIDTH),
        "ffn_gate_shexp": (WIDTH, DIM),
        "ffn_up_shexp": (WIDTH, DIM),
        "ffn_down_shexp": (DIM, WIDTH),
    }
    for name, shape in shapes.items():
        fits = shape[-1] % BLOCKS[fmt][0] == 0
        yield Tensor(f"{prefix}{name}.weight", shape, fmt if fits else FALLBACK)
    yield Tensor(f"{prefix}ffn_gate_inp.weight", (EXPERTS, DIM), "f32")
    for name, size in (("attn_norm", DIM), ("attn_q_a_norm", Q_RANK), ("attn_kv_a_norm", KV_RANK), ("ffn_norm", DIM)):
        yield Tensor(f"{prefix}{name}.weight", (size,), "f32")


def values(tensor: Tensor, rng: np.random.Generator) -> NDArray[np.generic]:
    """Random contents: float32, or quantised blocks as uint8 ``[..., rows, row bytes]``."""
    if len(tensor.shape) == 1:
        return np.ones(tensor.shape, np.float32)
    if tensor.fmt == "f32":
        return (rng.normal(size=tensor.shape) / np.sqrt(tensor.shape[-1])).astype(np.float32)
    *lead, rows, cols = tensor.shape
    one = blocks(tensor.fmt, rows, cols, rng)
    if not lead:
        return one
    # Shifted copies of one matrix: as many distinct bytes to stream, in a fraction of the time.
    return np.stack([np.roll(one, i, axis=0) for i in range(lead[0])])


def blocks(fmt: str, rows: int, cols: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Random codes under one scale."""
    group, size, scales = BLOCKS[fmt]
    data = rng.integers(0, 256, (rows, cols // group, size), dtype=np.uint8)
    scale = np.array([1 / (SPREAD[fmt] * np.sqrt(cols))], np.float16).view(np.uint8)
    for at in scales:
        data[..., at : at + 2] = scale
    return data.reshape(rows, -1)


def metadata(writer: GGUFWriter, layers: int) -> None:
    """What llama.cpp asks of the architecture ``mistral4``, with the released values (model.md 1)."""
    writer.add_name("Random weights in the shapes of Mistral Small 4")
    writer.add_block_count(layers)
    writer.add_context_length(262144)
    writer.add_embedding_length(DIM)
    writer.add_feed_forward_length(12288)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(VOCAB)
    writer.add_q_lora_rank(Q_RANK)
    writer.add_kv_lora_rank(KV_RANK)
    writer.add_key_length(KV_RANK + ROPE)
    writer.add_value_length(KV_RANK)
    writer.add_key_length_mla(NOPE + ROPE)
    writer.add_value_length_mla(V)
    writer.add_leading_dense_block_count(0)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(CHOSEN)
    writer.add_expert_shared_count(1)
    writer.add_expert_feed_forward_length(WIDTH)
    writer.add_expert_weights_norm(True)
    writer.add_expert_weights_scale(1.0)
    writer.add_expert_gating_func(ExpertGatingFuncType.SOFTMAX)
    writer.add_rope_dimension_count(ROPE)
    writer.add_rope_freq_base(10000.0)
    writer.add_string("mistral4.rope.scaling.type", "yarn")
    writer.add_rope_scaling_factor(128.0)
    writer.add_rope_scaling_orig_ctx_len(8192)
    writer.add_float32("mistral4.rope.scaling.yarn_log_multiplier", 0.1)
    writer.add_float32("mistral4.attention.temperature_scale", 0.1)
    writer.add_uint32("mistral4.attention.temperature_length", 8192)
    vocabulary(writer)


def vocabulary(writer: GGUFWriter) -> None:
    """A byte-level vocabulary of the right size whose tokens beyond single bytes are never used."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    single = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    filler = [f"<filler_{i}>" for i in range(VOCAB - 256 - 1 - 3)]
    tokens = ["<unk>", "<s>", "</s>", *single, "ab", *filler]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("tekken")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, *([1] * 257), *([5] * len(filler))])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def write(path: Path, layers: int, fmt: str, seed: int = 0) -> None:
    """Write the file; at most one tensor is in memory."""
    plan = list(tensors(layers, fmt))
    writer = GGUFWriter(str(path), "mistral4")
    metadata(writer, layers)
    for tensor in plan:
        if tensor.fmt == "f32" or len(tensor.shape) == 1:
            nbytes = int(np.prod(tensor.shape)) * 4
            writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), nbytes)
        else:
            group, size, _ = BLOCKS[tensor.fmt]
            byte_shape = (*tensor.shape[:-1], tensor.shape[-1] // group * size)
            nbytes = int(np.prod(byte_shape))
            writer.add_tensor_info(tensor.name, byte_shape, np.dtype(np.uint8), nbytes, raw_dtype=KINDS[tensor.fmt])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    rng = np.random.default_rng(seed)
    for i, tensor in enumerate(plan, 1):
        writer.write_tensor_data(np.ascontiguousarray(values(tensor, rng)))
        print(f"\r{i}/{len(plan)} tensors", end="", flush=True)
    writer.close()
    print(f"\n{path}: {path.stat().st_size / 1e9:.2f} GB")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--format", choices=sorted(BLOCKS), default="q4_0")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    write(options.out, options.layers, options.format, options.seed)


if __name__ == "__main__":
    main()
