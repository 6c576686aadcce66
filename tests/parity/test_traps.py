"""The traps of model.md section 0, each pinned. Those of the prompt (6, 7) are pinned in tests/chat/test_tekken.py."""

from __future__ import annotations

import math
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from official_checkpoints import write_fp8_native, write_nvfp4_native
from quatre.checkpoint.load import open_checkpoint
from quatre.formats.base import StoredTensor
from quatre.model.header import Header
from quatre.model.mistral4 import Mistral4Config, config_from_hf, table
from quatre.ops.interface import Rotary
from quatre.ops.native_backend import NativeOps
from tiny_checkpoints import MISTRAL4, random_weights

RELEASED: dict[str, Any] = {
    "model_type": "mistral4",
    "attention_bias": False,
    "first_k_dense_replace": 0,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "kv_lora_rank": 256,
    "max_position_embeddings": 1048576,
    "moe_intermediate_size": 2048,
    "n_group": 1,
    "n_routed_experts": 128,
    "n_shared_experts": 1,
    "norm_topk_prob": True,
    "num_attention_heads": 32,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 36,
    "num_key_value_heads": 32,
    "q_lora_rank": 1024,
    "qk_nope_head_dim": 64,
    "qk_rope_head_dim": 64,
    "rms_norm_eps": 1e-6,
    "rope_interleave": True,
    "rope_parameters": {
        "rope_type": "yarn",
        "rope_theta": 10000.0,
        "factor": 128.0,
        "original_max_position_embeddings": 8192,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "mscale": 1.0,
        "mscale_all_dim": 1.0,
        "llama_4_scaling_beta": 0.1,
        "partial_rotary_factor": 0.5,
    },
    "routed_scaling_factor": 1.0,
    "tie_word_embeddings": False,
    "topk_group": 1,
    "v_head_dim": 128,
    "vocab_size": 131072,
}
"""The text configuration of the release (model.md section 1)."""


def config(**changes: Any) -> Mistral4Config:
    header = Header(RELEASED | changes, "config.json")
    result = config_from_hf(header)
    assert header.unread() == {}
    return result


def test_the_table_counts_the_published_parameters() -> None:
    assert sum(prod(row.shape) for row in table(config())) == 118_972_826_624


def test_trap_1_the_softmax_scale_is_plain_unless_the_header_says_otherwise() -> None:
    assert config().softmax_scale == 128**-0.5 == 0.08838834764831845
    magnified = 128**-0.5 * (0.1 * math.log(128) + 1) ** 2
    assert config(softmax_scale=magnified).softmax_scale == pytest.approx(0.1949694947)
    assert config().rope.magnitude == 1.0


def test_trap_2_rotary_pairs_are_neighbours() -> None:
    assert config().rope_interleaved
    x = np.arange(8, dtype=np.float32).reshape(1, 1, 8)
    ops, turn = NativeOps(threads=1), np.array([np.pi / 2, 0, 0, 0], np.float32)
    neighbours = ops.rope(x, np.array([1], np.int32), Rotary(turn, interleaved=True), query=False)
    halves = ops.rope(x, np.array([1], np.int32), Rotary(turn), query=False)
    np.testing.assert_allclose(neighbours[0, 0], [-1, 0, 2, 3, 4, 5, 6, 7], atol=1e-6)
    np.testing.assert_allclose(halves[0, 0], [-4, 1, 2, 3, 0, 5, 6, 7], atol=1e-6)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, 1.0),
        (8191, 1.0),
        (8192, 1.0693147181),
        (16384, 1.1098612289),
        (32768, 1.1609437912),
        (65536, 1.2197224577),
        (131072, 1.2833213344),
        (262143, 1.3465735903),
        (1048575, 1.4852030264),
    ],
)
def test_trap_3_the_whole_query_is_scaled_by_its_position(position: int, expected: float) -> None:
    rope = config().rope
    assert (rope.temperature_beta, rope.temperature_length) == (0.1, 8192)
    still = Rotary(np.zeros(1, np.float32), temperature_beta=0.1, temperature_length=8192)
    x = np.array([[[3.0, 5.0, 7.0]]], np.float32)  # one lane without position, two that are rotated by nothing
    places = np.array([position], np.int32)
    query = NativeOps(threads=1).rope(x, places, still, query=True)
    np.testing.assert_allclose(query / x, np.full_like(x, expected), rtol=2e-7)
    assert np.array_equal(NativeOps(threads=1).rope(x, places, still, query=False), x)


def test_trap_4_scales_of_fp8_multiply_and_those_of_nvfp4_divide(tmp_path: Path) -> None:
    drawn = random_weights(MISTRAL4)
    for write, row_name, name in (
        (write_fp8_native, "layers.0.attention.wo", "layers.0.self_attn.o_proj.weight"),
        (write_nvfp4_native, "layers.0.shared_experts.w1", "layers.0.mlp.shared_experts.gate_proj.weight"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, MISTRAL4, drawn)
        opened = open_checkpoint(folder)
        (row,) = (row for row in opened.rows() if row.name == row_name)
        tensor = opened.find(row)
        assert isinstance(tensor, StoredTensor)
        error = np.linalg.norm(tensor.decode() - drawn[name]) / np.linalg.norm(drawn[name])
        assert 0.01 < error < 0.15  # of rounding to 8 or 4 bits, and nothing else


def test_trap_5_every_layer_is_a_mixture_of_experts() -> None:
    names = [row.name for row in table(config())]
    assert sum(name.endswith(".gate") for name in names) == 36
    assert not any("feed_forward" in name for name in names)


def test_trap_8_stacked_experts_have_no_weight_suffix() -> None:
    rows = {row.name: row for row in table(config())}
    w1, w3, w2 = (rows[f"layers.7.experts.{w}"] for w in ("w1", "w3", "w2"))
    assert w1.hf[0].name == w3.hf[0].name == "layers.7.mlp.experts.gate_up_proj"
    assert (w1.hf[0].lo, w1.hf[0].hi, w3.hf[0].lo, w3.hf[0].hi) == (0, 2048, 2048, 4096)
    assert w2.hf[0].name == "layers.7.mlp.experts.down_proj"
