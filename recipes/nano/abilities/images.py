"""Reading pictures: digits, shapes, colours, counts, and two pictures at once."""

from __future__ import annotations

import base64
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import Image

from recipes.nano.abilities.drawing import (
    COLOURS,
    SHAPES,
    Picture,
    apart,
    canvas,
    colour,
    draw_shape,
    faces,
    finished,
    handwritten,
    handwritten_ink,
    printed_ink,
    size,
)
from recipes.nano.example import Effort, Example, Split

NAME = "images"
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six")

# a picture, what stands for it in both splits, and what it shows
Drawn = tuple[Example, list[Picture]]

Layout = tuple[tuple[int, int], list[tuple[float, float, float]]]  # width and height; x, y and radius of each shape


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """With the pictures as PNGs in data URLs."""
    drawing, pictures = drawn(rng, split, effort)
    message = drawing.messages[0]
    parts = [_with_data(part, pictures) for part in message["content"]]
    return replace(drawing, messages=({**message, "content": parts}, *drawing.messages[1:]))


def drawn(rng: random.Random, split: Split, effort: Effort) -> Drawn:
    """With ``image:0``, ``image:1`` as the pictures' addresses, and the pictures, uint8 ``[height, width, 3]``."""
    shares = [MORE.get(kind, share) if split == "train" else share for kind, (_, share) in KINDS.items()]
    kind = rng.choices(list(KINDS), shares)[0]
    return KINDS[kind][0](rng, split, effort, kind)


def _with_data(part: dict[str, Any], pictures: list[Picture]) -> dict[str, Any]:
    if part["type"] != "image_url":
        return part
    data = BytesIO()
    Image.fromarray(pictures[int(part["image_url"]["url"].removeprefix("image:"))]).save(data, "PNG")
    return {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()},
    }


def _asked(
    rng: random.Random,
    pictures: list[Picture],
    question: str,
    answer: str,
    thought: str,
    effort: Effort,
    kind: str,
    key: str,
    more: Sequence[tuple[str, str, str]] = (),
) -> Drawn:
    """``more``: further questions about the same pictures, with their answers and thoughts."""
    shown: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": f"image:{i}"}} for i in range(len(pictures))
    ]
    text = {"type": "text", "text": question}
    place = rng.random()
    if len(pictures) == 2 and place < 0.1:
        parts = [shown[0], text, shown[1]]
    else:
        parts = [text, *shown] if place < 0.4 else [*shown, text]
    messages: list[dict[str, Any]] = []
    for asked, said, thought_of in ((parts, answer, thought), *more):
        reply: dict[str, Any] = {"role": "assistant", "content": said}
        if effort == "high":
            reply["reasoning_content"] = thought_of
        messages += [{"role": "user", "content": asked}, reply]
    made = Example(
        ability=NAME,
        kind=kind,
        messages=tuple(messages),
        effort=effort,
        expect={"text": messages[-1]["content"]},
        key=key,
    )
    return made, pictures


# -- Pictures ------------------------------------------------------------------------------------------------------


def digit_picture(rng: random.Random, split: Split, how_many: int = 1) -> tuple[Picture, str, str]:
    """Digits beside each other, what they are, and which originals they come from."""
    printed = rng.random() < (0.4 if split == "train" else 0.25)
    if printed and split == "train" and rng.random() < 0.5:
        return _number_picture(rng, how_many)
    width, height = size(rng, tall=how_many == 1)
    if how_many > 1:
        height = max(28, min(height, round(width / how_many * rng.uniform(1, 1.5))))
        width = max(width, 28 * how_many)
    tall = max(14, round(min(height, width / how_many) * rng.uniform(0.6, 0.98)))
    ground, ink = _ground_and_ink(rng)
    picture = canvas(rng, width, height, ground)
    if printed:
        digits = "".join(str(rng.randint(0, 9)) for _ in range(how_many))
        face = rng.choice(faces()) if split == "train" else ""
        masks = [printed_ink(rng, digit, tall, face) for digit in digits]
        key = f"printed {digits} {rng.getrandbits(40)}"
    else:
        originals = [rng.choice(handwritten()[split]) for _ in range(how_many)]
        digits = "".join(str(digit) for _, digit, _ in originals)
        masks = [handwritten_ink(rng, data, tall) for _, _, data in originals]
        key = "originals " + " ".join(str(number) for number, _, _ in originals)
    used = sum(mask.width for mask in masks)
    if used > width:
        masks = [mask.resize((max(6, mask.width * width // used), mask.height)) for mask in masks]
        used = sum(mask.width for mask in masks)
    x = round((width - used) * (0.5 if rng.random() < 0.4 else rng.random()))
    for mask in masks:
        y = round((height - mask.height) * (0.5 if rng.random() < 0.5 else rng.random()))
        picture.paste(Image.new("RGB", mask.size, ink), (x, y), mask)
        x += mask.width
    return finished(rng, picture), digits, key


def _number_picture(rng: random.Random, how_many: int) -> tuple[Picture, str, str]:
    """Like ``digit_picture``, for training: printed as one text, spaced as its font wants, small or filling the ground."""
    side = rng.choice((56, 84, 112, 112))
    width, height = (side, side) if rng.random() < 0.5 else size(rng)
    width = max(width, 24 * how_many)
    digits = "".join(str(rng.randint(0, 9)) for _ in range(how_many))
    ground, ink = _ground_and_ink(rng)
    picture = canvas(rng, width, height, ground)
    largest = 1.3 * min(height, 1.3 * width / how_many)  # about what fills the ground, cut to size below
    smallest = min(largest, max(12, 0.13 * max(width, height)))  # still read after pictures have been shrunk
    mask = printed_ink(rng, digits, round(rng.uniform(smallest, largest)), rng.choice(faces()))
    mask.thumbnail((width - 2, height - 2))
    x, y = (
        round((length - used) * (0.5 if rng.random() < 0.5 else rng.random()))
        for length, used in zip(picture.size, mask.size, strict=True)
    )
    picture.paste(Image.new("RGB", mask.size, ink), (x, y), mask)
    return finished(rng, picture), digits, f"printed {digits} {rng.getrandbits(40)}"


def _ground_and_ink(rng: random.Random) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    style = rng.random()
    if style < 0.35:
        return (0, 0, 0), (255, 255, 255)
    if style < 0.7:
        return (255, 255, 255), (0, 0, 0)
    ground, ink = rng.sample(list(COLOURS), 2)
    while not _contrast(ground, ink):
        ground, ink = rng.sample(list(COLOURS), 2)
    return colour(rng, ground), colour(rng, ink)


def _contrast(a: str, b: str) -> bool:
    bright = [sum(w * v for w, v in zip((0.3, 0.59, 0.11), COLOURS[name][0], strict=True)) for name in (a, b)]
    return abs(bright[0] - bright[1]) > 70


def shape_picture(rng: random.Random, shape: str, ink: str, ground: str = "") -> tuple[Picture, str]:
    """One shape somewhere, and the colour of the ground."""
    width, height = size(rng)
    ground = ground or _ground(rng, [ink])
    picture = canvas(rng, width, height, colour(rng, ground))
    radius = min(width, height) * rng.uniform(0.26, 0.46)
    middle = (_somewhere(rng, width, radius), _somewhere(rng, height, radius))
    draw_shape(rng, picture, shape, middle, radius, colour(rng, ink))
    return finished(rng, picture), ground


def _ground(rng: random.Random, inks: list[str]) -> str:
    while True:
        ground = rng.choice(("white", "white", "white", "black", "gray", *COLOURS))
        if all(apart(ground, ink) for ink in inks):
            return ground


def _somewhere(rng: random.Random, length: int, radius: float) -> float:
    return length / 2 if rng.random() < 0.4 else rng.uniform(radius, max(length - radius, radius))


def shapes_picture(rng: random.Random, what: list[tuple[str, str]], split: Split = "train") -> Picture:
    """Several (shape, colour), none on another, in reading order."""
    if split == "train" and rng.random() < 0.5:
        return _loose_picture(rng, what)
    across = max(2, math.ceil(math.sqrt(len(what) * rng.uniform(1, 2))))
    down = math.ceil(len(what) / across)
    cell = rng.choice((28, 32, 36, 40, 48, 56))
    while cell * max(across, down) < 56:
        cell += 8
    picture = canvas(rng, cell * across, cell * down, colour(rng, _ground(rng, [ink for _, ink in what])))
    places = sorted(rng.sample(range(across * down), len(what)))
    alike = rng.random() < 0.5
    common = rng.uniform(0.3, 0.44)
    for place, (shape, ink) in zip(places, what, strict=True):
        radius = cell * (common if alike else rng.uniform(0.3, 0.44))
        slack = cell / 2 - radius - 1
        x = (place % across + 0.5) * cell + rng.uniform(-slack, slack)
        y = (place // across + 0.5) * cell + rng.uniform(-slack, slack)
        draw_shape(rng, picture, shape, (x, y), radius, colour(rng, ink))
    return finished(rng, picture)


def _loose_picture(rng: random.Random, what: list[tuple[str, str]]) -> Picture:
    """Like ``shapes_picture``, without cells: who counts only in a grid guesses elsewhere."""
    layout = rng.choice((_line, _scattered))
    (width, height), circles = layout(rng, len(what))
    picture = canvas(rng, width, height, colour(rng, _ground(rng, [ink for _, ink in what])))
    fills = {ink: colour(rng, ink) for _, ink in what}
    for (x, y, radius), (shape, ink) in zip(circles, what, strict=True):
        draw_shape(rng, picture, shape, (x, y), radius, fills[ink])
    return finished(rng, picture)


def _line(rng: random.Random, count: int) -> Layout:
    """One row or one column, evenly spread or closer together, nearly straight."""
    along = _side(rng)
    across = along if rng.random() < 0.4 else rng.randint(28, along)
    radius = _radius(rng, min((along / (2 * count) - 1) / 1.12, across * 0.45))
    room = _room(radius)
    step, start = along / count, along / count / 2
    if rng.random() < 0.5:
        step = rng.uniform(min(2 * room, step), step)
        start = rng.uniform(room, max(room, along - room - step * (count - 1)))
    middle = _somewhere(rng, across, room)
    sway = rng.choice((0, 0, max(0, min(middle, across - middle) - room) * 0.4))
    circles = [(start + i * step, middle + rng.uniform(-sway, sway), radius) for i in range(count)]
    if rng.random() < 0.6:
        return (along, across), circles
    return (across, along), [(x, y, radius) for y, x, radius in circles]


def _scattered(rng: random.Random, count: int) -> Layout:
    """Anywhere, of one size or of several, each smaller than wished where they would not find room."""
    width = _side(rng)
    height = width if rng.random() < 0.5 else _side(rng)
    radius = _radius(rng, 0.4 * min(width, height, math.sqrt(width * height / count)))
    smallest = rng.choice((1, 1, 0.6))
    least = min(4, radius)
    circles: list[tuple[float, float, float]] = []
    while len(circles) < count:
        radii = [max(least, radius * rng.uniform(smallest, 1)) for _ in range(count)]
        circles = _thrown(rng, (width, height), radii)
        radius *= 0.9
    line = 2 * max(radii)  # what differs less in height is read from left to right
    return (width, height), sorted(circles, key=lambda circle: (circle[1] // line, circle[0]))


def _thrown(rng: random.Random, ground: tuple[int, int], radii: list[float]) -> list[tuple[float, float, float]]:
    """Circles that keep clear of each other, as many as found room."""
    circles: list[tuple[float, float, float]] = []
    for radius in radii:
        room = _room(radius)
        for _ in range(20):
            x, y = (rng.uniform(room, length - room) for length in ground)
            if all(math.dist((x, y), (other_x, other_y)) > room + _room(r) for other_x, other_y, r in circles):
                circles.append((x, y, radius))
                break
    return circles


def _side(rng: random.Random) -> int:
    return rng.choice((56, 64, 80, 96, 112, 112, rng.randint(56, 112)))


def _radius(rng: random.Random, most: float) -> float:
    """Of small dots, or of anything up to shapes that hardly leave room."""
    least = min(4, most)
    return rng.uniform(least, min(8, most)) if rng.random() < 0.35 else rng.uniform(least, most)


def _room(radius: float) -> float:
    """How far from its middle a shape may reach: corners, a pixel, and the line of the large ones' outlines."""
    return radius * (1.12 if radius > 12 else 1.04) + 1


# -- Kinds ---------------------------------------------------------------------------------------------------------


def _digit(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    picture, digits, key = digit_picture(rng, split)
    return _asked(rng, [picture], rng.choice(WHICH_DIGIT), digits, "One digit.", effort, kind, key)


def _digits(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    picture, digits, key = digit_picture(rng, split, rng.choice((2, 2, 3)))
    thought = "Digits: " + " ".join(digits)
    question = rng.choice(WHICH_NUMBER)
    more = _places(rng, digits, thought) if split == "train" else ()
    return _asked(rng, [picture], question, digits, thought, effort, kind, key, more)


def _places(rng: random.Random, digits: str, thought: str) -> list[tuple[str, str, str]]:
    """Up to three questions for one of the digits, or for how many there are."""
    asked = [(rng.choice(WHICH_PLACE).format(place=place), digits[i]) for place, i in (("first", 0), ("last", -1))]
    if len(digits) == 3:
        asked.append((rng.choice(WHICH_PLACE).format(place="second"), digits[1]))
    asked.append((rng.choice(HOW_MANY).format(things="digits"), str(len(digits))))
    return [(question, answer, thought) for question, answer in rng.sample(asked, rng.randint(0, 3))]


def _shape(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    shape, ink = rng.choice(SHAPES), rng.choice(list(COLOURS))
    picture, _ = shape_picture(rng, shape, ink)
    return _asked(rng, [picture], rng.choice(WHICH_SHAPE), shape, f"A {ink} shape.", effort, kind, _key(rng, split))


def _colour(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    shape, ink = rng.choice(SHAPES), rng.choice(list(COLOURS))
    if rng.random() < 0.2:
        width, height = size(rng)
        picture = finished(rng, canvas(rng, width, height, colour(rng, ink)))
        return _asked(rng, [picture], rng.choice(WHICH_COLOUR), ink, "One colour.", effort, kind, _key(rng, split))
    picture, ground = shape_picture(rng, shape, ink)
    if rng.random() < 0.25:
        question = rng.choice(WHICH_GROUND)
        return _asked(rng, [picture], question, ground, f"A {ink} {shape} on {ground}.", effort, kind, _key(rng, split))
    question = rng.choice((*WHICH_COLOUR, f"What color is the {shape}?", f"What is the color of the {shape}?"))
    return _asked(rng, [picture], question, ink, f"A {shape}.", effort, kind, _key(rng, split))


def _shape_and_colour(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    shape, ink = rng.choice(SHAPES), rng.choice(list(COLOURS))
    picture, ground = shape_picture(rng, shape, ink)
    answer = f"{_article(ink)} {ink} {shape}"
    return _asked(rng, [picture], rng.choice(WHAT), answer, f"On {ground}.", effort, kind, _key(rng, split))


def _count(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    shape, count = rng.choice(SHAPES), _how_many(rng, split, 1)
    inks = [rng.choice(list(COLOURS))] * count if rng.random() < 0.6 else rng.choices(friends(rng), k=count)
    picture = shapes_picture(rng, [(shape, ink) for ink in inks], split)
    form = rng.choice(HOW_MANY)
    things = rng.choice((_plural(shape), "shapes", _plural(shape), "objects"))
    if split == "train" and shape == "circle" and rng.random() < 0.3:
        things = "dots"
    question = form.format(things=things)
    thought = " ".join(str(i + 1) for i in range(count))
    return _asked(rng, [picture], question, str(count), thought, effort, kind, _key(rng, split))


def _how_many(rng: random.Random, split: Split, least: int) -> int:
    """Up to six; in training, more often as many as are hard to count."""
    if split == "train" and rng.random() < 0.3:
        return rng.randint(4, 6)
    return rng.randint(least, 6)


def _count_some(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    """How many of one colour, or of one shape, among others."""
    total = _how_many(rng, split, 2)
    inks = friends(rng)[:2]
    shapes = rng.sample(SHAPES, 2)
    by_colour = rng.random() < 0.5
    what = [(rng.choice(shapes), rng.choice(inks)) for _ in range(total)]
    if by_colour:
        wanted, named = inks[0], rng.choice((f"{inks[0]} shapes", f"{inks[0]} objects", f"{inks[0]} things"))
        flags = [ink == wanted for _, ink in what]
        thought = ", ".join(ink for _, ink in what)
    else:
        wanted, named = shapes[0], _plural(shapes[0])
        flags = [shape == wanted for shape, _ in what]
        thought = ", ".join(shape for shape, _ in what)
    answer = str(sum(flags))
    question = rng.choice(HOW_MANY).format(things=named)
    picture, key = shapes_picture(rng, what, split), _key(rng, split)
    more = _counted(rng, what) if split == "train" else ()
    return _asked(rng, [picture], question, answer, thought, effort, kind, key, more)


def _counted(rng: random.Random, what: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Up to four questions for how many there are of a shape or of a colour, the last perhaps of one that is not there."""
    shapes, inks = [shape for shape, _ in what], [ink for _, ink in what]
    there = list(dict.fromkeys((*shapes, *inks)))
    asked = rng.sample(there, min(len(there), rng.randint(0, 3)))
    if rng.random() < 0.25:
        asked.append(rng.choice((*SHAPES, *COLOURS)))  # perhaps there is none
    made = []
    for wanted in asked:
        of_shape = wanted in SHAPES
        named = _plural(wanted) if of_shape else f"{wanted} {rng.choice(('shapes', 'objects', 'things'))}"
        count = (shapes if of_shape else inks).count(wanted)
        thought = ", ".join(shapes if of_shape else inks)
        made.append((rng.choice(HOW_MANY).format(things=named), str(count), thought))
    return made


def _two(rng: random.Random, split: Split, effort: Effort, kind: str) -> Drawn:
    """A question about two pictures."""
    if rng.random() < 0.55:
        first, a, key_a = digit_picture(rng, split)
        second, b, key_b = digit_picture(rng, split)
        questions = [(rng.choice(SUM), str(int(a) + int(b)), f"{a} and {b}, {a}+{b}={int(a) + int(b)}")] * 2
        if a != b:
            larger = "first" if int(a) > int(b) else "second"
            questions.append((rng.choice(LARGER), f"the {larger}", f"{a} and {b}"))
        questions.append((rng.choice(BOTH_DIGITS), f"{a} and {b}", "Two digits."))
        questions.append((rng.choice(SECOND_DIGIT), b, f"{a} and {b}"))
        question, answer, thought = rng.choice(questions)
        return _asked(rng, [first, second], question, answer, thought, effort, kind, f"{key_a} {key_b}")
    shapes, inks = [rng.choice(SHAPES) for _ in "12"], [rng.choice(list(COLOURS)) for _ in "12"]
    pictures = [shape_picture(rng, shape, ink)[0] for shape, ink in zip(shapes, inks, strict=True)]
    named = [f"{_article(ink)} {ink} {shape}" for shape, ink in zip(shapes, inks, strict=True)]
    if split == "train" and rng.random() < 0.5:
        question, answer = _compared(rng, shapes, inks)
        return _asked(rng, pictures, question, answer, " and ".join(named), effort, kind, _key(rng, split))
    which = rng.randint(0, 1)
    place = ("first", "second")[which]
    question, answer = rng.choice(
        [
            (rng.choice(BOTH), " and ".join(named)),
            (f"What color is the shape in the {place} image?", inks[which]),
            (f"What color is the {place} shape?", inks[which]),
            (f"What shape is in the {place} image?", shapes[which]),
            (f"What is in the {place} picture?", named[which]),
            (rng.choice(SAME_SHAPE), "yes" if shapes[0] == shapes[1] else "no"),
            (rng.choice(SAME_COLOUR), "yes" if inks[0] == inks[1] else "no"),
        ]
    )
    return _asked(rng, pictures, question, answer, " and ".join(named), effort, kind, _key(rng, split))


def _compared(rng: random.Random, shapes: list[str], inks: list[str]) -> tuple[str, str]:
    """A question for the colours of both, or for the picture that alone shows something, with its answer."""
    which = rng.randint(0, 1)
    things = [f"{inks[which]} {shapes[which]}"]
    if shapes[0] != shapes[1]:
        things += [shapes[which]] * 2
    if apart(*inks):
        things += [f"{inks[which]} shape"] * 2
    if len(things) == 1 or rng.random() < 0.45:
        return rng.choice(BOTH_COLOURS), " and ".join(inks)
    thing = rng.choice(things)
    question = rng.choice(WHICH_SHOWS).format(a=f"{_article(thing)} {thing}", the=f"the {thing}")
    return question, ("the first", "the second")[which]


KINDS = {
    "digit": (_digit, 3.5),
    "digits": (_digits, 1.5),
    "shape": (_shape, 1.2),
    "colour": (_colour, 1.2),
    "shape-and-colour": (_shape_and_colour, 1.5),
    "count": (_count, 1.5),
    "count-some": (_count_some, 1.0),
    "two-images": (_two, 2.5),
}

MORE = {"digits": 3.0, "count-some": 2.5, "count": 1.2}  # shares of what is learned late, in training


def friends(rng: random.Random) -> list[str]:
    """Three colours that nobody mixes up."""
    names = list(COLOURS)
    rng.shuffle(names)
    kept: list[str] = []
    for name in names:
        if all(apart(name, other) for other in kept):
            kept.append(name)
    return kept[:3]


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _plural(shape: str) -> str:
    return shape + ("es" if shape.endswith("s") else "s")


def _key(rng: random.Random, split: Split) -> str:
    """Shapes are drawn anew each time: what they are is no secret, how they look never comes back."""
    return f"{split} {rng.getrandbits(64)}"


WHICH_DIGIT = ("Which digit is this?", "What digit is shown?", "What digit is in the image?", "Read the digit.", "What number is this?",
               "What number do you see?", "Which number is in the picture?", "Identify the digit.", "What is this digit?",
               "What digit do you see in this image?", "Tell me the number in the image.", "Which digit do you see?", "Digit?",
               "Recognize the handwritten digit.", "What handwritten digit is this?", "What number is shown in the picture?",
               "Which digit does the image show? Answer with the digit only.", "What is in this image?")  # fmt: skip
WHICH_NUMBER = ("What number is this?", "Read the number.", "Which number is in the image?", "What number do you see?",
                "What number is shown?", "Which digits are these?", "Read the digits.", "What are the digits in the picture?",
                "Tell me the number in the image.", "What number is written here?")  # fmt: skip
WHICH_PLACE = ("What is the {place} digit?", "Which digit is {place}?", "The {place} digit?", "What is the {place} one?",
               "Read only the {place} digit.")  # fmt: skip
WHICH_SHAPE = ("What shape is this?", "Which shape do you see?", "What shape is in the image?", "Name the shape.", "Shape?",
               "Which shape is in the picture?", "What is the shape?", "Identify the shape.", "What kind of shape is shown?",
               "What geometric shape is this?")  # fmt: skip
WHICH_COLOUR = ("What color is it?", "Which color do you see?", "What color is this?", "What is the color?", "Color?",
                "What color is the shape?", "What colour is it?", "Which colour is the shape?", "Name the color.",
                "What is the main color?", "What color is shown?")  # fmt: skip
WHICH_GROUND = ("What color is the background?", "Which color is the background?", "What is the background color?",
                "Background color?", "What colour is behind the shape?")  # fmt: skip
WHAT = ("What is in this image?", "What do you see?", "Describe the image.", "What is shown?", "What is this?", "Describe the picture.",
        "What does the image show?", "What is in the picture?", "Which shape and color do you see?", "Describe what you see.",
        "Name the shape and its color.", "What object is in the image?")  # fmt: skip
HOW_MANY = ("How many {things} are there?", "How many {things} are in the image?", "Count the {things}.", "How many {things} do you see?",
            "What is the number of {things}?", "How many {things} can you count?", "How many {things}?",
            "Count the {things} in the picture.", "How many {things} are in this picture?")  # fmt: skip
SUM = ("What is the sum of the two digits?", "Add the two digits.", "What is the sum?", "Add the numbers in the images.",
       "What do the two numbers add up to?", "What is the sum of the numbers in these images?")  # fmt: skip
LARGER = ("Which image shows the larger digit?", "Which digit is larger, the first or the second?", "Which number is bigger?",
          "Which picture has the larger number?", "Which of the two digits is greater?")  # fmt: skip
BOTH_DIGITS = ("Which digits are these?", "What digits are in the two images?", "Read both digits.", "Which numbers do you see?",
               "What are the two digits?")  # fmt: skip
SECOND_DIGIT = (
    "Which digit is in the second image?",
    "What is the second digit?",
    "What number is in the second picture?",
)
BOTH = ("What is in each image?", "What do the images show?", "Describe both images.", "What do you see in the two pictures?",
        "Describe the two images.")  # fmt: skip
BOTH_COLOURS = ("What colors are the shapes in the two images?", "What colors are the two shapes?", "Which colors do the shapes have?",
                "What are the colors of the two shapes?", "What color is each shape?", "Name the colors of both shapes.",
                "Which colors are the shapes in these images?", "What colours are the shapes in the two pictures?",
                "What color are the shapes in the first and the second image?", "Tell me the color of each shape.")  # fmt: skip
WHICH_SHOWS = ("Which image shows {a}?", "Which picture has {the}?", "Which image has {the}?", "Which picture shows {a}?",
               "In which image is {the}?", "Which of the two images shows {a}?", "Which image contains {a}?",
               "Is {the} in the first or the second image?", "Which one shows {the}, the first or the second picture?",
               "In which of the pictures do you see {a}?", "Where is {the}, in the first or in the second picture?")  # fmt: skip
SAME_SHAPE = (
    "Do both images show the same shape?",
    "Is it the same shape in both images?",
    "Are the two shapes the same?",
)
SAME_COLOUR = (
    "Do both shapes have the same color?",
    "Is the color the same in both images?",
    "Are both shapes of the same color?",
)
