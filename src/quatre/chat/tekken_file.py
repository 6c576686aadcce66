"""``tekken.json`` → what it says and the bytes of its tokens; and the same as tables, which are read at once.

The file is JSON with every token in base64: 0.3 s of work for 131,072 of them. ``quatre convert`` therefore writes
``tekken.tables`` beside it (docs/packed-files.md), which hold good for one content of ``tekken.json`` only.
"""

from __future__ import annotations

import json
import struct
import zlib
from binascii import a2b_base64
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

TABLES = "tekken.tables"
MAGIC = b"QTEKKEN\n"
VERSION = 1
START = struct.Struct("<8sI32sIII")  # magic, version, SHA-256 of tekken.json, CRC-32 of the rest, bytes of head, tokens
LENGTH, LENGTH_BYTES = "H", 2  # of a token
ENTRY = {"rank", "token_bytes", "token_str"}
DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)  # what reading a bad file raises
BYTES = [bytes([byte]) for byte in range(256)]  # what every vocabulary begins with


@dataclass(frozen=True)
class TekkenFile:
    """``head``: the file's JSON but for the vocabulary. ``pieces``: the bytes of each token that is text, by rank."""

    head: dict[str, Any]
    pieces: list[bytes]


def read_tekken(path: Path) -> TekkenFile:
    """From the tables beside the file if they were made of this very file. OSError or DAMAGE if it is damaged."""
    data = path.read_bytes()
    return _from_tables(path.with_name(TABLES), sha256(data).digest()) or _from_json(data)


def write_tables(folder: Path) -> None:
    """Write the tables of the ``tekken.json`` in a folder. OSError or DAMAGE if that is damaged."""
    data = (folder / "tekken.json").read_bytes()
    file = _from_json(data)
    head = json.dumps(file.head).encode()
    lengths = struct.pack(f"<{len(file.pieces)}{LENGTH}", *map(len, file.pieces))
    body = b"".join([head, lengths, *file.pieces])
    start = START.pack(MAGIC, VERSION, sha256(data).digest(), zlib.crc32(body), len(head), len(file.pieces))
    partial = folder / f"{TABLES}.partial"
    partial.write_bytes(start + body)
    partial.replace(folder / TABLES)


def _from_json(data: bytes) -> TekkenFile:
    head = json.loads(data)
    config, vocab = head["config"], head.pop("vocab")
    count = config["default_vocab_size"] - config["default_num_special_tokens"]  # files have more than models use
    if not len(BYTES) <= count <= len(vocab):
        raise ValueError(f"it has {len(vocab)} tokens, and {count} of them are to be used")
    for rank, entry in enumerate(vocab[:count]):
        if entry.keys() != ENTRY or entry["rank"] != rank:
            raise ValueError(f"its token {rank} is damaged")
    pieces = [a2b_base64(entry["token_bytes"]) for entry in vocab[:count]]
    if pieces[: len(BYTES)] != BYTES or len(set(pieces)) < count or b"" in pieces:
        raise ValueError("its tokens do not begin with all bytes, or some stand twice")
    return TekkenFile(head, pieces)


def _from_tables(path: Path, digest: bytes) -> TekkenFile | None:
    """None if there are none, or if they are damaged or of another file or version: one can do without."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) < START.size:
        return None
    magic, version, made_of, crc, head_size, count = START.unpack_from(data)
    if (magic, version, made_of) != (MAGIC, VERSION, digest) or zlib.crc32(memoryview(data)[START.size :]) != crc:
        return None
    lengths = START.size + head_size
    first = lengths + LENGTH_BYTES * count
    if first > len(data):
        return None
    ends = list(accumulate(struct.unpack(f"<{count}{LENGTH}", data[lengths:first]), initial=first))
    if ends[-1] != len(data):
        return None
    return TekkenFile(json.loads(data[START.size : lengths]), [data[a:b] for a, b in pairwise(ends)])
