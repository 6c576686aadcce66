"""The tensor table of a family: one row per tensor, with its shape and its name in each dialect of checkpoint.

Loaders walk the table, so a missing, surplus or misshapen tensor is found before anything is computed, and no
regular expression ever guesses a name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.formats.panels import PanelTensor
from quatre.formats.stack import Stack

T = TypeVar("T", StoredTensor, Stack, PanelTensor)


class Kind(Enum):
    """What the model does with a tensor, and so which method of the op set prepares it."""

    VECTOR = "vector"  # norm weights
    MATRIX = "matrix"  # projections and stacks of them
    TABLE = "table"  # embeddings: single rows are read
    HEADS = "heads"  # the per-head up-projections of latent attention


@dataclass(frozen=True)
class Source:
    """Where a dialect keeps a tensor: its name, and how to cut it out if it shares a tensor with others.

    With ``groups``, rows ``lo:hi`` of each of that many equal runs of rows are taken. ``transposed`` says that the
    file holds the transpose; ``flat`` that it has more dimensions than a matrix, which are read as one row each.
    """

    name: str
    groups: int | None = None
    lo: int = 0
    hi: int = 0
    transposed: bool = False
    count: int | None = None  # so many tensors, named with {} for 0, 1, …, are the entries of the leading dimension
    flat: bool = False

    def cut(self, tensor: StoredTensor) -> StoredTensor:
        """The part of ``tensor`` that this source names; a view."""
        if self.flat:
            tensor = replace(tensor, data=tensor.data.reshape(len(tensor.data), -1))
        if self.groups is not None:
            tensor = tensor.grouped_rows(self.groups, self.lo, self.hi)
        return tensor.swapped() if self.transposed else tensor


@dataclass(frozen=True)
class Row:
    """One tensor of the model.

    ``hf`` and ``gguf`` list where each dialect may keep it; the first that the file has is taken. ``hf`` names are
    relative to the decoder's prefix (``model.``, ``model.language_model.``, …); a leading ``/`` marks the few that
    stand outside it (``/lm_head.weight``), ``@`` those of the image encoder. When the file has none of them, the row
    ``tied_to`` serves instead (a tied head), or nothing if it is ``optional``; otherwise the checkpoint is incomplete.
    """

    name: str
    shape: tuple[int, ...]
    kind: Kind
    hf: tuple[Source, ...] = ()
    gguf: tuple[Source, ...] = ()
    tied_to: str | None = None
    native: tuple[Source, ...] = ()  # in Mistral's own form; by default the row's name and ``.weight``
    optional: bool = False

    def check(self, tensor: T) -> T:
        """``tensor`` itself, if its shape is the row's; CheckpointError otherwise."""
        if tensor.shape != self.shape:
            raise CheckpointError(
                f"tensor {tensor.name} has shape {list(tensor.shape)}, but the model header asks for "
                f"{list(self.shape)}: the header and the weights do not belong together"
            )
        return tensor
