"""A matrix as the CPU kernels stream it: panels of 16 interleaved rows (native/panels.h), ready to be mapped."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quatre.formats.base import Bytes, Format


@dataclass(frozen=True)
class PanelTensor:
    """One matrix or a stack of them, packed.

    ``format``: how the checkpoint stored the numbers. ``block``: columns that share a scale, for f8_e4m3. ``data``:
    uint8, aligned to 64 bytes. ``stored_shape`` and ``transposed``: as in
    :class:`~quatre.formats.base.StoredTensor`.
    """

    name: str
    format: Format
    block: int
    data: Bytes
    stored_shape: tuple[int, ...]
    transposed: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The logical shape, ``[..., out, in]``."""
        shape = self.stored_shape
        return (*shape[:-2], shape[-1], shape[-2]) if self.transposed else shape

    @property
    def nbytes(self) -> int:
        return self.data.nbytes

    def swapped(self) -> PanelTensor:
        """The same panels, read as the transpose of the last two dimensions."""
        return replace(self, transposed=not self.transposed)
