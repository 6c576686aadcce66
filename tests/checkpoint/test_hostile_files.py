"""Damaged and hostile files: whatever stands in them, one CheckpointError (or ConfigError) comes out, and soon."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quatre.checkpoint.gguf import read_gguf
from quatre.checkpoint.load import load
from quatre.checkpoint.safetensors import INDEX, read_file, read_folder
from quatre.errors import CheckpointError, QuatreError
from tiny_checkpoints import LLAMA, MINISTRAL3, MISTRAL4, random_weights, write_gguf, write_hf

PATIENCE_S = 2.0  # of processor time; an honest file of this size takes 2 ms

SMALL = {"num_hidden_layers": 1, "vocab_size": 8}
HOSTILE_LENGTHS = [0, 1, 7, 2**16, 2**31 - 1, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]


@st.composite
def damaged(draw: st.DrawFn, original: bytes, region: int) -> bytes:
    """``original`` cut off, with bytes changed or with absurd lengths in it; mostly in its first ``region`` bytes."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, region - 1))
        match draw(st.sampled_from(["cut", "flip", "byte", "length", "insert", "remove"])):
            case "cut":
                data = data[: draw(st.sampled_from([place, len(original) - 1, len(original) - 33]))]
            case "flip" if place < len(data):
                data[place] ^= 1 << draw(st.integers(0, 7))
            case "byte" if place < len(data):
                data[place] = draw(st.integers(0, 255))
            case "length":
                data[place : place + 8] = struct.pack("<Q", draw(st.sampled_from(HOSTILE_LENGTHS)))
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=9))
            case "remove":
                del data[place : place + draw(st.integers(1, 9))]
    return bytes(data)


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


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_gguf(gguf_file: Path, data: st.DataObject) -> None:
    original = gguf_file.read_bytes()
    target = gguf_file.parent / "damaged"
    target.write_bytes(data.draw(damaged(original, min(3000, len(original)))))
    only_checkpoint_errors(lambda: read_gguf(target))
    only_checkpoint_errors(lambda: load(target, NoOps()), QuatreError)  # type: ignore[arg-type]


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_safetensors(folder: Path, data: st.DataObject) -> None:
    original = next(folder.glob("*.safetensors")).read_bytes()
    header = 8 + int.from_bytes(original[:8], "little")
    target = folder / "damaged"
    target.write_bytes(data.draw(damaged(original, header)))
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


HOSTILE_VALUES = [None, True, "1", "", [], [1], {}, {"a": 1}, -1, 0, 1, 2, 3, 0.5, 2**31 - 1, 2**31, 2**63, 10**400]
HOSTILE_REALS = [-0.5, 1e-300, 1.0 + 2**-52, 1e300]


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
