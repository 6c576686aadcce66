"""Pictures in the prompts of chat templates: each ``[IMG]`` that the template wrote becomes the grid of its picture.

A picture takes a token for each vector of the image encoder, row by row; rows are parted by ``[IMG_BREAK]`` and the
last one ends in ``[IMG_END]`` (model.md 5). Mistral's own prompts get theirs from mistral-common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from quatre.chat.pictures import pixels
from quatre.chat.prompt import Prompt, with_pictures
from quatre.errors import RequestError
from quatre.model.pixtral import PixtralConfig

NAMES = ("[IMG]", "[IMG_BREAK]", "[IMG_END]")


@dataclass(frozen=True)
class ImageTokens:
    """The tokens, the pixels of a side that one of them stands for, and the longest side."""

    img: int
    row_end: int
    end: int
    unit: int
    longest: int

    def prompt(self, ids: Sequence[int], pictures: Sequence[Image.Image]) -> Prompt:
        """``ids`` with each place that the template left grown to its picture. RequestError if it left others."""
        if list(ids).count(self.img) != len(pictures):
            raise RequestError(
                f"this model's chat template leaves {list(ids).count(self.img)} places for {len(pictures)} images",
                param="messages",
            )
        grids = [self._grid(*picture.size) for picture in pictures]
        coming = iter(grids)
        grown = [t for id in ids for t in (self._tokens(*next(coming)) if id == self.img else [id])]
        images = [
            pixels(picture, self.unit * columns, self.unit * rows)
            for picture, (columns, rows) in zip(pictures, grids, strict=True)
        ]
        return with_pictures(grown, self.img, self.unit, images)

    def _tokens(self, columns: int, rows: int) -> list[int]:
        tokens = ([self.img] * columns + [self.row_end]) * rows
        return [*tokens[:-1], self.end]

    def _grid(self, width: int, height: int) -> tuple[int, int]:
        """Columns and rows; a picture whose longer side is too long is made smaller as a whole."""
        ratio = max(width, height) / self.longest
        if ratio > 1:
            width, height = (max(round(side / ratio), 1) for side in (width, height))
        return (width - 1) // self.unit + 1, (height - 1) // self.unit + 1


def image_tokens(controls: Mapping[str, int], encoder: PixtralConfig | None) -> ImageTokens | None:
    """None if there is no image encoder, or if the vocabulary has no tokens for what it sees."""
    if encoder is None or not controls.keys() >= set(NAMES):
        return None
    img, row_end, end = (controls[name] for name in NAMES)
    return ImageTokens(img, row_end, end, encoder.unit, encoder.image_size)
