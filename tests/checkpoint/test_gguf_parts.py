"""Models in several GGUF files, as llama.cpp splits them."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from quatre.checkpoint.gguf import read_gguf
from quatre.checkpoint.gguf_parts import read_whole
from quatre.checkpoint.load import load, open_checkpoint
from quatre.errors import CheckpointError
from quatre.ops.native_backend import NativeOps
from tiny_checkpoints import LLAMA, random_weights, write_gguf


def split(path: Path, count: int, *, promised: int | None = None) -> list[Path]:
    """The file cut into parts: all metadata in the first, the tensors in turns."""
    whole = read_gguf(path)
    paths = [path.with_name(f"m-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]
    reader = gguf.GGUFReader(path)
    for number, part in enumerate(paths):
        writer = gguf.GGUFWriter(part, "llama")
        if number == 0:
            for field in reader.fields.values():
                if not field.name.startswith(("GGUF.", "general.architecture")):
                    writer.add_key_value(field.name, field.contents(), field.types[0])
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", count)
        writer.add_int32("split.tensors.count", len(whole.tensors) if promised is None else promised)
        for tensor in reader.tensors[number::count]:
            writer.add_tensor(tensor.name, np.array(tensor.data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    path.unlink()
    return paths


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "whole.gguf", LLAMA, random_weights(LLAMA))


@pytest.mark.parametrize("count", [2, 3])
def test_any_part_and_their_folder_give_the_whole_model(tmp_path: Path, whole: Path, count: int) -> None:
    expected = {name: tensor.decode() for name, tensor in read_gguf(whole).tensors.items()}
    config = open_checkpoint(whole).config
    parts = split(whole, count)
    for path in (*parts, tmp_path):
        opened = open_checkpoint(path)
        assert opened.config == config
        assert opened.tensors.keys() == expected.keys()
        for name, tensor in opened.tensors.items():
            np.testing.assert_array_equal(tensor.decode(), expected[name])
    load(parts[-1], NativeOps(threads=1))


def test_missing_parts_are_named(whole: Path) -> None:
    parts = split(whole, 3)
    parts[1].unlink()
    with pytest.raises(CheckpointError, match=r"lacks m-00002-of-00003\.gguf; the download is incomplete"):
        read_whole(parts[0])


def test_a_part_under_another_name_is_refused(whole: Path) -> None:
    parts = split(whole, 2)
    with pytest.raises(CheckpointError, match=r"is one of 2 parts, whose names must end in -00001-of-00002\.gguf"):
        read_whole(parts[0].rename(parts[0].with_name("model.gguf")))


def test_parts_that_do_not_belong_together_are_refused(whole: Path) -> None:
    parts = split(whole, 2)
    parts[1].write_bytes(parts[0].read_bytes())
    with pytest.raises(CheckpointError, match="is not part 2 of 2 of one model"):
        read_whole(parts[0])


def test_the_promised_number_of_tensors_must_be_there(whole: Path) -> None:
    parts = split(whole, 2, promised=99)
    with pytest.raises(CheckpointError, match="tensors together, but 99 are promised"):
        read_whole(parts[0])
