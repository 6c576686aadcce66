"""The one-file reference equals transformers, and our model equals the one-file reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import one_file
import oracle
import pytest
import torch
from odd_mistral4 import ODD, SHAPES

from quatre import LLM

pytestmark = pytest.mark.torch

LENGTH = 60
TOLERANCE = 3e-5  # of float32 arithmetic, three layers deep
PAIRS_ARE_NEIGHBOURS = [name for name, change in SHAPES.items() if "rope_interleave" not in change]


def reference(model: Any, config: dict[str, Any], ids: list[int]) -> Any:
    """In float64, so that what differs is the other side's."""
    weights = {name.removeprefix("model."): tensor.double() for name, tensor in model.state_dict().items()}
    return one_file.logits(one_file.config_from(config), weights, torch.tensor(ids)).numpy()


@pytest.mark.parametrize("name", PAIRS_ARE_NEIGHBOURS)
def test_reference_equals_transformers(name: str) -> None:
    config = ODD | SHAPES[name]
    model, ids = oracle.random_model(config), oracle.random_ids(config, LENGTH)
    expected = oracle.logits(model.double(), ids)
    np.testing.assert_allclose(reference(model, config, ids), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("prefill", [LENGTH, 0], ids=["expanded", "absorbed"])
@pytest.mark.parametrize("backend", ["torch", "native"])
def test_our_model_equals_the_reference(tmp_path: Path, backend: Any, prefill: int) -> None:
    config = ODD | {"first_k_dense_replace": 1, "n_shared_experts": 2, "routed_scaling_factor": 1.5}
    model, ids = oracle.random_model(config), oracle.random_ids(config, LENGTH)
    model.save_pretrained(tmp_path)
    with LLM(tmp_path, backend=backend, dtype="float32", max_model_len=LENGTH, max_num_seqs=1) as llm:
        got = llm.runtime.engine.logits(ids, prefill)
    np.testing.assert_allclose(got, reference(model, config, ids), rtol=0, atol=TOLERANCE)


def test_reference_is_short_and_shares_nothing() -> None:
    text = Path(one_file.__file__).read_text()
    imports = [line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))]
    assert set(imports) == {"__future__", "dataclasses", "math", "torch", "typing"}
    assert text.count("\n") <= 400
