"""Small pictures: shapes in colours, and handwritten and printed digits, as strangers may draw them."""

from __future__ import annotations

import math
import random
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from recipes.nano.example import Split

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

COLOURS: dict[str, tuple[Colour, ...]] = {  # what everybody calls so
    "red": ((255, 0, 0), (220, 20, 30), (200, 0, 0), (230, 40, 40)),
    "green": ((0, 128, 0), (0, 200, 0), (30, 160, 60), (0, 255, 0)),
    "blue": ((0, 0, 255), (30, 60, 220), (0, 0, 200), (40, 90, 240)),
    "yellow": ((255, 255, 0), (250, 220, 20), (255, 235, 60)),
    "orange": ((255, 165, 0), (255, 140, 0), (250, 130, 20)),
    "purple": ((128, 0, 128), (150, 30, 180), (120, 40, 160)),
    "black": ((0, 0, 0), (15, 15, 15)),
    "white": ((255, 255, 255), (248, 248, 248)),
    "pink": ((255, 192, 203), (255, 150, 190), (255, 105, 180)),
    "brown": ((139, 69, 19), (120, 70, 30), (150, 90, 40)),
    "gray": ((128, 128, 128), (110, 110, 110), (150, 150, 150)),
}
SHAPES = ("circle", "square", "triangle", "star", "cross", "heart", "rectangle", "diamond")
CLOSE = (("red", "orange"), ("red", "pink"), ("orange", "yellow"), ("orange", "brown"), ("purple", "blue"),
         ("purple", "pink"), ("black", "brown"), ("white", "yellow"), ("white", "gray"), ("white", "pink"), ("red", "brown"),
         ("black", "purple"), ("black", "blue"), ("gray", "brown"), ("gray", "purple"))  # fmt: skip


def colour(rng: random.Random, name: str) -> Colour:
    """A shade of it."""
    return _near(rng, rng.choice(COLOURS[name]), 10)


def apart(a: str, b: str) -> bool:
    """Whether one can be told before the other."""
    return a != b and (a, b) not in CLOSE and (b, a) not in CLOSE


def size(rng: random.Random, tall: bool = True) -> tuple[int, int]:
    """Width and height, from a thumbnail to what is shrunk before it is looked at."""
    largest = rng.choice((28, 48, 56, 64, 84, 96, 100, 112, 112, 128, 200, 224, 256, 300))
    ratio = rng.choice((1.0, 1.0, 1.0, rng.uniform(0.55, 1)))
    shorter = max(round(largest * ratio), 28)
    return (largest, shorter) if not tall or rng.random() < 0.6 else (shorter, largest)


def canvas(rng: random.Random, width: int, height: int, ground: Colour) -> Image.Image:
    """One colour, now and then getting darker to one side."""
    picture = Image.new("RGB", (width, height), ground)
    if rng.random() < 0.15:
        to = _near(rng, ground, 25)
        shade = np.linspace(0, 1, width if rng.random() < 0.5 else height, dtype=np.float32)
        field = np.broadcast_to(shade if len(shade) == width else shade[:, None], (height, width))[..., None]
        values = np.array(ground, np.float32) * (1 - field) + np.array(to, np.float32) * field
        picture = Image.fromarray(values.astype(np.uint8))
    return picture


def finished(rng: random.Random, picture: Image.Image) -> Picture:
    """The pixels, sometimes blurred or with noise."""
    if rng.random() < 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    values = np.asarray(picture)
    if rng.random() < 0.15:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(2, 10), values.shape)
        values = (values + noise).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(values)


def _near(rng: random.Random, base: Colour, most: int) -> Colour:
    r, g, b = (min(255, max(0, value + rng.randint(-most, most))) for value in base)
    return r, g, b


# -- Shapes --------------------------------------------------------------------------------------------------------

FINE = 3  # drawn so many times larger, then shrunk, for smooth edges


def draw_shape(
    rng: random.Random, picture: Image.Image, name: str, middle: tuple[float, float], radius: float, fill: Colour
) -> None:
    """Onto the picture, filled or as an outline, a little turned unless that would make it another shape."""
    side = math.ceil(radius * 2) + 4
    mask = Image.new("L", (side * FINE, side * FINE), 0)
    drawing = ImageDraw.Draw(mask)
    at, r = side * FINE / 2, radius * FINE
    turn = (
        math.radians(rng.uniform(-12, 12))
        if name not in ("square", "rectangle", "diamond")
        else rng.uniform(-0.07, 0.07)
    )
    outline = radius > 12 and rng.random() < 0.2
    line = max(2, int(r * rng.uniform(0.14, 0.25))) if outline else 0
    if name == "circle":
        box = (at - r, at - r, at + r, at + r)
        drawing.ellipse(box, fill=0 if outline else 255, outline=255, width=line or 1)
    else:
        flat = rng.uniform(0.42, 0.62)
        points = [_turned(x * r, y * r, turn, at) for x, y in _corners(name, flat)]
        if outline:
            drawing.line([*points, points[0], points[1]], fill=255, width=line, joint="curve")
        else:
            drawing.polygon(points, fill=255)
    mask = mask.resize((side, side), Image.Resampling.BOX)
    place = (round(middle[0] - side / 2), round(middle[1] - side / 2))
    picture.paste(Image.new("RGB", (side, side), fill), place, mask)


def _turned(x: float, y: float, turn: float, at: float) -> tuple[float, float]:
    c, s = math.cos(turn), math.sin(turn)
    return at + c * x - s * y, at + s * x + c * y


@lru_cache(64)
def _fixed(name: str) -> tuple[tuple[float, float], ...]:
    if name == "square":
        return ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
    if name == "triangle":
        return tuple((math.sin(a), -math.cos(a)) for a in (0, 2 * math.pi / 3, 4 * math.pi / 3))
    if name == "diamond":
        return ((0, -1), (0.7, 0), (0, 1), (-0.7, 0))
    if name == "star":
        spikes = [(math.pi * i / 5, 1 if i % 2 == 0 else 0.42) for i in range(10)]
        return tuple((r * math.sin(a), -r * math.cos(a)) for a, r in spikes)
    if name == "cross":
        w = 0.3
        return (
            (-w, -1),
            (w, -1),
            (w, -w),
            (1, -w),
            (1, w),
            (w, w),
            (w, 1),
            (-w, 1),
            (-w, w),
            (-1, w),
            (-1, -w),
            (-w, -w),
        )
    curve = [math.pi * 2 * i / 40 for i in range(40)]  # the heart
    return tuple(
        (math.sin(t) ** 3, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16)
        for t in curve
    )


def _corners(name: str, flat: float) -> tuple[tuple[float, float], ...]:
    if name == "rectangle":
        return ((-1, -flat), (1, -flat), (1, flat), (-1, flat))
    return _fixed(name)


# -- Digits --------------------------------------------------------------------------------------------------------


@lru_cache(1)
def handwritten() -> dict[Split, list[tuple[int, int, NDArray[np.float32]]]]:
    """Scikit-learn's digits: (number, digit, ink in 0 … 1 ``[8, 8]``). A fifth of the originals are for tests."""
    from sklearn.datasets import load_digits

    data = load_digits()
    halves: dict[Split, list[tuple[int, int, NDArray[np.float32]]]] = {"train": [], "test": []}
    for number, (ink, digit) in enumerate(zip(data.images, data.target, strict=True)):
        split: Split = "test" if sha256(f"digit {number}".encode()).digest()[0] < 51 else "train"
        halves[split].append((number, int(digit), (ink / 16).astype(np.float32)))
    return halves


FACES = ("DejaVuSans*", "DejaVuSerif*", "STIXGeneral*", "cmr10", "cmb10", "cmti10", "cmss10", "cmtt10")


@lru_cache(1)
def faces() -> tuple[str, ...]:
    """Pillow's own font, named "", and files of fonts with digits that come with matplotlib, which is not imported for it:
    that would take longer than drawing a batch."""
    package = find_spec("matplotlib")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "mpl-data/fonts/ttf"
    files = {file for face in FACES for file in folder.glob(f"{face}.ttf")}
    return ("", *sorted(str(file) for file in files if "Display" not in file.name))


@lru_cache(512)
def _font(height: int, face: str = "") -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(face, height) if face else ImageFont.load_default(height)


def handwritten_ink(rng: random.Random, original: NDArray[np.float32], height: int) -> Image.Image:
    """A mask ``height`` pixels high: enlarged, turned, with a thicker, thinner or sharper pen."""
    base = Image.fromarray((original * 255).astype(np.uint8))
    how = rng.choice(
        (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    )
    width = max(6, round(height * rng.uniform(0.8, 1.1)))
    ink = base.resize((width, height), how)
    if rng.random() < 0.6:
        ink = ink.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC)
    pen = rng.random()
    if pen < 0.5 and how is not Image.Resampling.NEAREST:
        low = rng.uniform(60, 120)
        sharp = rng.uniform(2, 6)
        ink = ink.point([int(min(255, max(0, (v - low) * sharp + 128))) for v in range(256)])
    elif pen < 0.65 and height >= 20:
        ink = ink.filter(ImageFilter.MaxFilter(3))
    return ink


def printed_ink(rng: random.Random, text: str, height: int, face: str = "") -> Image.Image:
    """A mask about ``height`` pixels high, in one of the ``faces``."""
    font = _font(max(10, int(height * rng.uniform(0.85, 1.25))), face)
    left, top, right, bottom = font.getbbox(text)
    mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2), 0)
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font)
    if rng.random() < 0.25 and (not face or height >= 30):  # bold faces would clot
        mask = mask.filter(ImageFilter.MaxFilter(3))
    if rng.random() < 0.3:
        mask = mask.rotate(rng.uniform(-8, 8), Image.Resampling.BICUBIC, expand=True)
    return mask
