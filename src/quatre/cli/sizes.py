"""Bytes for people."""

from __future__ import annotations


def size(nbytes: float) -> str:
    """``1.23 GB``, in powers of a thousand."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if nbytes < 1000 or unit == "GB":
            return f"{nbytes:.3g} {unit}" if nbytes < 1000 else f"{nbytes:.0f} {unit}"
        nbytes /= 1000
    raise AssertionError
