"""Small parts that the block formats share: cutting rows into blocks, float16 fields, nibbles."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Bytes, Floats

T = TypeVar("T", np.uint8, np.float32)


def blocks_of(data: Bytes, size: int) -> Bytes:
    """uint8 ``[..., n * size]`` → ``[all blocks, size]``."""
    return np.ascontiguousarray(data).reshape(-1, size)


def rows_of(like: NDArray[np.uint8] | Floats, blocks: NDArray[T]) -> NDArray[T]:
    """``[all blocks, m]`` → rows again, with the leading dimensions of ``like``."""
    return blocks.reshape(*like.shape[:-1], -1)


def f16(field: Bytes) -> Floats:
    """Little-endian float16 bytes ``[blocks, 2 k]`` → float32 ``[blocks, k]``."""
    return np.ascontiguousarray(field).view("<f2").astype(np.float32)


def from_f16(values: Floats) -> Bytes:
    """float32 ``[blocks, k]`` → float16 bytes ``[blocks, 2 k]``, rounded to nearest."""
    return np.ascontiguousarray(values.astype("<f2")).view(np.uint8)


def nibbles(field: Bytes) -> Bytes:
    """``[blocks, k]`` → ``[blocks, 2 k]``: all low halves, then all high halves."""
    return np.concatenate((field & 15, field >> 4), -1)


def from_nibbles(codes: Bytes) -> Bytes:
    """The way back: the first half of ``codes`` goes to the low halves."""
    half = codes.shape[-1] // 2
    return (codes[:, :half] | (codes[:, half:] << 4)).astype(np.uint8)


def nibble_pairs(field: Bytes) -> Bytes:
    """``[blocks, k]`` → ``[blocks, 2 k]``: low and high half of each byte in turn."""
    return np.stack((field & 15, field >> 4), -1).reshape(len(field), -1)


def two_bits(field: Bytes, runs: int) -> Bytes:
    """Bytes ``[blocks, k]`` → ``[blocks, 4 k]``: in each of ``runs`` runs all lowest pairs of bits, then the next."""
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    pairs: Bytes = ((field.reshape(len(field), runs, 1, -1) >> shifts) & np.uint8(3)).reshape(len(field), -1)
    return pairs
