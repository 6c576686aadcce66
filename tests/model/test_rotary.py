"""Frequencies and magnitudes: the check values of the released model, and transformers' own functions."""

from __future__ import annotations

import numpy as np
import pytest

from quatre.errors import ConfigError
from quatre.model.header import Header
from quatre.model.rotary import RopeConfig, rope_from_gguf, rope_from_hf, yarn_magnitude

SMALL_4 = RopeConfig(kind="yarn", factor=128.0, original_length=8192)


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        (0, "0x1p+0"),
        (1, "0x1.7ff222p-1"),
        (12, "0x1.030dc6p-5"),
        (13, "0x1.66df6cp-6"),
        (18, "0x1.8f8aecp-9"),
        (24, "0x1.60e2dap-14"),
        (25, "0x1.892918p-18"),
        (31, "0x1.17a8e4p-20"),
    ],
)
def test_frequencies_of_small_4_are_the_published_bits(lane: int, expected: str) -> None:
    assert float(SMALL_4.frequencies(64)[lane]) == float.fromhex(expected)


def test_yarn_keeps_fast_lanes_and_divides_slow_ones() -> None:
    plain, stretched = RopeConfig().frequencies(64), SMALL_4.frequencies(64)
    assert (stretched[:13] == plain[:13]).all()
    np.testing.assert_allclose(stretched[25:], plain[25:] / 128, rtol=2e-7)
    assert ((stretched[13:25] < plain[13:25]) & (stretched[13:25] > plain[13:25] / 128)).all()


@pytest.mark.torch
@pytest.mark.parametrize("theta", [1e4, 1e5, 5e5, 1e6, 1e8, 1e9])
@pytest.mark.parametrize(
    "parameters",
    [
        {"rope_type": "default"},
        {"rope_type": "linear", "factor": 4.0},
        {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 512,
        },
        {"rope_type": "yarn", "factor": 16.0, "original_max_position_embeddings": 1024, "beta_fast": 4.0},
        {"rope_type": "yarn", "factor": 2.5, "original_max_position_embeddings": 64, "truncate": False},
        {
            "rope_type": "yarn",
            "factor": 8.0,
            "original_max_position_embeddings": 64,
            "mscale": 0.7,
            "mscale_all_dim": 1.0,
        },
    ],
    ids=lambda p: p["rope_type"],
)
def test_frequencies_are_those_of_transformers(theta: float, parameters: dict[str, object]) -> None:
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    parameters = {**parameters, "rope_theta": theta}
    config = LlamaConfig(
        hidden_size=160, num_attention_heads=2, head_dim=80, max_position_embeddings=4096, rope_parameters=parameters
    )
    oracle = LlamaRotaryEmbedding(config)
    rope = rope_from_hf(Header({"rope_parameters": parameters}, "config.json"))
    theirs = oracle.inv_freq.numpy()
    # PyTorch's float32 pow is one unit off now and then; ours is rounded correctly.
    units = np.abs(rope.frequencies(80).view(np.int32) - theirs.view(np.int32))
    assert units.max() <= 3
    assert (units == 0).mean() > 0.8
    assert rope.magnitude == pytest.approx(oracle.attention_scaling, rel=1e-12)


def test_old_spelling_of_the_header_reads_the_same() -> None:
    scaling = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256}
    old = rope_from_hf(Header({"rope_theta": 5e5, "rope_scaling": scaling}, "config.json"))
    new = rope_from_hf(Header({"rope_parameters": {**scaling, "rope_theta": 5e5}}, "config.json"))
    assert old == new


def test_magnitude_of_the_released_headers() -> None:
    """Small 4 writes mscale = mscale_all_dim = 1, which cancel; without the two, YaRN's own value stands."""
    base = {"rope_type": "yarn", "factor": 128.0, "original_max_position_embeddings": 8192}
    both = rope_from_hf(Header({"rope_parameters": {**base, "mscale": 1.0, "mscale_all_dim": 1.0}}, "config.json"))
    assert both.magnitude == 1.0
    assert rope_from_hf(Header({"rope_parameters": base}, "config.json")).magnitude == yarn_magnitude(128.0)
    given = rope_from_hf(Header({"rope_parameters": {**base, "attention_factor": 1.0}}, "config.json"))
    assert given.magnitude == 1.0


def test_gguf_keys() -> None:
    data = {
        "mistral4.rope.freq_base": 10000.0,
        "mistral4.rope.dimension_count": 64,
        "mistral4.rope.scaling.type": "yarn",
        "mistral4.rope.scaling.factor": 128.0,
        "mistral4.rope.scaling.original_context_length": 8192,
        "mistral4.rope.scaling.yarn_log_multiplier": 0.1,
        "mistral4.attention.temperature_scale": 0.1,
    }
    rope = rope_from_gguf(Header(data, "model.gguf").within("mistral4."), log_multiplier_unit=0.1)
    assert rope.magnitude == pytest.approx(1.0)
    assert (rope.temperature_beta, rope.temperature_length) == (0.1, 8192)
    assert (rope.frequencies(64) == SMALL_4.frequencies(64)).all()


@pytest.mark.parametrize("kind", ["dynamic", "longrope", "su"])
def test_unsupported_kind_is_refused_by_name(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"'{kind}' is not supported.*yarn"):
        rope_from_hf(Header({"rope_parameters": {"rope_type": kind}}, "config.json"))
