"""Mistral 4 equals transformers: prefill (expanded attention) and token by token (absorbed), on both back ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray

from quatre import LLM
from tiny_checkpoints import MISTRAL4, neutral

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:Initializing zero-element tensors"),  # transformers, without shared experts
]

TOLERANCE = 1e-4
LENGTH = 60
OPTIONS = {"dtype": "float32", "threads": 2, "max_num_seqs": 1, "max_num_batched_tokens": 17}

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


@pytest.fixture(scope="module", params=SHAPES.values(), ids=SHAPES.keys())
def model(request: pytest.FixtureRequest) -> Any:
    return oracle.random_model(ODD | request.param)


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mistral4")
    model.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def expected(model: Any) -> NDArray[np.float32]:
    return oracle.logits(model, oracle.random_ids(ODD, LENGTH))


@pytest.mark.parametrize("prefill", [LENGTH, 0, 23], ids=["prefill", "token by token", "both"])
@pytest.mark.parametrize("backend", ["torch", "native"])
def test_logits(folder: Path, expected: NDArray[np.float32], backend: Any, prefill: int) -> None:
    with LLM(folder, backend=backend, max_model_len=LENGTH, **OPTIONS) as llm:
        got = llm.runtime.engine.logits(oracle.random_ids(ODD, LENGTH), prefill)
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE)
