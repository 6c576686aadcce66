"""A prompt: token ids, and the images that stand among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Picture:
    """``pixels``: float32 ``[3, height, width]``. ``places``: int32, where in the prompt its vectors stand."""

    pixels: NDArray[np.float32]
    places: NDArray[np.int32]


class Prompt(list[int]):
    """Token ids, with the pictures of those that stand for parts of them."""

    def __init__(self, ids: Iterable[int], pictures: tuple[Picture, ...] = ()) -> None:
        super().__init__(ids)
        self.pictures = pictures
