"""A checkpoint whose header is read and whose tensors are mapped, in whatever dialect it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import F32
from quatre.model.decoder import Family
from quatre.model.table import Row, Source

Dialect = Literal["hf", "gguf"]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a loader needs to know of a checkpoint, before any weight is prepared.

    ``prefix`` and ``head_prefix`` stand before the names of the decoder's tensors and of those outside it (Hugging
    Face files). ``end_ids``: tokens that end a text. ``gguf_metadata``: for the tokenizer, if the file is a GGUF.
    """

    path: Path
    source: Dialect
    family: Family
    config: Any
    tensors: Mapping[str, StoredTensor]
    end_ids: frozenset[int]
    prefix: str = ""
    head_prefix: str = ""
    gguf_metadata: Mapping[str, Any] | None = None

    @property
    def is_float32(self) -> bool:
        """Whether every matrix is stored in float32: then someone cares for its bits."""
        return all(tensor.format is F32 for tensor in self.tensors.values() if len(tensor.shape) > 1)

    def find(self, row: Row) -> StoredTensor | None:
        """The tensor of a row, cut to its shape, or None if the checkpoint does not have it."""
        for source in self.sources(row):
            tensor = self.tensors.get(self.stored_name(source))
            if tensor is not None:
                return row.check(source.cut(tensor))
        return None

    def sources(self, row: Row) -> tuple[Source, ...]:
        """Where this dialect may keep the row."""
        return row.hf if self.source == "hf" else row.gguf

    def stored_name(self, source: Source) -> str:
        """The full name that a source has in this checkpoint."""
        if source.name.startswith("/"):
            return self.head_prefix + source.name[1:]
        return self.prefix + source.name


def family_of(where: str, announced: object, known: Mapping[str, Family]) -> Family:
    """The family that a header announces. CheckpointError lists those that there are."""
    if isinstance(announced, str) and announced in known:
        return known[announced]
    raise CheckpointError(
        f"{where}: models of type {str(announced)[:80]!r} are not supported; supported are {', '.join(sorted(known))}"
    )


def token_ids(value: object) -> frozenset[int]:
    """The token ids in a header's field, which may be one, a list or nothing."""
    values = value if isinstance(value, list) else [value]
    return frozenset(v for v in values if type(v) is int and v >= 0)
