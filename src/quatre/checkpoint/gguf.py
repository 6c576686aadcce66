"""GGUF files: metadata and named views of the quantised tensors.

A reader of our own instead of the ``gguf`` package's, because it must be fast (a vocabulary of 131,072 tokens in a
fraction of a second) and must refuse a hostile file with a sentence; the package is the oracle in the tests.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from quatre.checkpoint.files import MappedFile, is_name
from quatre.errors import CheckpointError
from quatre.formats.base import Format, StoredTensor
from quatre.formats.registry import BY_GGML_TYPE, GGML_NAMES

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ARCHITECTURE = "general.architecture"  # by convention the first key

# Ten times what the largest known files have; a hostile file cannot make the reader work for long.
MOST_ENTRIES = 100_000  # of metadata, and of tensors
MOST_ELEMENTS = 4_000_000  # of all arrays together
NESTED_COST = 32  # an array in an array takes the time of so many elements
MOST_METADATA = 256 * 2**20  # bytes before the tensors' own
MOST_DEPTH = 4  # of arrays in arrays
MOST_DIMENSIONS = 4
MOST_ALIGNMENT = 2**16

SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
STRING, ARRAY = 8, 9
U32, U64 = SCALARS[4], SCALARS[10]


@dataclass(frozen=True)
class GGUF:
    """What a file says. Arrays are lists; tensors have row-major shapes, ``[out, in]``."""

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
    """Read one file. CheckpointError, in one sentence, for anything that is not a sound GGUF file."""
    return _Reader(MappedFile(path)).read()


def architecture(path: Path) -> str:
    """What a file says it is, without reading the rest; empty if it does not. CheckpointError if it is damaged."""
    return _Reader(MappedFile(path)).architecture()


@dataclass(frozen=True)
class _Entry:
    """What the file says of one tensor: its place is ``offset`` bytes into the tensors' part of the file."""

    name: str
    shape: tuple[int, ...]
    format: Format
    offset: int

    @property
    def size(self) -> int:
        return prod(self.shape[:-1]) * self.format.row_bytes(self.shape[-1])


class _Reader:
    """A cursor over a mapped file."""

    def __init__(self, file: MappedFile) -> None:
        self.file = file
        self.at = 0
        self.elements_left = MOST_ELEMENTS

    def read(self) -> GGUF:
        num_tensors, num_entries = self._beginning()
        metadata = self._metadata(num_entries)
        return GGUF(self.file.path, metadata, self._tensors(num_tensors, metadata))

    def architecture(self) -> str:
        for _ in range(self._beginning()[1]):
            key = self._name("a metadata key")
            value = self._value(self._number(U32, f"the type of {key}"), key, 0)
            if key == ARCHITECTURE:
                return str(value)
        return ""

    def _beginning(self) -> tuple[int, int]:
        """How many tensors and metadata entries follow."""
        if self.file.slice(0, 4, "the magic").tobytes() != MAGIC:
            raise self._damaged("it does not begin with GGUF")
        self.at = 4
        self._check_version(self._number(U32, "the version"))
        return self._count("the number of tensors"), self._count("the number of metadata entries")

    def _check_version(self, version: int) -> None:
        if version in VERSIONS:
            return
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        kind = "a big-endian GGUF file" if swapped in (1, *VERSIONS) else f"GGUF version {version}"
        raise CheckpointError(f"{self.file.path} is {kind}; only little-endian files of version 2 or 3 can be read")

    # -- Metadata ----------------------------------------------------------------------------------------------

    def _metadata(self, count: int) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        for _ in range(count):
            key = self._name("a metadata key")
            if key in metadata:
                raise self._damaged(f"the metadata key {key} stands twice")
            metadata[key] = self._value(self._number(U32, f"the type of {key}"), key, 0)
        return metadata

    def _value(self, kind: int, key: str, depth: int) -> Any:
        if kind in SCALARS:
            return self._number(SCALARS[kind], key)
        if kind == STRING:
            return self._string(key)
        if kind == ARRAY and depth < MOST_DEPTH:
            return self._array(key, depth)
        raise self._damaged(f"the metadata key {key} has the unknown type {kind}")

    def _array(self, key: str, depth: int) -> list[Any]:
        kind = self._number(U32, key)
        count = self._number(U64, key)
        self.elements_left -= count * (NESTED_COST if kind == ARRAY else 1)
        if self.elements_left < 0:
            raise self._damaged(f"the array {key} claims {count} elements, more than any tokenizer has")
        if kind in SCALARS:
            layout = SCALARS[kind]
            start = self._take(count * layout.size, f"the array {key}")
            values: list[Any] = np.frombuffer(self.file.raw, layout.format, count, start).tolist()
            return values
        if kind == STRING:
            return self._strings(count, key)
        return [self._value(kind, key, depth + 1) for _ in range(count)]

    def _strings(self, count: int, key: str) -> list[str]:
        """A vocabulary has a hundred thousand of these: no method calls in this loop."""
        raw, at, length = self.file.raw, self.at, U64.unpack_from
        end = min(len(self.file), MOST_METADATA)
        strings: list[str] = []
        try:
            for _ in range(count):
                start = at + U64.size
                stop = start + length(raw, at)[0] if start <= end else start
                if stop > end:
                    break
                strings.append(str(raw[start:stop], "utf-8"))
                at = stop
        except UnicodeDecodeError as error:
            raise self._damaged(f"{key} holds a text that is not UTF-8") from error
        self._take(stop - self.at if count else 0, f"the array {key}")
        return strings

    # -- Tensors -----------------------------------------------------------------------------------------------

    def _tensors(self, count: int, metadata: dict[str, Any]) -> dict[str, StoredTensor]:
        alignment = metadata.get("general.alignment", 32)
        if type(alignment) is not int or not 0 < alignment <= MOST_ALIGNMENT:
            raise self._damaged(f"general.alignment is {alignment!r:.80}")
        entries = [self._entry() for _ in range(count)]
        self._check_layout(entries, alignment)
        start = -(-self.at // alignment) * alignment
        tensors: dict[str, StoredTensor] = {}
        for entry in entries:
            if entry.name in tensors:
                raise self._damaged(f"the tensor {entry.name} stands twice")
            data = self.file.slice(start + entry.offset, entry.size, f"the tensor {entry.name}")
            name = f"{entry.name} of {self.file.path}"
            tensors[entry.name] = StoredTensor.from_buffer(name, entry.format, entry.shape, data)
        return tensors

    def _entry(self) -> _Entry:
        name = self._name("a tensor's name")
        dimensions = self._number(U32, f"the shape of {name}")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise self._damaged(f"the tensor {name} claims {dimensions} dimensions")
        shape = tuple(self._number(U64, f"the shape of {name}") for _ in range(dimensions))[::-1]
        fmt = self._format(self._number(U32, f"the type of {name}"), name)
        if 0 in shape or shape[-1] % fmt.group:
            raise self._damaged(f"the tensor {name} of type {fmt.name} cannot have the shape {list(shape)}")
        return _Entry(name, shape, fmt, self._number(U64, f"the offset of {name}"))

    def _check_layout(self, entries: list[_Entry], alignment: int) -> None:
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.offset):
            if entry.offset % alignment or entry.offset < end:
                raise self._damaged(f"the tensor {entry.name} is not aligned or overlaps another one")
            end = entry.offset + entry.size

    def _format(self, number: int, name: str) -> Format:
        if number in BY_GGML_TYPE:
            return BY_GGML_TYPE[number]
        known = sorted(fmt.name.upper() for fmt in BY_GGML_TYPE.values())
        raise CheckpointError(
            f"{self.file.path}: tensor {name} has type {GGML_NAMES.get(number, number)}, which is not supported; "
            f"supported are {', '.join(known)}"
        )

    # -- Small parts -------------------------------------------------------------------------------------------

    def _take(self, size: int, what: str) -> int:
        """Step over ``size`` bytes that must be there; returns where they begin."""
        start, self.at = self.at, self.at + size
        self.file.check(start, size, what)
        if self.at > MOST_METADATA:
            raise self._damaged(f"its metadata is longer than {MOST_METADATA} bytes")
        return start

    def _number(self, layout: struct.Struct, what: str) -> Any:
        return layout.unpack_from(self.file.raw, self._take(layout.size, what))[0]

    def _count(self, what: str) -> int:
        count: int = self._number(U64, what)
        if count > MOST_ENTRIES:
            raise self._damaged(f"{what} is {count}")
        return count

    def _string(self, what: str) -> str:
        size = self._number(U64, what)
        start = self._take(size, what)
        try:
            return str(self.file.raw[start : start + size], "utf-8")
        except UnicodeDecodeError as error:
            raise self._damaged(f"{what} is not UTF-8 text") from error

    def _name(self, what: str) -> str:
        name = self._string(what)
        if not is_name(name):
            raise self._damaged(f"{name[:80]!r} cannot be {what}")
        return name

    def _damaged(self, reason: str) -> CheckpointError:
        return CheckpointError(f"{self.file.path} is not a sound GGUF file: {reason}")
