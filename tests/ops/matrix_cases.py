"""Random stored matrices in every format that has kernels, and float64 references for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from random_blocks import random_blocks


def stored(name: str, *shape: int, seed: int = 0) -> StoredTensor:
    """A random matrix (or stack) of about unit row norm, stored in the named format."""
    rng = np.random.default_rng(seed)
    fmt = BY_NAME[name]
    if fmt.encode is not None:
        data = fmt.encode((rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32))
    else:
        data = random_blocks(fmt, shape, seed)
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
