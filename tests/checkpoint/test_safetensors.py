"""The safetensors reader against the library, and everything that must be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from quatre.checkpoint.safetensors import INDEX, read_file, read_folder
from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import BF16, F16
from tiny_checkpoints import write_safetensors


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def written(path: Path, header: object, data: bytes = b"", size: int | None = None) -> Path:
    """A file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if size is None else size).to_bytes(8, "little") + text + data)
    return path


def entry(begin: int, end: int, shape: object = None, dtype: object = "F32") -> dict[str, Any]:
    shape = [(end - begin) // 4] if shape is None else shape
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_files_of_the_library_are_read_without_a_copy(tmp_path: Path) -> None:
    arrays = {"a": numbers(3, 5), "b": numbers(2, 3, 4), "c": numbers(7), "half": numbers(4, 2).astype(np.float16)}
    safetensors.numpy.save_file(arrays, tmp_path / "x.safetensors", metadata={"format": "pt"})
    tensors = read_file(tmp_path / "x.safetensors")
    assert set(tensors) == set(arrays)
    for name, array in arrays.items():
        assert tensors[name].shape == array.shape
        np.testing.assert_array_equal(tensors[name].decode(), array.astype(np.float32))
        assert not tensors[name].data.flags.owndata
    assert tensors["half"].format is F16


def test_bf16_numbers_are_read(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "x.safetensors", {"a": np.float32([[1.5, -2.0]])}, BF16)
    tensor = read_file(tmp_path / "x.safetensors")["a"]
    assert tensor.format is BF16
    assert tensor.decode().tolist() == [[1.5, -2.0]]


def test_the_writer_of_the_tests_is_read_by_the_library(tmp_path: Path) -> None:
    arrays = {"a": numbers(3, 5), "b": numbers(2)}
    write_safetensors(tmp_path / "x.safetensors", arrays)
    for name, array in safetensors.numpy.load_file(tmp_path / "x.safetensors").items():
        np.testing.assert_array_equal(array, arrays[name])


BAD_HEADERS = {
    "a gap": {"a": entry(0, 4), "b": entry(8, 12)},
    "an overlap": {"a": entry(0, 8), "b": entry(4, 12)},
    "bytes left over": {"a": entry(0, 8)},
    "beyond the file": {"a": entry(0, 12), "b": entry(12, 400)},
    "offsets that go backwards": {"a": entry(12, 0, [3])},
    "a shape of another size": {"a": entry(0, 12, [4])},
    "a negative size": {"a": entry(0, 12, [-3])},
    "a size that is no number": {"a": entry(0, 12, ["3"])},
    "a size that is a boolean": {"a": entry(0, 12, [True, 3])},
    "a shape that is no list": {"a": entry(0, 12, 3)},
    "too many dimensions": {"a": entry(0, 12, [1] * 8 + [3])},
    "an astronomic size": {"a": entry(0, 12, [10**300])},
    "astronomic offsets": {"a": entry(0, 10**4000)},
    "one offset": {"a": {"dtype": "F32", "shape": [3], "data_offsets": [12]}},
    "no dtype": {"a": {"shape": [3], "data_offsets": [0, 12]}},
    "an unknown dtype": {"a": entry(0, 12, [3], "C64")},
    "a dtype that is a list": {"a": entry(0, 12, [3], ["F32"])},
    "an entry that is no object": {"a": 3},
    "a name with control characters": {"a\x1b[2J": entry(0, 12)},
    "an empty name": {"": entry(0, 12)},
    "an endless name": {"a" * 5000: entry(0, 12)},
    "a list": [1],
    "a name that stands twice": b'{"a": 1, "a": 2}',
    "no JSON": b"{{{{",
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_damaged_header_is_one_sentence_with_the_file(tmp_path: Path, header: object) -> None:
    path = written(tmp_path / "x.safetensors", header, bytes(12))
    with pytest.raises(CheckpointError, match=r"x\.safetensors") as error:
        read_file(path)
    assert len(str(error.value)) < 600
    assert str(error.value).isprintable()


@pytest.mark.parametrize("size", [0, 1, 13, 2**31, 2**63, 2**64 - 1])
def test_a_wrong_header_length_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(CheckpointError, match=r"x\.safetensors"):
        read_file(written(tmp_path / "x.safetensors", {"a": entry(0, 12)}, bytes(12), size))


def test_quantised_types_are_refused_with_advice(tmp_path: Path) -> None:
    path = written(tmp_path / "x.safetensors", {"w": entry(0, 12, [12], "F8_E5M2")}, bytes(12))
    with pytest.raises(CheckpointError, match=r"tensor w is stored as F8_E5M2, a way .* use the FP8, NVFP4 or bf16"):
        read_file(path)


# -- Folders -------------------------------------------------------------------------------------------------------


def sharded(folder: Path, places: object, **files: dict[str, Any]) -> Path:
    for stem, arrays in files.items():
        write_safetensors(folder / f"{stem}.safetensors", arrays)
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))
    return folder


def test_shards_are_read_where_the_index_says(tmp_path: Path) -> None:
    first, second = {"a": numbers(2, seed=1), "b": numbers(2, seed=2)}, {"a": numbers(2, seed=3), "c": numbers(2)}
    places = {"a": "two.safetensors", "b": "one.safetensors", "c": "two.safetensors"}
    tensors = read_folder(sharded(tmp_path, places, one=first, two=second))
    assert set(tensors) == {"a", "b", "c"}
    np.testing.assert_array_equal(tensors["a"].decode(), second["a"])


def test_tensors_that_the_index_forgets_are_seen(tmp_path: Path) -> None:
    folder = sharded(tmp_path, {"a": "one.safetensors"}, one={"a": numbers(2), "stray": numbers(2)})
    assert set(read_folder(folder)) == {"a", "stray"}


BAD_PLACES = {
    "a path upwards": ({"a": "../one.safetensors"}, "not a .safetensors file beside it"),
    "an absolute path": ({"a": "/etc/one.safetensors"}, "not a .safetensors file beside it"),
    "a path downwards": ({"a": "x/one.safetensors"}, "not a .safetensors file beside it"),
    "another kind of file": ({"a": "one.bin"}, "not a .safetensors file beside it"),
    "a NUL": ({"a": "one\0.safetensors"}, "not a .safetensors file beside it"),
    "a name that no file can have": ({"a": "x" * 5000 + ".safetensors"}, "not a .safetensors file beside it"),
    "a missing file": ({"a": "two.safetensors"}, "lacks two.safetensors, .* the download is incomplete"),
    "a missing tensor": ({"a": "one.safetensors", "z": "one.safetensors"}, "lacks the tensor 'z'"),
    "a number": ({"a": 1}, "weight_map must be an object"),
    "a list": (["one.safetensors"], "weight_map must be an object"),
}


@pytest.mark.parametrize(("places", "message"), BAD_PLACES.values(), ids=BAD_PLACES.keys())
def test_a_damaged_index_is_refused(tmp_path: Path, places: object, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read_folder(sharded(tmp_path, places, one={"a": numbers(2)}))


def test_without_an_index_files_must_not_disagree(tmp_path: Path) -> None:
    for stem in ("one", "two"):
        write_safetensors(tmp_path / f"{stem}.safetensors", {"a": numbers(2), stem: numbers(2)})
    with pytest.raises(CheckpointError, match="tensor a is in two files"):
        read_folder(tmp_path)


def test_the_native_form_beside_the_other_is_left_alone(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors", {"a": numbers(2)})
    write_safetensors(tmp_path / "consolidated.safetensors", {"a": numbers(2), "b": numbers(2)})
    tensors: dict[str, StoredTensor] = read_folder(tmp_path)
    assert set(tensors) == {"a"}


def test_parts_are_missed_without_an_index_too(tmp_path: Path) -> None:
    for number in (1, 3):
        write_safetensors(tmp_path / f"model-{number:05}-of-00003.safetensors", {f"a{number}": numbers(2)})
    with pytest.raises(CheckpointError, match=r"lacks model-00002-of-00003\.safetensors; the download is incomplete"):
        read_folder(tmp_path)
    write_safetensors(tmp_path / "model-00002-of-00003.safetensors", {"a2": numbers(2)})
    assert set(read_folder(tmp_path)) == {"a1", "a2", "a3"}


def test_parts_may_be_counted_from_zero(tmp_path: Path) -> None:
    for number in (0, 1):
        write_safetensors(tmp_path / f"model-{number:05}-of-00002.safetensors", {f"a{number}": numbers(2)})
    assert set(read_folder(tmp_path)) == {"a0", "a1"}


def test_hidden_files_are_no_weights(tmp_path: Path) -> None:
    """A Mac leaves ``._model.safetensors`` on other disks."""
    write_safetensors(tmp_path / "model.safetensors", {"a": numbers(2)})
    (tmp_path / "._model.safetensors").write_bytes(b"\0\5\x16\7")
    assert set(read_folder(tmp_path)) == {"a"}
