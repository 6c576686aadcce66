"""Pictures of extreme sizes and of every kind: the tokens and the pixels that mistral-common makes of the same file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from mistral_common.protocol.instruct.chunk import ImageURLChunk
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from PIL import Image

from quatre.chat.image_tokens import ImageTokens
from quatre.chat.pictures import open_picture
from quatre.chat.tekken import TekkenTokenizer
from quatre.model.pixtral import STD

IMG, BREAK, END = 10, 12, 13
SIDE, LONGEST = 28, 1540
THEIRS = ImageEncoder(ImageConfig(14, LONGEST, 2), SpecialImageIDs(img=IMG, img_break=BREAK, img_end=END))
SIZES = [
    (1, 1),
    (1, 5000),
    (5000, 1),
    (27, 29),
    (28, 28),
    (29, 27),
    (1540, 1540),
    (1541, 1),
    (1, 1541),
    (1541, 1541),
    (3, 1539),
    (3081, 28),
]


@pytest.fixture(autouse=True)
def plain_opencv() -> Iterator[None]:
    """OpenCV's own resampling. Intel's, which it uses for some sizes where it has it, counts places more finely."""
    cv2.ipp.setUseIPP(False)
    yield
    cv2.ipp.setUseIPP(True)


def noise(width: int, height: int, channels: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def colours(width: int = 40, height: int = 25, seed: int = 0) -> Image.Image:
    return Image.fromarray(noise(width, height, 3, seed))


def file_of(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """As cameras store pictures: pixels as the sensor lay, and a note how to turn them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return file_of(colours(), "JPEG", exif=exif)


def moving(kind: str) -> bytes:
    frames = [colours(seed=seed) for seed in range(3)]
    return file_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, lossless=True)


def clear(under: tuple[int, int, int], alpha: int | None) -> bytes:
    """One colour everywhere; transparent, or more so from left to right."""
    values = np.empty((25, 40, 4), np.uint8)
    values[:, :, :3] = under
    values[:, :, 3] = np.arange(40) * 6 if alpha is None else alpha
    return file_of(Image.fromarray(values), "PNG")


def see_through_palette() -> bytes:
    """One entry of the palette is transparent."""
    palette = colours().quantize(32)
    return file_of(palette, "PNG", transparency=5)


def sixteen_bits() -> bytes:
    values = np.random.default_rng(0).integers(0, 1 << 16, (25, 40), dtype=np.uint16)
    return file_of(Image.fromarray(values), "PNG")


KINDS: dict[str, Callable[[], bytes]] = {
    "palette": lambda: file_of(colours().quantize(64), "PNG"),
    "palette with a transparent entry": see_through_palette,
    "one bit": lambda: file_of(colours().convert("1"), "PNG"),
    "grey": lambda: file_of(colours().convert("L"), "JPEG"),
    "grey, 16 bits": sixteen_bits,
    "grey with alpha": lambda: file_of(Image.fromarray(noise(40, 25, 2), "LA"), "PNG"),
    "colours with alpha": lambda: file_of(Image.fromarray(noise(40, 25, 4)), "PNG"),
    "colours with alpha, WebP": lambda: file_of(Image.fromarray(noise(40, 25, 4)), "WEBP", lossless=True),
    "CMYK": lambda: file_of(colours().convert("CMYK"), "JPEG"),
    "YCbCr": lambda: file_of(colours(), "JPEG", quality=30, subsampling=2),
    "progressive": lambda: file_of(colours(), "JPEG", progressive=True),
    "turned by 90 degrees": partial(turned, 6),
    "turned by 180 degrees": partial(turned, 3),
    "mirrored and turned": partial(turned, 5),
    "moving GIF": partial(moving, "GIF"),
    "moving WebP": partial(moving, "WEBP"),
    "moving PNG": lambda: file_of(colours(), "PNG", save_all=True, append_images=[colours(seed=1)]),
    "black under clear": partial(clear, (0, 0, 0), 0),
    "white under clear": partial(clear, (255, 255, 255), 0),
    "red under half clear": partial(clear, (255, 0, 0), 128),
    "black that fades": partial(clear, (0, 0, 0), None),
    "bitmap": lambda: file_of(colours(), "BMP"),
}


def url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def check(v15: TekkenTokenizer, content: bytes) -> Any:
    """Mistral's prompts and those of templates have mistral-common's tokens and pixels; these are returned."""
    expected = THEIRS(ImageURLChunk(image_url=url(content)))
    part = {"type": "image_url", "image_url": {"url": url(content)}}
    prompt = v15.chat_prompt([{"role": "user", "content": [part]}])
    first = prompt.index(IMG)
    assert prompt[first : first + len(expected.tokens)] == expected.tokens
    assert list(prompt).count(IMG) == expected.tokens.count(IMG)
    grown = ImageTokens(IMG, BREAK, END, SIDE, LONGEST).prompt([1, IMG, 2], [open_picture(url(content))])
    assert list(grown) == [1, *expected.tokens, 2]
    for found in (*prompt.pictures, *grown.pictures):
        assert found.pixels.dtype == np.float32
        np.testing.assert_allclose(found.pixels, expected.image, rtol=0, atol=5e-5)
    return expected.image


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sizes(v15: TekkenTokenizer, size: tuple[int, int]) -> None:
    check(v15, file_of(colours(*size), "PNG"))


def test_with_intels_resampling_a_hundredth_of_a_shade_differs(v15: TekkenTokenizer) -> None:
    """Of 255 shades; in pictures of noise, where places matter most."""
    cv2.ipp.setUseIPP(True)
    part: Any = {"type": "image_url", "image_url": {"url": url(file_of(colours(1541, 1541), "PNG"))}}
    (found,) = v15.chat_prompt([{"role": "user", "content": [part]}]).pictures
    expected = THEIRS(ImageURLChunk(image_url=part["image_url"]["url"])).image
    shades = np.abs(found.pixels - expected) * np.array(STD)[:, None, None] * 255
    assert shades.max() < 0.1
    assert shades.mean() < 0.01


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
def test_kinds(v15: TekkenTokenizer, make: Callable[[], bytes]) -> None:
    check(v15, make())


def test_what_is_clear_is_white_whatever_lies_under_it(v15: TekkenTokenizer) -> None:
    black, white = (check(v15, clear(under, 0)) for under in ((0, 0, 0), (255, 255, 255)))
    np.testing.assert_array_equal(black, white)


def test_pictures_are_not_turned(v15: TekkenTokenizer) -> None:
    """mistral-common does not heed the note, so the model never saw pictures that were turned by it."""
    np.testing.assert_array_equal(check(v15, turned(6)), check(v15, turned(1)))


def test_the_first_frame_counts(v15: TekkenTokenizer) -> None:
    np.testing.assert_array_equal(check(v15, moving("WEBP")), check(v15, file_of(colours(), "PNG")))
