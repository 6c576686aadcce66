"""Pictures in Mistral's prompts: the worked examples (model.md 5 and 6.4), and where their vectors stand."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from quatre.chat.prompt import Prompt
from quatre.chat.tekken import TekkenTokenizer
from quatre.errors import RequestError
from tekken_files import saved, tekken_file


def picture(width: int, height: int, value: int = 200) -> dict[str, Any]:
    file = BytesIO()
    Image.new("RGB", (width, height), (value, 0, 0)).save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def asked(tokenizer: TekkenTokenizer, *parts: dict[str, Any]) -> Prompt:
    return tokenizer.chat_prompt([{"role": "user", "content": list(parts)}])


def from_question(prompt: Prompt) -> list[int]:
    return prompt[prompt.index(3) :]


def test_an_image_before_its_question(v15: TekkenTokenizer) -> None:
    prompt = asked(v15, picture(56, 30), text("What?"))
    assert from_question(prompt) == [3, 10, 10, 12, 10, 10, 13, 7493, 1063, 4]
    (found,) = prompt.pictures
    first = prompt.index(10)
    assert found.places.tolist() == [first, first + 1, first + 3, first + 4]
    assert found.pixels.shape == (3, 56, 56)


def test_an_image_behind_its_question_is_moved(v15: TekkenTokenizer) -> None:
    assert from_question(asked(v15, text("What?"), picture(28, 28))) == [3, 10, 13, 7493, 1063, 4]


def test_several_images_keep_their_places(v15: TekkenTokenizer) -> None:
    prompt = asked(v15, text("a"), picture(28, 28, 10), text("b"), picture(57, 28, 90))
    assert from_question(prompt) == [3, 1097, 10, 13, 1098, 10, 10, 10, 13, 4]
    assert [len(found.places) for found in prompt.pictures] == [1, 3]
    assert prompt.pictures[0].pixels[0, 0, 0] < prompt.pictures[1].pixels[0, 0, 0]


def test_an_image_in_a_tool_result(v15: TekkenTokenizer) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    prompt = v15.chat_prompt(
        [
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": [text("see"), picture(28, 28)]},
        ]
    )
    assert prompt[-5:] == [7, *v15.encode("see", bos=False), 10, 13, 8][-5:]
    assert prompt.pictures[0].places.tolist() == [len(prompt) - 3]


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [(28, 28, 1, 1), (29, 28, 2, 1), (1024, 768, 37, 28), (4000, 3000, 55, 42), (1540, 1540, 55, 55), (9000, 3, 55, 1)],
)
def test_how_many_tokens_an_image_takes(v15: TekkenTokenizer, width: int, height: int, columns: int, rows: int) -> None:
    prompt = asked(v15, picture(width, height))
    assert prompt.count(10) == columns * rows == len(prompt.pictures[0].places)
    assert (prompt.count(12), prompt.count(13)) == (rows - 1, 1)
    assert prompt.pictures[0].pixels.shape == (3, 28 * rows, 28 * columns)


def test_mistrals_spelling_of_the_address(v15: TekkenTokenizer) -> None:
    short = {"type": "image_url", "image_url": picture(28, 28)["image_url"]["url"]}
    assert asked(v15, short) == asked(v15, picture(28, 28))


def test_text_prompts_have_no_pictures(v15: TekkenTokenizer) -> None:
    prompt = v15.chat_prompt([{"role": "user", "content": "[IMG]"}])
    assert 10 not in prompt
    assert prompt.pictures == ()


def test_vocabularies_without_images_read_text_only(tmp_path: Path, shipped_tekken: dict[str, Any]) -> None:
    content = tekken_file(shipped_tekken, "v11")
    plain = TekkenTokenizer(saved(tmp_path, {key: value for key, value in content.items() if key != "image"}))
    with pytest.raises(RequestError, match=r"messages\[0\] has an image, but this model reads text only"):
        asked(plain, picture(28, 28))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "system", "content": [picture(28, 28)]}, r"messages\[0\] has an image in part 0; only user and tool"),
        ({"role": "user", "content": [{"type": "image_url"}]}, "image_url part 0 without"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}, "not fetched"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}, "data URL"),
        ({"role": "user", "content": [picture(28, 28)] * 65}, "65 images; at most 64"),
    ],
)
def test_what_cannot_be_read_is_refused(v15: TekkenTokenizer, message: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        v15.chat_prompt([message])


BROKEN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize("part", [BROKEN, {"type": "image_url", "image_url": "data:image/png;base64,?"}])
def test_a_broken_picture_is_named_by_its_message(v15: TekkenTokenizer, part: dict[str, Any]) -> None:
    messages = [{"role": "user", "content": [picture(28, 28)]}, {"role": "user", "content": [text("a"), part]}]
    with pytest.raises(RequestError, match=r"^messages\[1\]: an image is not") as caught:
        v15.chat_prompt(messages)
    assert caught.value.param == "messages"


def test_pixels_are_normalised(v15: TekkenTokenizer) -> None:
    pixels = asked(v15, picture(28, 28, 255)).pictures[0].pixels
    expected = [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258, -0.40821073 / 0.27577711]
    np.testing.assert_allclose(pixels[:, 0, 0], expected, 1e-5)
