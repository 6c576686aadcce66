"""JSON from a checkpoint, as an object, with the few things that JSON parsers let pass refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from quatre.checkpoint.files import refuse_pointer
from quatre.errors import CheckpointError

# 60,000 tensors take 8 MB of header and 180,000 lists and objects.
MOST_BYTES = 32 * 2**20
MOST_CONTAINERS = 1_000_000
MOST_DEPTH = 32


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file. CheckpointError names the file and what is wrong with it."""
    try:
        refuse_pointer(path)
        if path.stat().st_size > MOST_BYTES:
            raise CheckpointError(f"{path} is larger than any JSON file of a checkpoint; it was not read")
        return parse_object(path.read_bytes(), path)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error


def parse_object(data: bytes, path: Path) -> dict[str, Any]:
    """The same from bytes that stand in ``path``."""
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS:
        raise CheckpointError(f"{path} is damaged: its JSON has more than {MOST_CONTAINERS} lists and objects")
    try:
        value = json.loads(data, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        _check_depth(value)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: its JSON cannot be parsed ({str(error)[:120]})") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is damaged: expected a JSON object")
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {twice!r:.80} stands twice")
    return result


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_DEPTH):
        nested = [v for v in level if isinstance(v, dict | list)]
        level = [child for v in nested for child in (v.values() if isinstance(v, dict) else v)]
        if not level:
            return
    raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels")
