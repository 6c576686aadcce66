"""Pictures in conversations with a GGUF model: its own vocabulary and chat template, and an encoder beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import mistral_common
import numpy as np
import pytest
from PIL import Image

import official_checkpoints as official
import tiny_checkpoints as tiny
from gguf_files import TEMPLATE, mistral_vocabulary, write_mmproj
from quatre import LLM, SamplingParams
from quatre.chat.image_tokens import ImageTokens
from quatre.chat.pictures import open_picture
from quatre.chat.tekken import TekkenTokenizer
from quatre.errors import RequestError
from quatre.llm.outputs import RequestOutput
from tekken_files import saved, v15_file

VOCAB = 1400
VISION = official.VISION | {"image_size": 40}
GREEDY = SamplingParams(temperature=0, max_tokens=4, logprobs=0, ignore_eos=True)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    return json.loads((Path(mistral_common.__file__).parent / "data" / "tekken_240911.json").read_bytes())


def write(folder: Path, shipped: dict[str, Any], template: str = TEMPLATE) -> Path:
    config = tiny.MISTRAL4 | {"vocab_size": VOCAB}
    vocabulary = mistral_vocabulary(shipped["vocab"][: VOCAB - 1000], template)
    path = tiny.write_gguf(folder / "model.gguf", config, tiny.random_weights(config), vocabulary=vocabulary)
    dim = config["hidden_size"]
    write_mmproj(folder / "mmproj.gguf", official.vision_weights(dim), VISION, dim)
    return path


@pytest.fixture(scope="module", params=["native", pytest.param("torch", marks=pytest.mark.torch)])
def llm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shipped: Any) -> Iterator[LLM]:
    path = write(tmp_path_factory.mktemp("gguf"), shipped)
    with LLM(path, backend=request.param, dtype="float32", max_model_len=1024) as llm:
        yield llm


def picture(seed: int, size: tuple[int, int] = (20, 12)) -> dict[str, Any]:
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()},
    }


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def ask(llm: LLM, *parts: dict[str, Any]) -> RequestOutput:
    (output,) = llm.chat([{"role": "user", "content": list(parts)}], GREEDY)
    return output


def scores(output: RequestOutput) -> list[float]:
    return [next(iter(choices.values())).logprob for choices in output.outputs[0].logprobs or []]


def test_each_place_of_the_template_grows_to_its_picture(llm: LLM) -> None:
    prompt = ask(llm, text("a"), picture(1), text("b"), picture(2, (8, 8))).prompt_token_ids
    row = [10, 10, 10]  # 20 x 12 pixels, 8 a token
    assert prompt == [1, 3, 1097, *row, 12, *row, 13, 1098, 10, 13, 4]


def test_answers_depend_on_the_pictures_and_their_order(llm: LLM) -> None:
    assert scores(ask(llm, picture(1), text("a"))) != scores(ask(llm, picture(2), text("a")))
    assert scores(ask(llm, picture(1), picture(2))) != scores(ask(llm, picture(2), picture(1)))


def test_a_picture_in_the_result_of_a_tool(llm: LLM) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answers = []
    for seed in (1, 2):
        messages = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": [picture(seed)]},
        ]
        (output,) = llm.chat(messages, GREEDY)
        assert output.prompt_token_ids[-10:] == [7, 10, 10, 10, 12, 10, 10, 10, 13, 8]
        answers.append(scores(output))
    assert answers[0] != answers[1]


def test_words_that_look_like_a_place_are_words(llm: LLM) -> None:
    assert ask(llm, text("[IMG]"), picture(1)).prompt_token_ids.count(10) == 6


def test_templates_without_places_refuse_pictures(tmp_path: Path, shipped: dict[str, Any]) -> None:
    with LLM(write(tmp_path, shipped, "[INST]{{ messages[0].content | tojson }}[/INST]"), max_model_len=256) as llm:
        with pytest.raises(RequestError, match="leaves 0 places for 1 images"):
            ask(llm, picture(1))
        assert ask(llm, text("a")).outputs[0].token_ids


def test_a_broken_picture_is_named_by_its_message(llm: LLM) -> None:
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    messages = [{"role": "user", "content": [picture(1)]}, {"role": "user", "content": [broken]}]
    with pytest.raises(RequestError, match=r"^messages\[1\]: an image is not a picture"):
        llm.chat(messages, GREEDY)


def test_without_an_encoder_pictures_are_refused(tmp_path: Path, shipped: dict[str, Any]) -> None:
    path = write(tmp_path, shipped)
    (tmp_path / "mmproj.gguf").unlink()
    with (
        LLM(path, max_model_len=256) as llm,
        pytest.raises(RequestError, match="has an image, but this model reads text only"),
    ):
        ask(llm, picture(1))


@pytest.mark.parametrize(
    "size", [(1, 1), (28, 29), (27, 28), (1540, 1), (1, 3000), (2000, 1500), (1541, 1540), (9001, 2), (3081, 1541)]
)
def test_grids_and_pixels_are_those_of_mistral_common(
    tmp_path_factory: pytest.TempPathFactory, shipped: dict[str, Any], size: tuple[int, int]
) -> None:
    whole = v15_file(shipped)
    short = whole | {"vocab": whole["vocab"][:300], "config": whole["config"] | {"default_vocab_size": 1300}}
    mistral = TekkenTokenizer(saved(tmp_path_factory.mktemp("tekken"), short))
    expected = mistral.chat_prompt([{"role": "user", "content": [picture(5, size)]}])
    ours = ImageTokens(10, 12, 13, 28, 1540).prompt([10], [open_picture(picture(5, size)["image_url"]["url"])])
    assert list(ours) == expected[expected.index(3) + 1 : -1]
    assert np.array_equal(ours.pictures[0].pixels, expected.pictures[0].pixels)
