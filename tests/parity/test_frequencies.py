"""Rotary frequencies have transformers' bits wherever PyTorch's ``pow`` is rounded correctly.

At position 65,536 one unit in the last place of a frequency near one is an angle of 0.004, which no tolerance allows.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from quatre.model.header import Header
from quatre.model.rotary import rope_from_hf

pytestmark = pytest.mark.torch

THETAS = (1e4, 1e5, 5e5, 1e6, 1e8, 1e9, 12345.0)
DIMS = (2, 4, 6, 10, 16, 32, 48, 64, 80, 128)
YARN = {"rope_type": "yarn", "beta_fast": 32.0, "beta_slow": 1.0}
LLAMA3 = {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0}
STRETCHED = {
    "linear": {"rope_type": "linear", "factor": 3.3},
    "llama3": LLAMA3 | {"factor": 8.0, "original_max_position_embeddings": 8192},
    "llama3, odd": LLAMA3 | {"factor": 8.3, "original_max_position_embeddings": 777, "low_freq_factor": 1.3},
    "yarn of Small 4": YARN | {"factor": 128.0, "original_max_position_embeddings": 8192},
    "yarn of Devstral": YARN | {"factor": 48.0, "original_max_position_embeddings": 8192},
    "yarn of Medium": YARN | {"factor": 64.0, "original_max_position_embeddings": 4096, "beta_fast": 4.0},
    "yarn, short": YARN | {"factor": 7.3, "original_max_position_embeddings": 16},
    "yarn, not truncated": YARN | {"factor": 2.5, "original_max_position_embeddings": 777, "truncate": False},
}


def theirs(parameters: dict[str, Any], dim: int) -> NDArray[np.float32]:
    config = LlamaConfig(hidden_size=2 * dim, num_attention_heads=2, head_dim=dim, rope_parameters=dict(parameters))
    frequencies: NDArray[np.float32] = LlamaRotaryEmbedding(config).inv_freq.numpy()
    return frequencies


def ours(parameters: dict[str, Any], dim: int) -> NDArray[np.float32]:
    return rope_from_hf(Header({"rope_parameters": parameters}, "config.json")).frequencies(dim)


def plain(theta: float) -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": theta}


def test_powers_differ_rarely_and_by_one_unit() -> None:
    """Which lanes differ depends on the vector registers that PyTorch found, so they cannot be named."""
    pairs = [(theirs(plain(t), d), ours(plain(t), d)) for t, d in itertools.product(THETAS, DIMS)]
    units = np.abs(np.concatenate([a.view(np.int32) - b.view(np.int32) for a, b in pairs]))
    assert units.max() <= 1
    assert (units > 0).mean() < 0.03


@pytest.mark.parametrize("dim", [4, 8, 16, 32, 64, 128])
def test_powers_of_the_released_base_do_not_differ(dim: int) -> None:
    np.testing.assert_array_equal(ours(plain(1e4), dim), theirs(plain(1e4), dim))


@pytest.mark.parametrize("parameters", STRETCHED.values(), ids=STRETCHED)
def test_stretching_adds_no_difference(parameters: dict[str, Any]) -> None:
    for theta, dim in itertools.product(THETAS, DIMS):
        equal_powers = ours(plain(theta), dim) == theirs(plain(theta), dim)
        got, expected = (side(parameters | {"rope_theta": theta}, dim) for side in (ours, theirs))
        np.testing.assert_array_equal(got[equal_powers], expected[equal_powers], err_msg=f"theta {theta}, dim {dim}")
