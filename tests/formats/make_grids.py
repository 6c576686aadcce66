"""``python tests/formats/make_grids.py`` writes ``src/quatre/formats/grids.bin`` from the ``gguf`` package's tables."""

from __future__ import annotations

import gguf
import numpy as np

from quatre.formats.grids import FILE, GRIDS, Grid


def grid_bytes(name: str, grid: Grid) -> bytes:
    """The part of the file that is one grid's."""
    book = getattr(gguf.quants, {"iq1": "IQ1_S"}.get(name, name.upper()))
    book.init_grid()
    numbers = book.grid.reshape(grid.points, grid.width)
    places = np.searchsorted(grid.levels, numbers)
    assert np.array_equal(np.array(grid.levels)[places], numbers)
    several = places.astype(np.uint8).reshape(-1, 8 // grid.bits) << np.arange(0, 8, grid.bits, dtype=np.uint8)
    return np.bitwise_or.reduce(several, -1).tobytes()


def all_bytes() -> bytes:
    """The file."""
    return b"".join(grid_bytes(name, grid) for name, grid in GRIDS.items())


if __name__ == "__main__":
    FILE.write_bytes(all_bytes())
