"""Matrices of one shape that a checkpoint keeps apart (experts), and that are wanted together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quatre.formats.base import StoredTensor
from quatre.formats.floats import f32_tensor
from quatre.formats.scales import BlockScales, GroupScales, Scales


@dataclass(frozen=True)
class Stack:
    """``parts[i]`` is entry i of the leading dimension. Nothing is copied before :meth:`join`."""

    name: str
    parts: tuple[StoredTensor, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all parts together. If one is odd, its own, so that no shape that is asked for equals it."""
        first = self.parts[0].shape
        return (len(self.parts), *next((part.shape for part in self.parts if part.shape != first), first))

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in self.parts)

    def join(self) -> StoredTensor:
        """One tensor, a copy. In float32 where the parts are not all stored in one way."""
        first = self.parts[0]
        if any(_kind(part) != _kind(first) for part in self.parts):
            return f32_tensor(self.name, np.stack([part.decode() for part in self.parts]))
        data = np.stack([part.data for part in self.parts])
        return StoredTensor(self.name, first.format, data, scales=_joined([part.scales for part in self.parts]))


def _kind(part: StoredTensor) -> tuple[object, ...]:
    blocks = (part.scales.rows, part.scales.cols) if isinstance(part.scales, BlockScales) else None
    magnitudes = isinstance(part.scales, GroupScales) and part.scales.magnitudes
    return part.format.name, type(part.scales), blocks, magnitudes


def _joined(scales: list[Scales | None]) -> Scales | None:
    blocks = [s for s in scales if isinstance(s, BlockScales)]
    groups = [s for s in scales if isinstance(s, GroupScales)]
    if blocks:
        return BlockScales(np.stack([s.values for s in blocks]), blocks[0].rows, blocks[0].cols)
    if groups:
        joined = np.stack([s.groups for s in groups])
        return replace(groups[0], groups=joined, factors=np.stack([s.factors for s in groups]))
    return None


Found = StoredTensor | Stack
