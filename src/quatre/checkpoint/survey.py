"""What a checkpoint holds, without loading it: each tensor of the model with its format, shape, scales and bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from quatre.checkpoint.load import Stored, collect
from quatre.checkpoint.opened import Opened
from quatre.formats.base import StoredTensor
from quatre.formats.nvfp4 import NVFP4_BLOCKS
from quatre.formats.panels import PanelTensor
from quatre.formats.scales import BlockScales, GroupScales
from quatre.formats.stack import Found, Stack
from quatre.model.table import Kind, Row

IMAGES = "vision."  # what the names of an image encoder's rows begin with
EXPERTS = ".experts."  # in the name of every row of which a token uses only some matrices


@dataclass(frozen=True)
class Part:
    """One tensor of the model. ``scales`` says in words what stands beside the numbers; ``nbytes`` includes it.
    ``repeated``: its numbers are those of the embeddings, though it may have bytes of its own.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    format: str
    scales: str
    nbytes: int
    repeated: bool = False

    @property
    def parameters(self) -> int:
        """How many numbers; none for a tied head, which the embeddings count."""
        return 0 if self.repeated else prod(self.shape)


def survey(opened: Opened, stored: Stored | None = None) -> list[Part]:
    """Every tensor of the model, in order. CheckpointError as when loading. A tied head counts for nothing."""
    parts, seen = [], set()
    for row, tensor in collect(opened) if stored is None else stored:
        again = id(tensor) in seen
        seen.add(id(tensor))
        # GGUF files do not say whether a head that they have is the embeddings once more; packed, they do.
        tied = row.tied_to is not None and (opened.gguf_metadata is None or opened.tied_head)
        parts.append(replace(_part(row, tensor, 0 if again else tensor.nbytes), repeated=again or tied))
    return parts


def touched_bytes(parts: list[Part], experts: int, chosen: int) -> int:
    """Bytes of weights that one decoded token reads: of experts the chosen ones, of a table a row, no image encoder."""
    decoder = [part for part in parts if not part.name.startswith(IMAGES)]
    tied = any(part.nbytes == 0 for part in decoder)  # then the table is the head too
    whole = sum(part.nbytes for part in decoder if EXPERTS not in part.name and (tied or part.kind is not Kind.TABLE))
    routed = sum(part.nbytes for part in decoder if EXPERTS in part.name)
    return whole + (routed * chosen // experts if experts else 0)


def _part(row: Row, tensor: Found | PanelTensor, nbytes: int) -> Part:
    if isinstance(tensor, Stack):
        formats = sorted({part.format.name for part in tensor.parts})
        text = f"{len(tensor.parts)} tensors"
        scales = f"{text}, {_scales(tensor.parts[0])}" if tensor.parts[0].scales is not None else text
        return Part(row.name, row.kind, tensor.shape, ", ".join(formats), scales, nbytes)
    if isinstance(tensor, PanelTensor):
        scales = f"packed, a scale per {tensor.block} columns" if tensor.block else "packed"
        return Part(row.name, row.kind, tensor.shape, tensor.format.name, scales, nbytes)
    return Part(row.name, row.kind, tensor.shape, tensor.format.name, _scales(tensor), nbytes)


def _scales(tensor: StoredTensor) -> str:
    if tensor.format is NVFP4_BLOCKS:
        return "a scale per 16 columns" + (" and per matrix" if tensor.scales is not None else "")
    match tensor.scales:
        case BlockScales(_, rows, cols):
            whole = rows >= tensor.stored_shape[-2] and cols >= tensor.stored_shape[-1]
            return "a scale per matrix" if whole else f"a scale per {rows} x {cols}"
        case GroupScales():
            return "a scale per 16 columns and per matrix"
        case None:
            return ""
