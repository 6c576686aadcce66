"""The generator's names and sizes are those of the release (model.md 1.1, 4.1, 4.2), and what it writes loads."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest

import official_layouts
from official_layouts import shards, write
from quatre.chat.tekken import TekkenTokenizer
from quatre.checkpoint.load import load, open_checkpoint
from quatre.checkpoint.survey import survey, touched_bytes
from quatre.engine.config import EngineConfig
from quatre.engine.scoring import all_logits
from quatre.ops.native_backend import NativeOps

IMAGES = ("vision_", "pre_mm_", "patch_merger")


def test_the_census_of_the_nvfp4_release() -> None:
    files = shards("nvfp4", 36)
    assert len(files[0]) == 1558
    assert sum(len(tensors) for tensors in files) == 56313
    images = [tensor for tensor in files[-1] if tensor.name.startswith(IMAGES)]
    assert (len(images), sum(tensor.nbytes for tensor in images)) == (222, 856_944_640)
    packed = sum(tensor.name.endswith("weight_packed") for tensors in files for tensor in tensors)
    assert packed == 13_932


def test_the_size_of_the_fp8_release() -> None:
    tensors = [tensor for file in shards("fp8-hf", 36) for tensor in file]
    assert sum(prod(tensor.shape) for tensor in tensors) == 119_401_317_952
    assert round(sum(tensor.nbytes for tensor in tensors) / 1e9, 2) == 120.92


def test_the_vocabulary_is_as_large_as_the_releases(tmp_path: Path) -> None:
    official_layouts.write_vocabulary(tmp_path)
    tokenizer = TekkenTokenizer(tmp_path / "tekken.json")
    assert tokenizer.vocab_size == 131_072
    assert tokenizer.efforts == ("none", "high")
    assert tokenizer.chat_prompt([{"role": "user", "content": "Hi"}])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same layouts with few numbers."""
    sizes = {"DIM": 64, "HEADS": 2, "Q_RANK": 32, "KV_RANK": 32, "EXPERTS": 4, "WIDTH": 32, "VOCAB": 128, "POOL": 2**14}
    vision = {"VISION_DIM": 32, "VISION_WIDE": 64, "VISION_LAYERS": 2}
    for name, value in (sizes | vision).items():
        monkeypatch.setattr(official_layouts, name, value)


@pytest.mark.parametrize("layout", ["fp8", "nvfp4", "fp8-hf"])
def test_what_is_written_loads_and_computes(tmp_path: Path, small: None, layout: str) -> None:
    write(tmp_path, layout, 2)
    for header in tmp_path.glob("*.json"):
        text = header.read_text().replace('"num_attention_heads": 16', '"num_attention_heads": 2')
        header.write_text(json.dumps(json.loads(text)))
    opened = open_checkpoint(tmp_path)
    parts = survey(opened)
    assert {part.format for part in parts} == {"bf16", "nvfp4" if layout == "nvfp4" else "f8_e4m3"}
    assert 0 < touched_bytes(parts, 4, 2) < sum(part.nbytes for part in parts)
    model = load(opened, NativeOps(threads=1))
    assert (model.vision is None) == (opened.vision is None)
    logits = all_logits(model.model, [1, 2, 3], EngineConfig())
    assert logits.shape == (3, 128)
    assert abs(logits).max() < 100
