"""Pictures in messages → pixels for the image encoder. Data URLs only: nothing is fetched here.

A file is judged by its header before any pixel is decoded, so a small file cannot become gigabytes. Sizes, colours and
resampling are those of mistral-common (model.md 5), without its dependency on OpenCV.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from quatre.errors import RequestError
from quatre.model import pixtral

MOST_BYTES = 20 << 20
MOST_PIXELS = 40_000_000
MOST_TOGETHER = 250_000_000
"""Pixels of all pictures of a request: they are decoded, three bytes each, before the first is made smaller."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
DATA_URL = re.compile(r"data:(?P<type>image/[a-z0-9.+-]{1,40})?(?:;[a-z0-9=._-]{1,80})*;base64,", re.IGNORECASE)

MEAN, STD = np.array(pixtral.MEAN, np.float32), np.array(pixtral.STD, np.float32)
CUBIC = np.float32(-0.75)  # the free parameter of the kernel, OpenCV's choice

Floats = NDArray[np.float32]


class Allowance:
    """Pixels that the pictures of one request may have together."""

    def __init__(self) -> None:
        self._left = MOST_TOGETHER

    def spend(self, count: int) -> None:
        """RequestError if there are no more."""
        self._left -= count
        if self._left < 0:
            raise _wrong(f"and the others of its request have more than {MOST_TOGETHER:,} pixels together")


def open_picture(url: str, allowance: Allowance | None = None) -> Image.Image:
    """The picture in a data URL, decoded, in RGB over white. RequestError says what is wrong with it."""
    found = DATA_URL.match(url[:300])
    if found is None:
        raise _wrong(
            "must be a data URL (data:image/png;base64,…); other addresses are not fetched, except by a server with "
            "--allow-image-url-domains"
        )
    if (len(url) - found.end()) * 3 // 4 > MOST_BYTES:
        raise _wrong(f"has more than {MOST_BYTES >> 20} MB")
    try:
        content = base64.b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong("is not valid base64") from error
    return _decode(content, allowance or Allowance())


def _decode(content: bytes, allowance: Allowance) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that are judged here
            picture = Image.open(BytesIO(content), formats=FORMATS)
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _wrong(f"has {width} × {height} pixels; at most {MOST_PIXELS:,} are taken")
            allowance.spend(width * height)
            picture.load()
            return over_white(picture)
    except UnidentifiedImageError as error:
        raise _wrong(f"is not a picture of a known kind ({', '.join(FORMATS)})") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit is above ours, and comes first
        raise _wrong(f"has far more than the {MOST_PIXELS:,} pixels that are taken") from error
    except (OSError, ValueError, SyntaxError, IndexError, EOFError, TypeError) as error:
        raise _wrong("is damaged") from error


def _wrong(what: str) -> RequestError:
    return RequestError(f"an image {what}", param="messages")


def over_white(picture: Image.Image) -> Image.Image:
    """In RGB; where it is transparent, it is white."""
    if picture.mode == "RGB":
        return picture
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "WHITE")
    white.paste(picture, (0, 0), picture)
    return white.convert("RGB")


def pixels(picture: Image.Image, width: int, height: int) -> Floats:
    """Resampled and normalised: float32 ``[3, height, width]``."""
    values = resample(np.asarray(picture, np.float32), width, height)
    values = (values / np.float32(255) - MEAN) / STD
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def resample(values: Floats, width: int, height: int) -> Floats:
    """``[rows, columns, channels]`` → ``[height, width, channels]``, bicubic without smoothing, as OpenCV does it."""
    if values.shape[:2] == (height, width):
        return values
    return _blend(_blend(values, 1, width), 0, height)


def _blend(values: Floats, axis: int, new: int) -> Floats:
    """``values`` with ``new`` places along an axis of their first two."""
    places, weights = _taps(values.shape[axis], new)
    shape = (-1, 1, 1) if axis == 0 else (-1, 1)
    result: Floats = values.take(places[:, 0], axis) * weights[:, 0].reshape(shape)
    for tap in range(1, 4):
        result += values.take(places[:, tap], axis) * weights[:, tap].reshape(shape)
    return result


def _taps(old: int, new: int) -> tuple[NDArray[np.int64], Floats]:
    """For each new place the four old ones that it is made of, and their weights; the edge goes on outside."""
    middle = ((np.arange(new) + 0.5) * (old / new) - 0.5).astype(np.float32)
    first = np.floor(middle).astype(np.int64)
    x = (middle - first).astype(np.float32)[:, None]
    a, one = CUBIC, np.float32(1)
    outer, inner = x + one, one - x
    weights = np.concatenate(
        (
            ((a * outer - 5 * a) * outer + 8 * a) * outer - 4 * a,
            ((a + 2) * x - (a + 3)) * x * x + one,
            ((a + 2) * inner - (a + 3)) * inner * inner + one,
        ),
        -1,
    ).astype(np.float32)
    weights = np.concatenate((weights, one - weights.sum(-1, keepdims=True)), -1)
    return np.clip(first[:, None] + np.arange(-1, 3), 0, old - 1), weights
