"""Files of llama.cpp's own converter give what transformers computes with the original (make_converted_vectors.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from quatre.checkpoint.load import load, open_checkpoint
from quatre.ops.interface import Batch
from quatre.ops.native_backend import NativeOps
from quatre.ops.torch_backend import TorchOps

pytestmark = pytest.mark.torch

FOLDER = Path(__file__).parent / "vectors" / "converted"


@pytest.fixture(scope="module")
def expected() -> Mapping[str, NDArray[Any]]:
    with np.load(FOLDER / "expected.npz") as file:
        return dict(file)


def logits(model: Any, ids: NDArray[Any]) -> NDArray[np.float32]:
    count = len(ids)
    batch = Batch(
        ids=ids.astype(np.int32),
        positions=np.arange(count, dtype=np.int32),
        starts=np.array([0, count], np.int32),
        contexts=np.array([count], np.int32),
        page_tables=np.zeros((1, 1), np.int32),
        page_size=32,
        absorbed=np.array([False]),
    )
    numbers: NDArray[np.float32] = model.ops.to_numpy(model.logits(model.hidden(batch, model.new_cache(1, 32))))
    return numbers


# bf16 kernels round activations to 8 bits of mantissa; PyTorch multiplies in float32.
@pytest.mark.parametrize(("backend", "tolerance"), [("torch", 1e-4), ("native", 0.05)])
@pytest.mark.parametrize("name", ["mistral4", "ministral3"])
def test_logits(expected: Mapping[str, NDArray[Any]], name: str, backend: str, tolerance: float) -> None:
    ops: Any = TorchOps() if backend == "torch" else NativeOps(threads=1, cache_dtype="f32")
    found = logits(load(open_checkpoint(FOLDER / f"{name}.gguf"), ops).model, expected["ids"])
    np.testing.assert_allclose(found, expected[f"{name}.logits"], rtol=0, atol=tolerance)


@pytest.mark.parametrize(("backend", "tolerance"), [("torch", 1e-4), ("native", 0.05)])
def test_vectors_of_an_image(expected: Mapping[str, NDArray[Any]], backend: str, tolerance: float) -> None:
    ops: Any = TorchOps() if backend == "torch" else NativeOps(threads=1, cache_dtype="f32")
    vision = load(open_checkpoint(FOLDER / "mistral4.gguf", FOLDER / "mmproj.gguf"), ops).vision
    assert vision is not None
    (found,) = vision.embed([expected["pixels"]])
    np.testing.assert_allclose(ops.to_numpy(found), expected["mistral4.image"], rtol=0, atol=tolerance)


def test_one_line_says_that_the_temperature_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    """The converter leaves it out for this architecture (model.md 4.3), and writes it for the other."""
    for name, count in (("mistral4", 1), ("ministral3", 0)):
        caplog.clear()
        open_checkpoint(FOLDER / f"{name}.gguf")
        assert sum("does not say how queries scale with position" in r.message for r in caplog.records) == count
