"""JSON of checkpoints: what ordinary parsers let pass is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from quatre.checkpoint.jsonfile import MOST_BYTES, parse_object, read_object
from quatre.errors import CheckpointError

DAMAGED = {
    "not JSON": b"{",
    "not an object": b"[1]",
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a key that stands twice": b'{"a": 1, "b": {"c": 1, "c": 2}}',
    "deep lists": b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
    "very deep lists": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "millions of lists": b'{"a": [' + b"[]," * 2**20 + b"[]]}",
    "a huge number": b'{"a": 1' + b"0" * 5000 + b"}",
    "bad UTF-8": b'{"a": "\xff"}',
    "nothing": b"",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_json_is_one_sentence_with_the_file(data: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^/somewhere/config\.json is damaged: .{1,200}$") as error:
        parse_object(data, Path("/somewhere/config.json"))
    assert "\n" not in str(error.value)


def test_duplicate_keys_are_named() -> None:
    with pytest.raises(CheckpointError, match="the key 'c' stands twice"):
        parse_object(DAMAGED["a key that stands twice"], Path("x"))


def test_good_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": [1, {"b": null}]}')
    assert read_object(tmp_path / "x.json") == {"a": [1, {"b": None}]}


def test_files_that_cannot_be_json_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(CheckpointError, match="larger than any JSON file"):
        read_object(tmp_path / "big.json")
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        read_object(tmp_path / "absent.json")
