"""Mapped files: ranges, what is not a file, and giving pages back."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from quatre.checkpoint.files import MappedFile, is_name, release
from quatre.errors import CheckpointError


def test_ranges_inside_the_file_are_views_of_it(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(range(100)))
    file = MappedFile(tmp_path / "f")
    piece = file.slice(10, 5, "a piece")
    assert piece.tolist() == [10, 11, 12, 13, 14]
    assert np.shares_memory(piece, file.data)
    assert not piece.flags.writeable
    assert file.slice(100, 0, "nothing").size == 0


@pytest.mark.parametrize(("offset", "size"), [(99, 2), (101, 0), (-1, 5), (5, -1), (2**70, 1), (0, 2**70)])
def test_ranges_outside_are_refused_by_name(tmp_path: Path, offset: int, size: int) -> None:
    (tmp_path / "f").write_bytes(bytes(100))
    with pytest.raises(CheckpointError, match=r"f is truncated or damaged: a piece should end at byte .* has 100"):
        MappedFile(tmp_path / "f").slice(offset, size, "a piece")


def test_an_empty_file_has_no_ranges(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    file = MappedFile(tmp_path / "f")
    assert len(file) == 0
    with pytest.raises(CheckpointError, match="the file has 0"):
        file.slice(0, 1, "a byte")


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(CheckpointError, match="not a regular file"):
            MappedFile(path)
    with pytest.raises(CheckpointError, match="No such file"):
        MappedFile(tmp_path / "absent")


@pytest.mark.parametrize("name", ["", "a\nb", "a\x1b[31m", "\ud800", "x" * 256, "a\u202eb"])
def test_names_that_could_deceive_a_reader_are_no_names(name: str) -> None:
    assert not is_name(name)
    assert is_name("blk.0.attn_q.weight")


def resident_file_kib() -> int:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["RssFile"].split()[0])


def test_released_pages_leave_the_process_and_can_be_read_again(tmp_path: Path) -> None:
    size = 32 * 2**20
    content = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    (tmp_path / "f").write_bytes(content.tobytes())
    file = MappedFile(tmp_path / "f")
    assert file.data.sum(dtype=np.int64) == content.sum(dtype=np.int64)  # touches every page
    before = resident_file_kib()
    rows = file.data[4096 + 5 : 4096 + 5 + 30 * 2**20].reshape(30, -1)[:, : 2**19]
    release(rows)
    assert before - resident_file_kib() > 28 * 1024
    assert np.array_equal(file.data, content)


def test_releasing_memory_that_is_no_file_does_nothing() -> None:
    array = np.arange(10, dtype=np.uint8)
    release(array[3:7])
    release(array[:0])
    assert array.tolist() == list(range(10))
