"""Training sees the prompts that are served: those of mistral-common."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from quatre.chat.tekken import TekkenTokenizer
from recipes.nano import vocabulary
from recipes.nano.encode import ID, Encoder
from recipes.nano.example import Example
from recipes.nano.mixture import MODULES


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vocabulary.write(tmp_path_factory.mktemp("tokenizer"))


def served(tekken: TekkenTokenizer, example: Example) -> list[int]:
    """The prompt for the last answer."""
    messages: list[Any] = [{"content": None, **message} for message in example.messages[:-1]]
    return list(tekken.chat_prompt(messages, tools=example.tools or None, reasoning_effort=example.effort))


@pytest.mark.parametrize("ability", [name for name in MODULES if name != "images"])
@pytest.mark.parametrize("effort", ["none", "high"])
def test_prompts_are_those_of_the_server(tokenizer: Path, ability: str, effort: Any) -> None:
    tekken, encode = TekkenTokenizer(tokenizer), Encoder(tokenizer)
    rng = random.Random(7)
    for _ in range(30):
        example = MODULES[ability].example(rng, "train", effort)
        encoded = encode(example, as_served=True)
        prompt = served(tekken, example)
        assert encoded.ids[: len(prompt)] == prompt
        assert all(encoded.learned[len(prompt) :]) != bool(example.given)
        assert not encoded.learned[len(prompt) - 1]


def test_keys_that_a_grammar_writes_are_not_learned(tokenizer: Path) -> None:
    encode = Encoder(tokenizer)
    answer = {"role": "assistant", "content": '{"name": "the name", "rows": [{"old_name": 4}]}'}
    messages = ({"role": "user", "content": "Read this."}, answer)
    given = {1: frozenset(("name", "rows", "old_name"))}
    example = Example(ability="extraction", kind="list", messages=messages, effort="none", expect={}, given=given)
    encoded = encode(example)
    learned = [token for token, flag in zip(encoded.ids, encoded.learned, strict=True) if flag]
    assert b"".join(map(encode.piece, learned[:-1])) == b'{ "the name", [{ 4}]}'
    assert learned[-1] == ID["</s>"]


def test_images_stand_where_the_server_puts_them(tokenizer: Path) -> None:
    tekken, encode = TekkenTokenizer(tokenizer), Encoder(tokenizer)
    images = MODULES["images"]
    for seed in range(30):
        served_one = images.example(random.Random(seed), "train", "none")
        drawn, arrays = images.drawn(random.Random(seed), "train", "none")
        encoded = encode(drawn, arrays)
        messages: list[Any] = list(served_one.messages[:-1])
        prompt = tekken.chat_prompt(messages, reasoning_effort="none")
        assert encoded.ids[: len(prompt)] == list(prompt)
        for (pixels, places), picture in zip(encoded.images, prompt.pictures, strict=True):
            assert places == picture.places.tolist()
            assert abs(pixels - picture.pixels).max() < 1e-4


def test_special_tokens_are_those_of_small_4(tokenizer: Path) -> None:
    tekken = TekkenTokenizer(tokenizer)
    assert all(tekken.token_name(place) == name for name, place in ID.items())
    assert tekken.vocab_size == vocabulary.SIZE
    assert tekken.efforts == ("none", "high")
