"""Pictures: what is taken, what is refused before it is decoded, and the same pixels as mistral-common's."""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mistral_common.tokens.tokenizers.image import transform_image
from PIL import Image

from quatre.chat import pictures
from quatre.chat.pictures import open_picture, over_white, pixels, resample
from quatre.errors import RequestError


def url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def random_picture(width: int, height: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(values[:, :, 0] if channels == 1 else values, mode)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_usual_kinds_are_read(kind: str) -> None:
    picture = open_picture(url(encoded(random_picture(30, 20), kind)))
    assert (picture.size, picture.mode) == ((30, 20), "RGB")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
@pytest.mark.parametrize(("old", "new"), [((30, 20), (28, 28)), ((56, 28), (56, 28)), ((13, 90), (28, 112))])
def test_pixels_are_those_of_mistral_common(mode: str, old: tuple[int, int], new: tuple[int, int]) -> None:
    picture = random_picture(*old, mode="RGBA").convert(mode) if mode not in ("I;16",) else Image.new("I;16", old, 300)
    expected = transform_image(picture, new)
    np.testing.assert_allclose(pixels(over_white(picture), *new), expected, rtol=0, atol=5e-5)


sides = st.integers(1, 40)


@given(sides, sides, sides, sides, st.integers(0, 9))
def test_resampling_is_that_of_opencv(columns: int, rows: int, width: int, height: int, seed: int) -> None:
    values = np.random.default_rng(seed).uniform(0, 255, (rows, columns, 3)).astype(np.float32)
    expected = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(resample(values, width, height), expected, rtol=0, atol=2e-3)


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (4, 4), (10, 20, 30, 0))
    assert open_picture(url(encoded(clear))).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.com/cat.png", "not fetched"),
        ("file:///etc/passwd", "not fetched"),
        ("data:text/plain;base64,AAAA", "not fetched"),
        ("data:image/png,plain", "not fetched"),
        ("data:image/png;base64,***", "not valid base64"),
        ("data:image/png;base64,", "known kind"),
        (url(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "known kind"),
        (url(b"%!PS-Adobe-3.0 EPSF-3.0\n"), "known kind"),
        (url(encoded(random_picture(50, 50))[:600]), "damaged"),
    ],
)
def test_what_is_not_a_picture_is_refused(address: str, words: str) -> None:
    with pytest.raises(RequestError, match=words) as refusal:
        open_picture(address)
    assert refusal.value.param == "messages"
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("side", "words"), [(10_000, "10000 × 10000 pixels"), (30_000, "far more than the 40,000,000")]
)
def test_a_bomb_is_refused_by_its_header(side: int, words: str) -> None:
    """A valid PNG header that claims a huge picture in a few bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )
    with pytest.raises(RequestError, match=words):
        open_picture(url(bomb))


def test_a_huge_file_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", 1000)
    with pytest.raises(RequestError, match="has more than"):
        open_picture(url(encoded(random_picture(100, 100))))


def test_pictures_of_a_request_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each for itself is small enough, and a few kilobytes; all of them would take gigabytes once they are decoded."""
    monkeypatch.setattr(pictures, "MOST_TOGETHER", 2000)
    allowance = pictures.Allowance()
    picture = url(encoded(random_picture(30, 30)))
    for _ in range(2):
        open_picture(picture, allowance)
    with pytest.raises(RequestError, match="more than 2,000 pixels together"):
        open_picture(picture, allowance)
    open_picture(picture, pictures.Allowance())


@given(st.binary(max_size=200), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF"]))
def test_any_bytes_are_a_picture_or_a_sentence(content: bytes, start: bytes) -> None:
    with contextlib.suppress(RequestError):
        assert open_picture(url(start + content)).mode == "RGB"
