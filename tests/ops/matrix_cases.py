"""Random stored matrices in every format that has kernels, and float64 references for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME

SPECIAL_SCALES = {"iq4_nl": (0,), "q5_k": (0, 2)}  # formats without an encoder: where their float16 scales are


def stored(name: str, *shape: int, seed: int = 0) -> StoredTensor:
    """A random matrix (or stack) of about unit row norm, stored in the named format."""
    rng = np.random.default_rng(seed)
    fmt = BY_NAME[name]
    if fmt.encode is not None and name not in SPECIAL_SCALES:
        data = fmt.encode((rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32))
    else:
        data = rng.integers(0, 256, (*shape[:-1], fmt.row_bytes(shape[-1])), dtype=np.uint8)
        blocks = data.reshape(-1, fmt.group_bytes)
        for at in SPECIAL_SCALES[name]:
            blocks[:, at : at + 2] = np.array([0.001], np.float16).view(np.uint8)
    return StoredTensor.from_buffer(name, fmt, shape, np.ascontiguousarray(data).reshape(-1))


def inputs(*shape: int, seed: int = 1) -> NDArray[np.float32]:
    """Standard normal float32 numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def product(x: NDArray[np.float32], w: StoredTensor) -> NDArray[np.float64]:
    """``x · wᵀ`` in float64 over the decoded weights."""
    result: NDArray[np.float64] = x.astype(np.float64) @ w.decode().astype(np.float64).T
    return result


# Relative error of a product, by what the inputs are rounded to. Rounding a number to b bits below the largest of its
# group costs about 2^-b / sqrt(3) of that largest; measured values are half of these bounds.
TOLERANCE = {"f32": 2e-6, "f16": 2e-6, "bf16": 4e-3}
QUANTISED_TOLERANCE = 1.2e-2


def tolerance(name: str) -> float:
    """The bound on ``|y - reference| / |reference|`` for a format."""
    return TOLERANCE.get(name, QUANTISED_TOLERANCE)
