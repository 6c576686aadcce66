"""GGUF files: metadata and named views of the quantised tensors.

A reader of our own instead of the ``gguf`` package's, because it must be fast (a vocabulary of 131,072 tokens in a
fraction of a second) and must refuse a hostile file with a sentence; the package is the oracle in the tests.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quatre.checkpoint.files import MappedFile
from quatre.errors import CheckpointError
from quatre.formats.base import Format, StoredTensor
from quatre.formats.registry import BY_GGML_TYPE, GGML_NAMES

MAGIC = b"GGUF"
VERSIONS = (2, 3)

MOST_ENTRIES = 1_000_000  # of metadata, of tensors
MOST_STRING = 64 * 2**20
MOST_DEPTH = 4  # of arrays in arrays
MOST_DIMENSIONS = 4

SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<B"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
BOOL, STRING, ARRAY = 7, 8, 9
U32, U64 = SCALARS[4], SCALARS[10]


@dataclass(frozen=True)
class GGUF:
    """What a file says. Arrays of numbers are lists; tensors have row-major shapes, ``[out, in]``."""

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, StoredTensor]


def is_gguf(path: Path) -> bool:
    """Whether the file begins like a GGUF file."""
    try:
        with path.open("rb") as file:
            return file.read(4) == MAGIC
    except OSError:
        return False


def read_gguf(path: Path) -> GGUF:
    """Read a whole file. CheckpointError, in one sentence, for anything that is not a sound GGUF file."""
    return _Reader(MappedFile(path)).read()


class _Reader:
    """A cursor over a mapped file."""

    def __init__(self, file: MappedFile) -> None:
        self.file = file
        self.at = 0

    def read(self) -> GGUF:
        if self.file.slice(0, 4, "the magic").tobytes() != MAGIC:
            raise self._damaged("it does not begin with GGUF")
        self.at = 4
        version = self._number(U32, "the version")
        if version not in VERSIONS:
            raise CheckpointError(
                f"{self.file.path} has GGUF version {version:#x}; little-endian files of version 2 and 3 can be read"
            )
        num_tensors = self._count("the number of tensors", MOST_ENTRIES)
        num_entries = self._count("the number of metadata entries", MOST_ENTRIES)
        metadata = self._metadata(num_entries)
        if metadata.get("split.count", 0) not in (0, 1):
            raise CheckpointError(
                f"{self.file.path} is one of {metadata['split.count']} parts; merge them into one file first "
                "(llama-gguf-split --merge)"
            )
        return GGUF(self.file.path, metadata, self._tensors(num_tensors, metadata))

    # -- Metadata ----------------------------------------------------------------------------------------------

    def _metadata(self, count: int) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        for _ in range(count):
            key = self._string("a metadata key")
            if key in metadata:
                raise self._damaged(f"the metadata key {key[:80]!r} stands twice")
            metadata[key] = self._value(self._number(U32, "a type"), key, 0)
        return metadata

    def _value(self, kind: int, key: str, depth: int) -> Any:
        if kind in SCALARS:
            value = self._number(SCALARS[kind], key)
            return bool(value) if kind == BOOL else value
        if kind == STRING:
            return self._string(key)
        if kind == ARRAY and depth < MOST_DEPTH:
            return self._array(key, depth)
        raise self._damaged(f"the metadata key {key[:80]!r} has the unknown type {kind}")

    def _array(self, key: str, depth: int) -> list[Any]:
        kind = self._number(U32, key)
        count = self._number(U64, key)
        if kind in SCALARS:
            layout = SCALARS[kind]
            data = self.file.slice(self.at, count * layout.size, f"the array {key[:80]}")
            self.at += count * layout.size
            return list(data.view(np.dtype("?" if kind == BOOL else layout.format)).tolist())
        self.file.check(self.at, count * 8, f"the array {key[:80]}")  # each entry has a length of 8 bytes at least
        if kind == STRING:
            return self._strings(count, key)
        return [self._value(kind, key, depth + 1) for _ in range(count)]

    def _strings(self, count: int, key: str) -> list[str]:
        """A vocabulary has a hundred thousand of these: no method calls in this loop."""
        view, at, end, strings = self.file.view, self.at, len(self.file), []
        for _ in range(count):
            stop = at + 8
            if stop <= end:
                stop += U64.unpack_from(view, at)[0]
            if stop > end:
                self.file.check(at, stop - at, f"the array {key[:80]}")
            strings.append(bytes(view[at + 8 : stop]))
            at = stop
        self.at = at
        return [self._text(string, key) for string in strings]

    def _string(self, what: str) -> str:
        size = self._number(U64, what)
        if size > MOST_STRING:
            raise self._damaged(f"{what[:80]} claims a text of {size} bytes")
        data = self.file.slice(self.at, size, what[:80]).tobytes()
        self.at += size
        return self._text(data, what)

    def _text(self, data: bytes, what: str) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise self._damaged(f"{what[:80]} is not UTF-8 text") from error

    # -- Tensors -----------------------------------------------------------------------------------------------

    def _tensors(self, count: int, metadata: dict[str, Any]) -> dict[str, StoredTensor]:
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 2**16:
            raise self._damaged(f"general.alignment is {alignment!r:.80}")
        entries = [self._tensor_entry() for _ in range(count)]
        start = -(-self.at // alignment) * alignment
        tensors: dict[str, StoredTensor] = {}
        for name, shape, fmt, offset in entries:
            if name in tensors:
                raise self._damaged(f"the tensor {name[:80]} stands twice")
            if offset % alignment:
                raise self._damaged(f"the tensor {name[:80]} is not aligned to {alignment} bytes")
            size = fmt.row_bytes(shape[-1])
            for dimension in shape[:-1]:
                size *= dimension
            data = self.file.slice(start + offset, size, f"the tensor {name[:80]}")
            tensors[name] = StoredTensor.from_buffer(f"{name} of {self.file.path.name}", fmt, shape, data)
        return tensors

    def _tensor_entry(self) -> tuple[str, tuple[int, ...], Format, int]:
        name = self._string("a tensor name")
        dimensions = self._number(U32, "a shape")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise self._damaged(f"the tensor {name[:80]} claims {dimensions} dimensions")
        shape = tuple(self._number(U64, "a shape") for _ in range(dimensions))[::-1]
        if 0 in shape:
            raise self._damaged(f"the tensor {name[:80]} is empty")
        return name, shape, self._format(self._number(U32, "a tensor type"), name), self._number(U64, "an offset")

    def _format(self, number: int, name: str) -> Format:
        if number in BY_GGML_TYPE:
            return BY_GGML_TYPE[number]
        known = sorted(fmt.name.upper() for fmt in BY_GGML_TYPE.values())
        raise CheckpointError(
            f"{self.file.path}: tensor {name[:80]} has type {GGML_NAMES.get(number, number)}, which is not supported; "
            f"supported are {', '.join(known)}"
        )

    # -- Small parts -------------------------------------------------------------------------------------------

    def _number(self, layout: struct.Struct, what: str) -> Any:
        (value,) = self.file.unpack(layout, self.at, what[:80])
        self.at += layout.size
        return value

    def _count(self, what: str, most: int) -> int:
        value = self._number(U64, what)
        if value > most:
            raise self._damaged(f"{what} is {value}")
        return int(value)

    def _damaged(self, reason: str) -> CheckpointError:
        return CheckpointError(f"{self.file.path} is not a sound GGUF file: {reason}")
