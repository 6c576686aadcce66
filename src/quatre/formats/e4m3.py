"""The 256 values of 8-bit floats with 4 bits of exponent, for weights and for the scales of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _values() -> NDArray[np.float32]:
    """All 256 codes: sign, 4 bits of exponent (bias 7), 3 of fraction; no infinity, all ones is NaN (model.md 4.1)."""
    code = np.arange(128)
    exponent, fraction = code >> 3, (code & 7).astype(np.float32)
    normal = np.ldexp(fraction + np.float32(8), exponent - 10)
    values = np.where(exponent == 0, np.ldexp(fraction, -9), normal).astype(np.float32)
    values[127] = np.nan
    return np.concatenate((values, -values))


E4M3_VALUES = _values()
E4M3_LARGEST = np.float32(448)


def e4m3_codes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest codes, ties to the even one; what is larger than 448 becomes 448, NaN stays NaN."""
    magnitudes = E4M3_VALUES[:127]
    clipped = np.minimum(np.abs(values), E4M3_LARGEST)
    above = np.searchsorted(magnitudes, clipped).clip(1, 126)  # the first code that is not smaller
    below = above - 1
    up, down = magnitudes[above] - clipped, clipped - magnitudes[below]
    nearest = np.where((up < down) | ((up == down) & (above % 2 == 0)), above, below)
    signs = np.where(np.signbit(values), 128, 0)
    codes: NDArray[np.uint8] = (np.where(np.isnan(values), 127, nearest) | signs).astype(np.uint8)
    return codes
