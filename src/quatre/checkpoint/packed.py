"""Packed files: weights as the CPU kernels stream them, mapped and used where they lie (docs/packed-files.md).

    8 bytes   the magic
    u32       version
    u32       CRC-32 of the header
    u64       bytes of the header
    u64       bytes of the whole file
    header    JSON: what the source's own header says, and each tensor's place
    tensors   each at a multiple of 4096

Every number of the header is checked before it is used; panels are then read without looking at them again, so loading
takes the same time whatever their size. :func:`verify` reads everything.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

from quatre.checkpoint import from_gguf, from_hf, from_native
from quatre.checkpoint.files import MappedFile, is_name
from quatre.checkpoint.jsonfile import parse_object
from quatre.checkpoint.opened import Opened
from quatre.errors import CheckpointError
from quatre.formats.base import Bytes, StoredTensor
from quatre.formats.panels import PanelTensor
from quatre.formats.registry import BY_NAME
from quatre.model import pixtral
from quatre.model.header import MOST, Header

PACKED = "model.quatre"
PARTIAL = ".partial"  # behind the name of a file that is still written, or was never finished
BESIDE = (
    "tekken.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "SYSTEM_PROMPT.txt",
)
"""Small files that a model needs beside its weights."""

MAGIC = b"QUATRE\r\n"
VERSION = 1  # of this layout and of the panels in it
START = struct.Struct("<8sIIQQ")
ALIGNMENT = 4096
MOST_HEADER = 256 * 2**20
DESCRIBE = {"hf": from_hf.describe, "native": from_native.describe, "gguf": from_gguf.describe}
DESCRIBE_VISION = {
    "hf": pixtral.config_from_hf,
    "native": pixtral.config_from_native,
    "gguf": pixtral.config_from_gguf,
}
CHUNK = 16 * 2**20


@dataclass(frozen=True)
class Entry:
    """One tensor of a packed file: panels, or the plain rows of a format (vectors and tables)."""

    name: str
    format: str
    shape: tuple[int, ...]  # as stored
    transposed: bool
    block: int
    panels: bool
    offset: int
    nbytes: int
    crc32: int

    def as_json(self) -> dict[str, Any]:
        """The entry as the header has it. Its length does not depend on the checksum."""
        fields = {key: value for key, value in asdict(self).items() if key != "name"}
        return fields | {"crc32": f"{self.crc32:08x}"}


def pack_header(header: dict[str, Any], size: int) -> bytes:
    """What a file of ``size`` bytes begins with."""
    text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    return START.pack(MAGIC, VERSION, zlib.crc32(text), len(text), size) + text


def is_packed(path: Path) -> bool:
    """Whether the file begins like a packed one."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def open_packed(path: Path) -> Opened:
    """Read the header and map the tensors. CheckpointError or ConfigError for anything that is not sound."""
    file = MappedFile(path)
    header = _header(file)
    entries = _entries(file, header)
    source, told = header.get("source"), header.get("header")
    if not isinstance(source, str) or source not in DESCRIBE or not isinstance(told, dict):
        raise _damaged(path, f"its source is {source!r:.40}")
    family, config = DESCRIBE[source](str(path), told)
    vision = None
    if header.get("vision"):
        vision = DESCRIBE_VISION[source](Header(told, str(path)), config.dim, config.norm_eps)
    ends = header.get("end_ids")
    if not isinstance(ends, list) or not all(type(end) is int for end in ends):
        raise _damaged(path, "its end_ids are no list of tokens")
    return Opened(
        path=path,
        source="packed",
        family=family,
        config=config,
        tensors={entry.name: _stored(file, entry) for entry in entries if not entry.panels},
        panels={entry.name: _panels(file, entry) for entry in entries if entry.panels},
        end_ids=frozenset(ends),
        header=told,
        vision=vision,
        gguf_metadata=told if source == "gguf" else None,
        tied_head=header.get("tied_head") is True,
    )


def verify(path: Path) -> Iterator[int]:
    """Read every tensor and compare its checksum; yields bytes as they are done. CheckpointError names a bad one."""
    file = MappedFile(path)
    for entry in _entries(file, _header(file)):
        crc = 0
        for start in range(0, entry.nbytes, CHUNK):
            piece = file.slice(entry.offset + start, min(CHUNK, entry.nbytes - start), entry.name)
            crc = zlib.crc32(piece.data, crc)
            yield len(piece)
        if crc != entry.crc32:
            raise _damaged(path, f"the checksum of {entry.name} is wrong")


# -- The header ----------------------------------------------------------------------------------------------------


def _header(file: MappedFile) -> dict[str, Any]:
    path = file.path
    magic, version, crc, size, whole = START.unpack(file.slice(0, START.size, "the beginning").tobytes())
    if magic != MAGIC:
        raise _damaged(path, "it does not begin like one")
    if version != VERSION:
        raise CheckpointError(
            f"{path} is a packed file of version {version}, this program reads {VERSION}: convert the model again"
        )
    if whole != len(file):
        raise CheckpointError(f"{path} is truncated or damaged: it has {len(file)} bytes and should have {whole}")
    if size > MOST_HEADER:
        raise _damaged(path, f"its header claims {size} bytes")
    data = file.slice(START.size, size, "the header").tobytes()
    if zlib.crc32(data) != crc:
        raise _damaged(path, "the checksum of its header is wrong")
    return parse_object(data, path)


def _entries(file: MappedFile, header: dict[str, Any]) -> list[Entry]:
    listed = header.get("tensors")
    if not isinstance(listed, dict):
        raise _damaged(file.path, "it lists no tensors")
    return [_entry(file, name, fields) for name, fields in listed.items()]


def _entry(file: MappedFile, name: str, fields: Any) -> Entry:
    if not is_name(name) or not isinstance(fields, dict):
        raise _damaged(file.path, f"{name[:80]!r} cannot be a tensor")
    shape: Any = fields.get("shape")
    numbers: Any = [fields.get(key) for key in ("block", "offset", "nbytes")]
    if not isinstance(shape, list) or not 1 <= len(shape) <= 3 or not all(type(n) is int for n in (*shape, *numbers)):
        raise _damaged(file.path, f"the tensor {name} has no place")
    block, offset, nbytes = numbers
    crc: Any = fields.get("crc32")
    if not all(0 < n <= MOST for n in shape) or not 0 <= block <= MOST or offset % ALIGNMENT or not _is_crc(crc):
        raise _damaged(file.path, f"the tensor {name} has an impossible place")
    if fields.get("format") not in BY_NAME:
        raise _damaged(file.path, f"the tensor {name} has the format {fields.get('format')!r:.40}")
    transposed, panels = bool(fields.get("transposed")), bool(fields.get("panels"))
    file.check(offset, nbytes, f"the tensor {name}")
    return Entry(name, fields["format"], tuple(shape), transposed, block, panels, offset, nbytes, int(crc, 16))


def _is_crc(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 8 and all(c in "0123456789abcdef" for c in text)


# -- Tensors -------------------------------------------------------------------------------------------------------


def _panels(file: MappedFile, entry: Entry) -> PanelTensor:
    from quatre.ops._native import Matrix

    count, rows, cols = (1, *entry.shape)[-3:]
    try:
        expected = Matrix.panels_nbytes(entry.format, entry.block, count, rows, cols)
    except (ValueError, TypeError) as error:
        raise _damaged(file.path, f"the tensor {entry.name}: {error}") from error
    if expected != entry.nbytes:
        raise _damaged(file.path, f"the tensor {entry.name} has {entry.nbytes} bytes and should have {expected}")
    name = f"{entry.name} of {file.path}"
    return PanelTensor(name, BY_NAME[entry.format], entry.block, _data(file, entry), entry.shape, entry.transposed)


def _stored(file: MappedFile, entry: Entry) -> StoredTensor:
    data = _data(file, entry)
    if len(entry.shape) == 1 and zlib.crc32(data.data) != entry.crc32:  # read at once anyway
        raise _damaged(file.path, f"the checksum of {entry.name} is wrong")
    if prod(entry.shape) == 0:
        raise _damaged(file.path, f"the tensor {entry.name} is empty")
    return StoredTensor.from_buffer(f"{entry.name} of {file.path}", BY_NAME[entry.format], entry.shape, data)


def _data(file: MappedFile, entry: Entry) -> Bytes:
    return file.slice(entry.offset, entry.nbytes, f"the tensor {entry.name}")


def _damaged(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(f"{path} is not a sound packed file: {reason}; convert the model again")
