"""A checkpoint file in memory, read-only, with every range checked before it is looked at.

Files are untrusted: counts and offsets are Python integers (they cannot wrap), and nothing is allocated by a number
that the file merely claims.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import numpy as np

from quatre.errors import CheckpointError
from quatre.formats.base import Bytes


class MappedFile:
    """The bytes of a file, mapped. ``data`` is a uint8 view; pages are read from disk when they are touched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CheckpointError(f"{path} cannot be read: {reason}") from error
        self.data: Bytes = np.frombuffer(mapped, np.uint8)
        self.view = memoryview(mapped)

    def __len__(self) -> int:
        return len(self.data)

    def slice(self, offset: int, size: int, what: str) -> Bytes:
        """``size`` bytes from ``offset``; CheckpointError if the file does not have them."""
        self.check(offset, size, what)
        return self.data[offset : offset + size]

    def check(self, offset: int, size: int, what: str) -> None:
        """CheckpointError unless ``size`` bytes from ``offset`` are in the file."""
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise CheckpointError(
                f"{self.path} is truncated or damaged: {what} should end at byte {offset + size}, "
                f"but the file has {len(self.data)}; download it again"
            )

    def unpack(self, layout: struct.Struct, offset: int, what: str) -> tuple[int | float, ...]:
        """Fixed-size fields at ``offset``."""
        self.check(offset, layout.size, what)
        return layout.unpack_from(self.view, offset)
