"""A prompt: token ids, and the images that stand among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def with_pictures(ids: Sequence[int], img: int, unit: int, images: Sequence[NDArray[np.float32]]) -> Prompt:
    """The prompt with each image at its places; they come in order. ``unit``: pixels of a side per ``img`` token."""
    places = np.flatnonzero(np.array(ids) == img).astype(np.int32)
    counts = [image.shape[1] // unit * (image.shape[2] // unit) for image in images]
    ends = np.cumsum(counts)
    assert len(places) == (ends[-1] if len(ends) else 0)
    parts = np.split(places, ends[:-1]) if counts else []
    return Prompt(ids, tuple(Picture(image, part) for image, part in zip(images, parts, strict=True)))
