"""Llama, Mistral and Ministral 3 equal transformers: prefill and token by token, on both back ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray

from quatre import LLM
from tiny_checkpoints import LLAMA, MINISTRAL3, MISTRAL

pytestmark = pytest.mark.torch

TOLERANCE = 1e-4
LENGTH = 60
OPTIONS = {"dtype": "float32", "threads": 2, "max_num_seqs": 1, "max_num_batched_tokens": 17}

# Heads are neither a quotient of the width nor a power of two, and every stretched context ends within the text.
ODD = {
    "vocab_size": 97,
    "hidden_size": 30,
    "intermediate_size": 38,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 10,
}
LINEAR = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "original_max_position_embeddings": 16}
TEMPERED = MINISTRAL3["rope_parameters"] | {"original_max_position_embeddings": 16}
MEDIUM = YARN | {"rope_theta": 1e6, "factor": 64.0, "beta_fast": 4.0, "beta_slow": 1.0, "llama_4_scaling_beta": 0.0}
MODELS = {
    "llama": LLAMA | ODD,
    "llama, tied": LLAMA | ODD | {"tie_word_embeddings": True},
    "llama, linear": LLAMA | ODD | {"rope_parameters": LINEAR},
    "llama, llama3": LLAMA | ODD | {"rope_parameters": LLAMA3},
    "llama, yarn": LLAMA | ODD | {"rope_parameters": YARN},
    "llama, one key per query": LLAMA | ODD | {"num_key_value_heads": 6},
    "llama, one key for all": LLAMA | ODD | {"num_key_value_heads": 1, "head_dim": 14},
    "llama, round sizes": LLAMA | {"hidden_size": 128, "head_dim": 64, "rms_norm_eps": 0.1},
    "mistral": MISTRAL | ODD,
    "mistral, window": MISTRAL | ODD | {"sliding_window": 7},
    "mistral, window of a page": MISTRAL | ODD | {"sliding_window": 32},
    "ministral3": MINISTRAL3 | ODD | {"rope_parameters": TEMPERED},
    "ministral3, tied": MINISTRAL3 | ODD | {"rope_parameters": TEMPERED, "tie_word_embeddings": True},
    "ministral3, magnitude of Medium 3.5": MINISTRAL3 | ODD | {"rope_parameters": MEDIUM},
}


@pytest.fixture(scope="module", params=MODELS.values(), ids=MODELS.keys())
def model(request: pytest.FixtureRequest) -> Any:
    return oracle.random_model(request.param)


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dense")
    model.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def ids(model: Any) -> list[int]:
    return oracle.random_ids(model.config.to_dict(), LENGTH)


@pytest.fixture(scope="module")
def expected(model: Any, ids: list[int]) -> NDArray[np.float32]:
    return oracle.logits(model, ids)


@pytest.mark.parametrize("prefill", [LENGTH, 0, 23], ids=["prefill", "token by token", "both"])
@pytest.mark.parametrize("backend", ["torch", "native"])
def test_logits(folder: Path, ids: list[int], expected: NDArray[np.float32], backend: Any, prefill: int) -> None:
    with LLM(folder, backend=backend, max_model_len=LENGTH, **OPTIONS) as llm:
        got = llm.runtime.engine.logits(ids, prefill)
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE)
