"""The GGUF reader against the ``gguf`` package, and everything that must be refused."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from quatre.checkpoint.gguf import MOST_ELEMENTS, is_gguf, read_gguf
from quatre.errors import CheckpointError
from quatre.formats.registry import BY_GGML_TYPE

BYTE, U32, F32, STRING, ARRAY = 0, 4, 6, 8, 9


def text(value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key: str | bytes, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def array(kind: int, count: int, data: bytes) -> bytes:
    return struct.pack("<IQ", kind, count) + data


def tensor(name: str, dims: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)


def built(
    path: Path, pairs: tuple[bytes, ...] = (), tensors: tuple[bytes, ...] = (), data: bytes = b"", **kw: Any
) -> Path:
    """A file made of its parts; ``version`` and the two counts can lie."""
    counts = kw.get("tensor_count", len(tensors)), kw.get("pair_count", len(pairs))
    head = b"GGUF" + struct.pack("<IQQ", kw.get("version", 3), *counts) + b"".join(pairs) + b"".join(tensors)
    path.write_bytes(head + bytes(-len(head) % 32) + data)
    return path


def test_metadata_of_every_type_is_read_as_the_package_wrote_it(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "llama")
    values: dict[str, Any] = {
        "uint8": 250,
        "int8": -7,
        "uint16": 60000,
        "int16": -30000,
        "uint32": 2**32 - 1,
        "int32": -(2**31),
        "uint64": 2**64 - 1,
        "int64": -(2**63),
        "float32": 0.5,
        "float64": 0.1,
        "bool": True,
        "string": "héllo\nworld",
    }
    for kind, value in values.items():
        getattr(writer, f"add_{kind}")(f"test.{kind}", value)
    lists: dict[str, Any] = {
        "strings": ["a", "", "日本"],
        "integers": [3, -4],
        "floats": [0.5, 1.5],
        "flags": [True, False],
    }
    for name, value in lists.items():
        writer.add_array(f"test.{name}", value)
    writer.add_tensor("t", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    file = read_gguf(tmp_path / "x.gguf")
    assert file.metadata == {"general.architecture": "llama"} | {f"test.{k}": v for k, v in (values | lists).items()}
    assert type(file.metadata["test.bool"]) is bool
    assert type(file.metadata["test.flags"][0]) is bool
    assert file.tensors["t"].shape == (2, 3)
    np.testing.assert_array_equal(file.tensors["t"].decode(), np.arange(6).reshape(2, 3))


@pytest.mark.parametrize("number", [n for n, fmt in BY_GGML_TYPE.items() if fmt.group > 1])
def test_quantised_tensors_are_views_with_row_major_shapes(tmp_path: Path, number: int) -> None:
    fmt = BY_GGML_TYPE[number]
    kind = gguf.GGMLQuantizationType(number)
    raw = np.random.default_rng(0).integers(0, 0x3C, (2, 3, 2 * fmt.group_bytes), np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_tensor("first", np.zeros(5, np.float32))  # makes the next one need padding
    writer.add_tensor("t", raw, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    stored = read_gguf(tmp_path / "x.gguf").tensors["t"]
    assert stored.format is fmt
    assert stored.shape == (2, 3, 2 * fmt.group)
    assert not stored.data.flags.owndata
    theirs = next(t for t in gguf.GGUFReader(tmp_path / "x.gguf").tensors if t.name == "t")
    np.testing.assert_array_equal(stored.decode(), gguf.quants.dequantize(theirs.data, kind))


def test_version_2_and_another_alignment_are_read(tmp_path: Path) -> None:
    numbers = np.arange(4, dtype="<f4").tobytes()
    pairs = (pair("general.alignment", U32, struct.pack("<I", 8)),)
    path = built(tmp_path / "x.gguf", pairs, (tensor("a", (2,)), tensor("b", (2,), 0, 8)), b"", version=2)
    head = path.read_bytes()[: 24 + len(pairs[0]) + len(tensor("a", (2,))) * 2]
    path.write_bytes(head + bytes(-len(head) % 8) + numbers)
    tensors = read_gguf(path).tensors
    assert tensors["a"].decode().tolist() == [0, 1]
    assert tensors["b"].decode().tolist() == [2, 3]


def test_nested_arrays_are_read(tmp_path: Path) -> None:
    inner = array(BYTE, 2, b"\1\2")
    path = built(tmp_path / "x.gguf", (pair("k", ARRAY, array(ARRAY, 2, inner + array(STRING, 1, text("z")))),))
    assert read_gguf(path).metadata["k"] == [[1, 2], ["z"]]


def test_a_large_vocabulary_is_read_in_a_fraction_of_a_second(tmp_path: Path) -> None:
    tokens, merges = 131_072, 269_443
    pairs = (
        pair("tokenizer.ggml.tokens", ARRAY, array(STRING, tokens, b"".join(text(f"t{i}") for i in range(tokens)))),
        pair("tokenizer.ggml.merges", ARRAY, array(STRING, merges, b"".join(text(f"a{i} b") for i in range(merges)))),
        pair("tokenizer.ggml.token_type", ARRAY, array(5, tokens, bytes(4 * tokens))),
    )
    path = built(tmp_path / "x.gguf", pairs)
    times = []
    for _ in range(3):
        start = time.process_time()
        metadata = read_gguf(path).metadata
        times.append(time.process_time() - start)
    assert len(metadata["tokenizer.ggml.merges"]) == merges
    assert metadata["tokenizer.ggml.tokens"][-1] == "t131071"
    assert min(times) < 1.0  # 0.1 s where this was written; the margin is for loaded machines


KEY = pair("k", U32, bytes(4))
ONE = tensor("t", (4,))

DAMAGED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown version": ({"version": 1}, "GGUF version 1; only little-endian files of version 2 or 3"),
    "a big-endian file": ({"version": 3 << 24}, "big-endian"),
    "more entries than bytes": ({"pair_count": 50, "data": b""}, "truncated|cannot be a metadata key"),
    "an absurd number of entries": ({"pair_count": 2**63}, "number of metadata entries is 9223"),
    "an absurd number of tensors": ({"tensor_count": 2**64 - 1}, "number of tensors is 18446"),
    "a key that stands twice": ({"pairs": (KEY, KEY)}, "the metadata key k stands twice"),
    "an unknown type": ({"pairs": (pair("k", 77, b""),)}, "k has the unknown type 77"),
    "a key with control characters": ({"pairs": (pair("k\x1b[2J", U32, bytes(4)),)}, "cannot be a metadata key"),
    "a key that is not UTF-8": ({"pairs": (pair(b"\xff", U32, bytes(4)),)}, "not UTF-8"),
    "an empty key": ({"pairs": (pair("", U32, bytes(4)),)}, "cannot be a metadata key"),
    "a text longer than the file": ({"pairs": (text("k") + struct.pack("<IQ", STRING, 2**62),)}, "truncated"),
    "an array longer than the file": ({"pairs": (pair("k", ARRAY, array(F32, 10_000, b"")),)}, "truncated"),
    "an array of absurd length": ({"pairs": (pair("k", ARRAY, array(F32, 2**62, b"")),)}, "more than any tokenizer"),
    "arrays that are too long together": (
        {"pairs": tuple(pair(f"k{i}", ARRAY, array(ARRAY, MOST_ELEMENTS // 2 + 1, b"")) for i in range(2))},
        "truncated|more than any tokenizer",
    ),
    "texts cut off": ({"pairs": (pair("k", ARRAY, array(STRING, 9, text("a"))),), "data": b""}, "truncated"),
    "texts that are not UTF-8": ({"pairs": (pair("k", ARRAY, array(STRING, 1, text(b"\xff"))),)}, "not UTF-8"),
    "arrays nested for ever": ({"pairs": (pair("k", ARRAY, struct.pack("<IQ", ARRAY, 1) * 9),)}, "unknown type"),
    "an alignment of zero": ({"pairs": (pair("general.alignment", U32, bytes(4)),)}, "general.alignment is 0"),
    "an alignment that is a text": ({"pairs": (pair("general.alignment", STRING, text("x")),)}, "alignment is 'x'"),
    "a tensor that stands twice": ({"tensors": (ONE, tensor("t", (4,), 0, 32))}, "the tensor t stands twice"),
    "tensors that overlap": ({"tensors": (tensor("a", (64,)), tensor("b", (4,), 0, 32))}, "b is not aligned or over"),
    "a tensor out of line": ({"tensors": (tensor("t", (4,), 0, 4),)}, "not aligned"),
    "a tensor beyond the end": ({"tensors": (tensor("t", (4,), 0, 2**40),)}, "truncated or damaged: the tensor t"),
    "a tensor without numbers": ({"tensors": (tensor("t", (4, 0)),)}, "cannot have the shape"),
    "a tensor of no dimensions": ({"tensors": (tensor("t", ()),)}, "claims 0 dimensions"),
    "a tensor of many dimensions": ({"tensors": (tensor("t", (1,) * 9),)}, "claims 9 dimensions"),
    "a tensor whose size wraps": ({"tensors": (tensor("t", (2**32, 2**32)),)}, "truncated"),
    "rows that are no whole groups": ({"tensors": (tensor("t", (33,), 8),)}, r"q8_0 cannot have the shape \[33\]"),
    "64-bit floats": ({"tensors": (tensor("t", (4,), 28),)}, "tensor t has type F64, which is not supported"),
    "codes that are not read": ({"tensors": (tensor("t", (256,), 15),)}, "type Q8_K, .* supported are .*Q4_K"),
    "a type from the future": ({"tensors": (tensor("t", (256,), 999),)}, "tensor t has type 999"),
}


@pytest.mark.parametrize(("parts", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_one_sentence_with_its_name(tmp_path: Path, parts: dict[str, Any], message: str) -> None:
    path = built(tmp_path / "x.gguf", **({"data": bytes(64)} | parts))
    with pytest.raises(CheckpointError, match=message) as error:
        read_gguf(path)
    assert str(path) in str(error.value)
    assert str(error.value).isprintable()


def test_what_is_not_gguf_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"GGML" + bytes(60))
    assert not is_gguf(tmp_path / "x")
    assert not is_gguf(tmp_path / "absent")
    with pytest.raises(CheckpointError, match="does not begin with GGUF"):
        read_gguf(tmp_path / "x")
