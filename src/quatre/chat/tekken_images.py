"""Pictures in Mistral's prompts: how many tokens each takes, and its pixels (model.md 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mistral_common.tokens.tokenizers.image import ImageEncoder, ImageEncoding, SpecialImageIDs
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from numpy.typing import NDArray

from quatre.chat.pictures import pixels
from quatre.chat.prompt import Prompt, with_pictures


class PictureEncoder(ImageEncoder):
    """mistral-common's grid of tokens with our own resampling, which needs no OpenCV. Takes decoded pictures only."""

    def __call__(self, content: Any) -> ImageEncoding:
        """See the base class."""
        picture = content.image
        columns, rows = self._image_to_num_tokens(picture)
        tokens = ([self.special_ids.img] * columns + [self.special_ids.img_break]) * rows
        tokens[-1] = self.special_ids.img_end
        unit = self.image_config.image_patch_size * self.image_config.spatial_merge_size
        return ImageEncoding(tokens=tokens, image=pixels(picture, unit * columns, unit * rows))

    def prompt(self, ids: Sequence[int], images: Sequence[NDArray[np.float32]]) -> Prompt:
        """The prompt with each image at its places; they come in order."""
        unit = self.image_config.image_patch_size * self.image_config.spatial_merge_size
        return with_pictures(ids, self.special_ids.img, unit, images)


def picture_encoder(tekken: Tekkenizer) -> PictureEncoder | None:
    """For vocabularies that say how images look, and have the tokens for them."""
    names = ("[IMG]", "[IMG_BREAK]", "[IMG_END]")
    if tekken.image is None or not all(tekken.is_special(name) for name in names):
        return None
    img, row_end, end = (tekken.get_special_token(name) for name in names)
    return PictureEncoder(tekken.image, SpecialImageIDs(img=img, img_break=row_end, img_end=end))
