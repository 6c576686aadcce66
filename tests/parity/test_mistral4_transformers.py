"""Mistral 4 equals transformers: prefill (expanded attention) and token by token (absorbed), on both back ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray
from odd_mistral4 import ODD, SHAPES

from quatre import LLM

pytestmark = pytest.mark.torch

TOLERANCE = 1e-4
LENGTH = 60
OPTIONS = {"dtype": "float32", "threads": 2, "max_num_seqs": 1, "max_num_batched_tokens": 17}


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
