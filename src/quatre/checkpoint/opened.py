"""A checkpoint whose header is read and whose tensors are mapped, in whatever dialect it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import F32
from quatre.formats.panels import PanelTensor
from quatre.formats.stack import Found, Stack
from quatre.model import pixtral
from quatre.model.decoder import Family
from quatre.model.pixtral import PixtralConfig
from quatre.model.table import Row, Source

Dialect = Literal["hf", "native", "gguf", "packed"]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a loader needs to know of a checkpoint, before any weight is prepared.

    ``prefix``, ``head_prefix`` and ``vision_prefix`` stand before the names of the decoder's tensors, of those outside
    it, and of the image encoder's (Hugging Face files). ``vision``: the image encoder's configuration, if there is one
    that can be read; ``vision_problem``: why not; ``encoder``: its file, if it has one of its own.
    ``end_ids``: tokens that end a text. ``header``: what config.json, params.json or a GGUF's metadata say.
    ``gguf_metadata``: for the tokenizer, if the file is a GGUF. ``panels``: by row name, in a packed file;
    ``tied_head``: whether one says that its head is the embeddings once more.
    """

    path: Path
    source: Dialect
    family: Family
    config: Any
    tensors: Mapping[str, StoredTensor]
    end_ids: frozenset[int]
    header: Mapping[str, Any]
    prefix: str = ""
    head_prefix: str = ""
    vision_prefix: str = ""
    vision: PixtralConfig | None = None
    vision_problem: str = ""
    encoder: Path | None = None
    gguf_metadata: Mapping[str, Any] | None = None
    panels: Mapping[str, PanelTensor] = field(default_factory=dict)
    tied_head: bool = False

    @property
    def is_float32(self) -> bool:
        """Whether every matrix is stored in float32: then someone cares for its bits."""
        tensors: tuple[StoredTensor | PanelTensor, ...] = (*self.tensors.values(), *self.panels.values())
        return all(tensor.format is F32 for tensor in tensors if len(tensor.shape) > 1)

    def find(self, row: Row) -> Found | PanelTensor | None:
        """The tensor of a row, cut to its shape, or None if the checkpoint does not have it."""
        if row.name in self.panels:
            return row.check(self.panels[row.name])
        for source in self.sources(row):
            parts = [self.tensors[name] for name in self.stored_names(source) if name in self.tensors]
            if source.count is not None and len(parts) == source.count:
                return row.check(Stack(f"{row.name} of {self.path}", tuple(parts)))
            if source.count is None and parts:
                return row.check(source.cut(parts[0]))
        return None

    def sources(self, row: Row) -> tuple[Source, ...]:
        """Where this dialect may keep the row."""
        if self.source == "packed":
            return (Source(row.name),)
        if self.source == "native":
            return row.native or (Source(f"{row.name}.weight"),)
        return row.hf if self.source == "hf" else row.gguf

    def stored_names(self, source: Source) -> list[str]:
        """The full names of all tensors that a source gathers."""
        name = self.stored_name(source)
        return [name] if source.count is None else [name.format(i) for i in range(source.count)]

    def rows(self) -> Iterator[Row]:
        """Every tensor of the model, its image encoder's included."""
        yield from self.family.table(self.config)
        if self.vision is not None:
            yield from pixtral.table(self.vision)

    def stored_name(self, source: Source) -> str:
        """The full name that a source has in this checkpoint."""
        if source.name.startswith("/"):
            return self.head_prefix + source.name[1:]
        if source.name.startswith("@"):
            return self.vision_prefix + source.name[1:]
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
