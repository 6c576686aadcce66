"""Scales that a checkpoint keeps beside the bytes of a tensor: one per block of numbers, or two levels of them.

Both kinds follow their tensor when it is cut. Neither is ever folded into the bytes: the numbers stay those of the
checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd, prod

import numpy as np
from numpy.typing import NDArray

from quatre.formats.e4m3 import E4M3_VALUES

GROUP = 16  # columns that share a scale in NVFP4
LARGEST_MAGNITUDE = np.float32(480)
MAGNITUDES = np.append(E4M3_VALUES[:127], LARGEST_MAGNITUDE)


@dataclass(frozen=True)
class BlockScales:
    """number · ``values`` of its block (model.md 4.1; block by block in DeepSeek's and Mistral Large 3's form).

    ``values``: float32 ``[*leading, blocks of rows, blocks of columns]``. A block has ``rows`` × ``cols`` numbers, the
    last ones of a matrix perhaps fewer. One scale for a whole matrix is a block as large as the matrix.
    """

    values: NDArray[np.float32]
    rows: int
    cols: int

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def __getitem__(self, index: int | slice) -> BlockScales:
        return replace(self, values=self.values[index])

    def grouped_rows(self, shape: tuple[int, ...], groups: int, lo: int, hi: int) -> BlockScales:
        """The scales of rows ``lo:hi`` of each of ``groups`` runs of rows of a tensor of ``shape``."""
        *lead, rows, _ = shape
        run = prod(lead) * rows // groups
        step = gcd(self.rows, rows, run, lo, hi)  # the tallest blocks that no cut divides
        fine = self.values.repeat(self.rows // step, -2)[..., : rows // step, :]
        cut = fine.reshape(groups, run // step, -1)[:, lo // step : hi // step]
        return BlockScales(np.ascontiguousarray(cut), step, self.cols)

    def apply(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """``numbers`` ``[*leading, rows, cols]``, scaled; one float32 rounding."""
        rows, cols = numbers.shape[-2:]
        if self.rows >= rows and self.cols >= cols:
            return numbers * self.values
        return numbers * self.values.repeat(self.rows, -2)[..., :rows, :].repeat(self.cols, -1)[..., :cols]


@dataclass(frozen=True)
class GroupScales:
    """number · group's scale · factor, in this order (NVFP4, model.md 4.2). The first product is exact in float32.

    ``groups``: e4m3 codes, uint8 ``[*leading, rows, cols / 16]``. ``factors``: float32 ``[*leading]``, multipliers.
    ``magnitudes``: the codes have no sign, and 127 is :data:`LARGEST_MAGNITUDE` instead of NaN, as GGUF files can say.
    """

    groups: NDArray[np.uint8]
    factors: NDArray[np.float32]
    magnitudes: bool = False

    @property
    def nbytes(self) -> int:
        return self.groups.nbytes + self.factors.nbytes

    def __getitem__(self, index: int | slice) -> GroupScales:
        return replace(self, groups=self.groups[index], factors=self.factors[index])

    def grouped_rows(self, shape: tuple[int, ...], groups: int, lo: int, hi: int) -> GroupScales:
        """The scales of rows ``lo:hi`` of each of ``groups`` runs of rows; every run lies in one matrix."""
        *lead, rows, _ = shape
        run = prod(lead) * rows // groups
        if rows % run:
            raise ValueError(f"runs of {run} rows cross matrices of {rows} rows, which have a factor each")
        cut = self.groups.reshape(groups, run, -1)[:, lo:hi]
        factors = np.ascontiguousarray(self.factors.reshape(-1).repeat(rows // run))
        return replace(self, groups=cut, factors=factors)

    def apply(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """``numbers`` ``[*leading, rows, cols]``, scaled."""
        values = MAGNITUDES if self.magnitudes else E4M3_VALUES
        grouped = numbers.reshape(*self.groups.shape, GROUP) * values[self.groups][..., None]
        return grouped.reshape(numbers.shape) * self.factors[..., None, None]


Scales = BlockScales | GroupScales
