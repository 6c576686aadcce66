"""Large numbers for people: three digits and a unit."""

from __future__ import annotations

LARGEST_OF_THREE = 999.5  # what is below has three digits when it is rounded


def size(nbytes: float) -> str:
    """``1.23 GB``, in powers of a thousand."""
    return _short(nbytes, ("bytes", "kB", "MB", "GB"))


def count(number: int) -> str:
    """``7.16 million``; thousands as they are."""
    return _short(number / 1e6, ("million", "billion")) if number >= 1e6 else f"{number:,}"


def _short(number: float, units: tuple[str, ...]) -> str:
    for unit in units[:-1]:
        if number < LARGEST_OF_THREE:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} {units[-1]}" if number < LARGEST_OF_THREE else f"{number:.0f} {units[-1]}"
