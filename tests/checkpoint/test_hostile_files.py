"""Damaged and hostile files: whatever stands in them, one CheckpointError (or ConfigError) comes out, and soon."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damage import HOSTILE_REALS, HOSTILE_VALUES, damaged
from quatre.checkpoint.gguf import read_gguf
from quatre.checkpoint.load import load
from quatre.checkpoint.safetensors import INDEX, read_file, read_folder
from quatre.errors import CheckpointError, QuatreError
from tiny_checkpoints import LLAMA, MINISTRAL3, MISTRAL4, random_weights, write_gguf, write_hf

PATIENCE_S = 2.0  # of processor time; an honest file of this size takes 2 ms

SMALL = {"num_hidden_layers": 1, "vocab_size": 8}


def only_checkpoint_errors(read: Callable[[], object], errors: type[QuatreError] = CheckpointError) -> None:
    message = "no error"
    start = time.process_time()
    try:
        read()
    except errors as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 1500
    assert time.process_time() - start < PATIENCE_S


class NoOps:
    """Prepares nothing: what is tested here comes before."""

    def __getattr__(self, method: str) -> Any:
        return lambda *_: None

    def cache_bytes(self, width: int) -> int:
        return width


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = MISTRAL4 | SMALL
    return write_gguf(tmp_path_factory.mktemp("gguf") / "m.gguf", config, random_weights(config), fmt="q8_0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = LLAMA | SMALL
    return write_hf(tmp_path_factory.mktemp("hf"), config, random_weights(config), shards=2)


@given(rng=st.randoms())
@settings(max_examples=300, deadline=None)
def test_damaged_gguf(gguf_file: Path, rng: Random) -> None:
    original = gguf_file.read_bytes()
    target = gguf_file.parent / "damaged"
    target.write_bytes(damaged(rng, original, min(3000, len(original))))
    only_checkpoint_errors(lambda: read_gguf(target))
    only_checkpoint_errors(lambda: load(target, NoOps()), QuatreError)  # type: ignore[arg-type]


@given(rng=st.randoms())
@settings(max_examples=300, deadline=None)
def test_damaged_safetensors(folder: Path, rng: Random) -> None:
    original = next(folder.glob("*.safetensors")).read_bytes()
    header = 8 + int.from_bytes(original[:8], "little")
    target = folder / "damaged"
    target.write_bytes(damaged(rng, original, header))
    only_checkpoint_errors(lambda: read_file(target))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, key=st.sampled_from(["dtype", "shape", "data_offsets"]))
@settings(max_examples=200, deadline=None)
def test_safetensors_headers_with_any_value_anywhere(tmp_path_factory: Any, value: Any, key: str) -> None:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | {key: value}
    text = json.dumps({"a": entry}).encode()
    target = tmp_path_factory.getbasetemp() / "values.safetensors"
    target.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
    only_checkpoint_errors(lambda: read_file(target))


@given(value=JSON)
@settings(max_examples=100, deadline=None)
def test_an_index_with_any_value(folder: Path, value: Any) -> None:
    index = folder / INDEX
    original = index.read_bytes()
    names = json.loads(original)["weight_map"]
    try:
        for weight_map in (value, names | {next(iter(names)): value}):
            index.write_text(json.dumps({"weight_map": weight_map}))
            only_checkpoint_errors(lambda: read_folder(folder))
    finally:
        index.write_bytes(original)


@pytest.mark.parametrize("config", [LLAMA, MINISTRAL3, MISTRAL4], ids=lambda config: config["model_type"])
def test_a_config_with_any_hostile_value(tmp_path: Path, config: dict[str, Any]) -> None:
    config = config | SMALL
    folder = write_hf(tmp_path, config, random_weights(config))
    rope = config["rope_parameters"]
    changed = [config | {key: value} for key in config for value in HOSTILE_VALUES + HOSTILE_REALS]
    changed += [
        config | {"rope_parameters": rope | {key: value}} for key in rope for value in HOSTILE_VALUES + HOSTILE_REALS
    ]
    changed += [{k: v for k, v in config.items() if k != key} for key in config]
    for change in changed:
        (folder / "config.json").write_text(json.dumps(change))
        only_checkpoint_errors(lambda: load(folder, NoOps()), QuatreError)  # type: ignore[arg-type]
