"""What a stored tensor is: bytes, a shape, and the format that says what the bytes mean.

A format stores a matrix row by row; a row of ``cols`` numbers takes ``cols // group * group_bytes`` bytes and can
be decoded alone. Leading dimensions (experts, heads) are plain repetition. That is all that loaders, op back ends
and converters need to agree on. The decoders here are the definition of each format (NumPy, exact in float32);
kernels are tested against them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from quatre.errors import CheckpointError
from quatre.formats.scales import Scales

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Format:
    """One way to store numbers.

    ``group``: how many consecutive numbers of a row are encoded together. ``group_bytes``: how many bytes they take.
    ``decode``: uint8 ``[..., n * group_bytes]`` → float32 ``[..., n * group]``, exact.
    ``encode``: the way back (rounding to nearest), or None for formats that we only read.
    """

    name: str
    group: int
    group_bytes: int
    decode: Callable[[Bytes], Floats]
    encode: Callable[[Floats], Bytes] | None = None

    def row_bytes(self, cols: int) -> int:
        """Bytes of a row of ``cols`` numbers. Raises CheckpointError if a row is not a whole number of groups."""
        if cols % self.group:
            raise CheckpointError(f"{self.name} stores groups of {self.group} numbers, but a row has {cols}")
        return cols // self.group * self.group_bytes


@dataclass(frozen=True)
class StoredTensor:
    """A named tensor as its file holds it; usually a view of a memory-mapped file, never a copy.

    ``data``: uint8 ``[*leading, rows, row_bytes]`` (``[row_bytes]`` for a vector), possibly strided.
    ``transposed``: the logical tensor is the decoded one with its last two dimensions swapped (GGUF stores the key
    up-projection of latent attention that way, model.md 4.3).
    ``scales``: what multiplies the numbers of ``data``, for formats that keep it beside them.
    """

    name: str
    format: Format
    data: Bytes
    transposed: bool = False
    scales: Scales | None = None

    @staticmethod
    def from_buffer(name: str, fmt: Format, shape: tuple[int, ...], buffer: Bytes) -> StoredTensor:
        """Give a flat uint8 buffer its shape. ``shape`` is row-major, ``[out, in]`` for a matrix."""
        row_bytes = fmt.row_bytes(shape[-1]) if shape else fmt.row_bytes(1)
        lead = shape[:-1] if shape else ()
        if buffer.nbytes != prod(lead) * row_bytes:
            raise CheckpointError(
                f"tensor {name}: {buffer.nbytes} bytes in the file, but {fmt.name} {list(shape)} needs "
                f"{prod(lead) * row_bytes}"
            )
        return StoredTensor(name, fmt, buffer.reshape(*lead, row_bytes))

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The shape as decoded, before ``transposed`` is applied."""
        return (*self.data.shape[:-1], self.data.shape[-1] // self.format.group_bytes * self.format.group)

    @property
    def shape(self) -> tuple[int, ...]:
        """The logical shape, ``[..., out, in]``."""
        shape = self.stored_shape
        return (*shape[:-2], shape[-1], shape[-2]) if self.transposed else shape

    @property
    def nbytes(self) -> int:
        return self.data.nbytes + (self.scales.nbytes if self.scales is not None else 0)

    def grouped_rows(self, groups: int, lo: int, hi: int) -> StoredTensor:
        """Rows ``lo:hi`` of each of ``groups`` equal runs of rows, as ``[groups, hi - lo, cols]``; no copy.

        Cuts the heads of a fused projection apart, or the gate half from a fused gate/up matrix.
        """
        *lead, row_bytes = self.data.shape
        rows = prod(lead)
        if rows % groups or not 0 <= lo < hi <= rows // groups:
            raise CheckpointError(f"tensor {self.name}: {rows} rows cannot be cut into {groups} groups of {lo}:{hi}")
        scales = self.scales
        if scales is not None:
            scales = scales.grouped_rows(self.stored_shape, groups, lo, hi)
        return replace(self, data=self.data.reshape(groups, rows // groups, row_bytes)[:, lo:hi], scales=scales)

    def swapped(self) -> StoredTensor:
        """The same bytes, read as the transpose of the last two dimensions."""
        return replace(self, transposed=not self.transposed)

    def __getitem__(self, index: int | slice) -> StoredTensor:
        """One entry (or a range) of the leading dimension; no copy."""
        if self.scales is None:
            return replace(self, data=self.data[index])
        if self.data.ndim < 3:
            raise IndexError(f"tensor {self.name} has no leading dimension, and single rows share scales with others")
        return replace(self, data=self.data[index], scales=self.scales[index])

    def decode(self) -> Floats:
        """All numbers in float32, in the logical shape. Exact for every format."""
        values = self.format.decode(np.ascontiguousarray(self.data))
        if self.scales is not None:
            values = self.scales.apply(values)
        return np.ascontiguousarray(values.swapaxes(-1, -2)) if self.transposed else values
