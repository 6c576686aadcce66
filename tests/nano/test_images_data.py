"""Pictures for nano: what is asked of them is what they show, and no original is in both splits."""

from __future__ import annotations

import base64
import math
import random
from io import BytesIO

import numpy as np
import pytest
from ability_checks import CASES
from PIL import Image

from recipes.nano.abilities import images
from recipes.nano.abilities.drawing import (
    COLOURS,
    SHAPES,
    apart,
    canvas,
    draw_shape,
    faces,
    handwritten,
    handwritten_ink,
    printed_ink,
)

COUNT = 150


def drawings(split, effort, count=COUNT):
    rng = random.Random(f"{split}/{effort}")
    return [images.drawn(rng, split, effort) for _ in range(count)]


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_examples_are_well_formed(split, effort) -> None:
    for example, pictures in drawings(split, effort):
        user, reply, *more = example.messages
        assert [m["role"] for m in example.messages] == ["user", "assistant"] * (1 + len(more) // 2)
        assert not more or (split == "train" and example.kind in ("count-some", "digits"))
        shown = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
        assert shown == [f"image:{i}" for i in range(len(pictures))]
        (text,) = [part["text"] for part in user["content"] if part["type"] == "text"]
        assert text == text.strip() != ""
        assert "{" not in text
        assert example.expect == {"text": example.messages[-1]["content"]}
        assert ("reasoning_content" in reply) == (effort == "high")
        assert len(pictures) == (2 if example.kind == "two-images" else 1)
        for picture in pictures:
            assert picture.dtype == np.uint8
            assert picture.shape[2] == 3
            assert min(picture.shape[:2]) >= 28


def test_all_kinds_appear() -> None:
    assert {example.kind for example, _ in drawings("train", "none")} == set(images.KINDS)


def test_the_data_url_holds_the_drawn_pixels() -> None:
    for seed in range(20):
        example, pictures = images.drawn(random.Random(seed), "test", "high")
        encoded = images.example(random.Random(seed), "test", "high")
        assert encoded.messages[1] == example.messages[1]
        urls = [p["image_url"]["url"] for p in encoded.messages[0]["content"] if p["type"] == "image_url"]
        for url, picture in zip(urls, pictures, strict=True):
            data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
            assert np.array_equal(np.asarray(Image.open(BytesIO(data))), picture)


def test_originals_of_digits_are_in_one_split() -> None:
    train, test = ({number for number, _, _ in handwritten()[split]} for split in ("train", "test"))
    assert not train & test
    assert len(train | test) == 1797
    assert 0.15 < len(test) / 1797 < 0.25
    assert {digit for _, digit, _ in handwritten()["test"]} == set(range(10))


@pytest.mark.parametrize("split", ["train", "test"])
def test_digits_come_from_originals_of_the_split_that_show_them(split) -> None:
    label = {number: digit for number, digit, _ in handwritten()[split]}
    rng = random.Random(split)
    seen = 0
    for how_many in (1, 2, 3) * 40:
        _, digits, key = images.digit_picture(rng, split, how_many)
        assert len(digits) == how_many
        what, *numbers = key.split()
        if what == "originals":
            assert digits == "".join(str(label[int(number)]) for number in numbers)
            seen += 1
    assert seen > 50


def test_an_enlarged_digit_still_looks_most_like_its_original() -> None:
    """Shrunk back to 8 x 8, it correlates with where it came from more than with most others."""
    stock = np.stack([original.ravel() for _, _, original in handwritten()["test"]])
    stock = stock - stock.mean(1, keepdims=True)
    stock /= np.linalg.norm(stock, axis=1, keepdims=True)
    for seed in range(20):
        rng = random.Random(seed)
        which = rng.randrange(len(stock))
        ink = handwritten_ink(rng, handwritten()["test"][which][2], 56).resize((8, 8), Image.Resampling.BOX)
        small = np.asarray(ink, np.float32).ravel()
        alike = stock @ (small - small.mean())
        assert alike[which] > np.quantile(alike, 0.9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ink", ["red", "black"])
def test_a_shape_is_drawn_in_its_colour_inside_the_picture(shape, ink) -> None:
    rng = random.Random(shape)
    for _ in range(5):
        picture = Image.new("RGB", (80, 80), (255, 255, 255))
        draw_shape(rng, picture, shape, (40, 40), 30, COLOURS[ink][0])
        values = np.asarray(picture).reshape(-1, 3)
        inked = (values == COLOURS[ink][0]).all(-1)
        assert 0.02 < inked.mean() < 0.8
        assert (np.asarray(picture)[[0, -1]] == 255).all()


def test_counted_shapes_can_be_counted_in_the_pixels() -> None:
    """Red circles on white are as many connected spots as were asked for."""
    for count in range(1, 7):
        rng = random.Random(count)
        picture = Image.fromarray(np.full((300, 300, 3), 255, np.uint8))
        places = [(50 + 100 * (i % 3), 75 + 150 * (i // 3)) for i in range(count)]
        for place in places:
            draw_shape(rng, picture, "circle", place, 30, (255, 0, 0))
        assert _spots(np.asarray(picture)[..., 1] < 128) == count


@pytest.mark.parametrize("count", range(1, 7))
def test_pictures_of_several_shapes_keep_them_apart(count) -> None:
    """Filled or outlined, on whatever ground: the spots are those that were asked for."""
    for split in ("test", "train"):
        right = 0
        for seed in range(10):
            picture = images.shapes_picture(random.Random(seed), [("square", "red")] * count, split).astype(np.int32)
            ground = np.median(picture.reshape(-1, 3), 0) if count < 3 else picture[0, 0]
            right += _spots(np.abs(picture - ground).sum(-1) > 150) == count
        assert right >= 7  # grounds that get darker, noise and blur leave some spots open


@pytest.mark.parametrize("layout", [images._line, images._scattered])
@pytest.mark.parametrize("count", range(1, 7))
def test_loose_shapes_are_inside_and_clear_of_each_other(layout, count) -> None:
    radii = []
    for seed in range(100):
        (width, height), circles = layout(random.Random(seed), count)
        assert 28 <= min(width, height) <= max(width, height) <= 112
        assert len(circles) == count
        for place, (x, y, radius) in enumerate(circles):
            assert radius <= min(x, y, width - x, height - y)
            assert all(math.hypot(x - a, y - b) > radius + r + 1 for a, b, r in circles[:place])
            radii.append(radius)
    assert min(radii) > 2.9
    assert min(radii) < 5
    assert max(radii) > 12 or (layout is images._line and max(radii) > 7)


def test_the_test_split_sees_nothing_of_what_was_added_for_training(monkeypatch) -> None:
    """That its random numbers stay as they were, ``test_held_out_cases.py`` knows."""

    def never(*_):
        raise AssertionError

    for name in ("_loose_picture", "_number_picture", "_compared", "faces"):
        with monkeypatch.context() as patch:
            patch.setattr(images, name, never)
            assert len(drawings("test", "none", 300)) == 300
            with pytest.raises(AssertionError):
                drawings("train", "none", 300)


def test_every_face_has_ten_different_digits() -> None:
    """A font without digits would draw the same box for each."""
    for face in faces():
        masks = {printed_ink(random.Random(0), digit, 40, face).tobytes() for digit in "0123456789"}
        assert len(masks) == 10, face


def test_numbers_are_printed_small_and_large_and_never_cut_off() -> None:
    shares = []
    for seed in range(120):
        rng = random.Random(seed)
        picture, digits, _ = images._number_picture(rng, 1 + seed % 3)
        values = picture.astype(np.int32)
        ink = np.abs(values - values[0, 0]).sum(-1) > 150
        assert ink.any(), digits
        columns = np.flatnonzero(ink.any(0))
        shares.append((columns[-1] + 1 - columns[0]) / ink.shape[1])
        assert not ink[:, [0, -1]].any()
    assert min(shares) < 0.2
    assert max(shares) > 0.9


def test_asked_which_picture_shows_something_exactly_one_does() -> None:
    asked = 0
    for example, _ in drawings("train", "high", 600):
        answer, thought = example.messages[1]["content"], example.messages[1]["reasoning_content"]
        (text,) = [p["text"] for p in example.messages[0]["content"] if p["type"] == "text"]
        if example.kind != "two-images" or answer not in ("the first", "the second") or text in images.LARGER:
            continue
        wanted = {word for word in text.strip("?").replace(",", "").split() if word in (*SHAPES, *COLOURS)}
        there = [wanted <= set(shown.split()) for shown in thought.split(" and ")]
        assert there == [answer == "the first", answer == "the second"]
        asked += 1
    assert asked > 5


def _spots(mask) -> int:
    """Connected areas of more than 20 pixels."""
    left = set(zip(*np.nonzero(mask), strict=True))
    spots = 0
    while left:
        reached, size = [left.pop()], 0
        while reached:
            y, x = reached.pop()
            size += 1
            for place in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if place in left:
                    left.remove(place)
                    reached.append(place)
        spots += size > 20
    return spots


def test_further_counts_are_those_of_what_is_thought_to_be_there() -> None:
    rounds = 0
    for example, _ in drawings("train", "high"):
        if example.kind != "count-some":
            continue
        for user, reply in zip(example.messages[2::2], example.messages[3::2], strict=True):
            there = reply["reasoning_content"].split(", ")
            assert str(sum(thing in user["content"] for thing in there)) == reply["content"]
            rounds += 1
    assert rounds > 5


def test_thoughts_lead_to_the_answers() -> None:
    seen = set()
    for example, _ in drawings("test", "high", 300):
        (text,) = [p["text"] for p in example.messages[0]["content"] if p["type"] == "text"]
        thought, answer = example.messages[1]["reasoning_content"], example.messages[1]["content"]
        if example.kind == "count":
            assert thought.split()[-1] == answer
        elif example.kind == "count-some":
            named = [part.strip() for part in thought.split(",")]
            matches = {n for n in named if n in text}
            assert str(sum(n in matches for n in named)) == answer
        elif example.kind == "digits":
            assert thought == "Digits: " + " ".join(answer)
        elif text in images.SUM:
            first, second = thought.split(",")[0].split(" and ")
            assert answer == str(int(first) + int(second))
        elif text in images.LARGER:
            first, second = thought.split(" and ")
            assert answer == ("the first" if int(first) > int(second) else "the second")
        else:
            continue
        seen.add(example.kind)
    assert seen == {"count", "count-some", "digits", "two-images"}


def test_colours_of_a_picture_can_be_told_apart() -> None:
    rng = random.Random(0)
    for _ in range(100):
        ink = rng.choice(list(COLOURS))
        _, ground = images.shape_picture(rng, "circle", ink)
        assert apart(ground, ink)
    assert not apart("red", "orange")
    assert not apart("orange", "red")


def test_equal_seeds_draw_equal_pictures() -> None:
    for seed in range(30):
        a, b = (images.drawn(random.Random(seed), "train", "high") for _ in "ab")
        assert a[0] == b[0]
        assert all(np.array_equal(x, y) for x, y in zip(a[1], b[1], strict=True))
    assert canvas(random.Random(1), 30, 40, (1, 2, 3)).size == (30, 40)
