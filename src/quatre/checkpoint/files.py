"""A checkpoint file in memory, read-only, with every range checked before it is looked at.

Files are untrusted: counts and offsets are Python integers (they cannot wrap), and nothing is allocated by a number
that the file merely claims.
"""

from __future__ import annotations

import mmap
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from quatre.errors import CheckpointError
from quatre.formats.base import Bytes

LONGEST_NAME = 255
POINTER = b"version https://git-lfs.github.com/spec/"  # what git has in the place of a large file
LARGEST_POINTER = 1024
POINTED = "{} is only a pointer of Git LFS; fetch the file itself with git lfs pull, or the model with quatre pull"


class MappedFile:
    """The bytes of a file, mapped. ``data`` is a uint8 view, ``raw`` the mapping; pages are read when touched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
                raise CheckpointError(f"{path} cannot be read: it is not a regular file")
            with path.open("rb") as file:
                self.raw = _mapped(file.fileno(), path.stat().st_size)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CheckpointError(f"{path} cannot be read: {reason}") from error
        if len(self.raw) <= LARGEST_POINTER and self.raw[: len(POINTER)] == POINTER:
            raise CheckpointError(POINTED.format(path))
        self.data: Bytes = np.frombuffer(self.raw, np.uint8)

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


def _mapped(descriptor: int, size: int) -> mmap.mmap | bytes:
    if not size:
        return b""
    raw = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a wish; where the file system has large folios, weights stream as from memory
            raw.madvise(mmap.MADV_HUGEPAGE)
    return raw


def is_pointer(path: Path) -> bool:
    """Whether the file only says which file belongs in its place, as after ``git clone`` without Git LFS."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(POINTER)) == POINTER
    except OSError:
        return False


def refuse_pointer(path: Path) -> None:
    """CheckpointError if the file only says which file belongs in its place."""
    if is_pointer(path):
        raise CheckpointError(POINTED.format(path))


def is_name(text: str) -> bool:
    """Whether a tensor or a metadata key may be called so: short, and safe to show in a message."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def release(data: Bytes) -> None:
    """Take the pages under ``data`` out of this process, if they are those of a mapped file.

    For after the numbers were copied: otherwise a loaded model counts twice in the memory of the process. Touching
    ``data`` again is allowed and reads the file again.
    """
    root = data
    while isinstance(root.base, np.ndarray):
        root = root.base
    view: Any = root.base  # NumPy keeps a memoryview of what it was made from
    if isinstance(view, memoryview) and isinstance(view.obj, mmap.mmap) and data.size:
        first = data.ctypes.data - root.ctypes.data
        last = first + sum((n - 1) * step for n, step in zip(data.shape, data.strides, strict=True))
        start = first // mmap.PAGESIZE * mmap.PAGESIZE
        view.obj.madvise(mmap.MADV_DONTNEED, start, last + 1 - start)
