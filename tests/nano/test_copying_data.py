"""Copying for nano: whatever is to be said stands in the prompt, and made-up words are of their split."""

from __future__ import annotations

import json
import random

import pytest
from ability_checks import CASES, answered, examples

from recipes.nano.abilities import copying, worlds


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_roles_alternate_and_the_answer_is_what_is_expected(split, effort) -> None:
    for example in examples(copying, split, effort, 500):
        roles = [message["role"] for message in example.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert answered(example)
        assert example.messages[-1]["content"]


def test_all_kinds_appear() -> None:
    assert {example.kind for example in examples(copying, "train", "none", 500)} == set(copying.MAKERS)


@pytest.mark.parametrize("kind", ["pieces", "echo", "look-up"])
def test_answers_stand_in_the_prompt(kind) -> None:
    for example in examples(copying, "train", "none", 500):
        if example.kind == kind:
            for message in example.messages[1::2]:
                assert message["content"] in example.messages[0]["content"]


@pytest.mark.parametrize("form", list(copying.LISTS))
def test_every_form_of_a_list_has_all_its_items_in_order(form) -> None:
    items = ["Zoe Krall", "pond", "83"]
    written = copying.LISTS[form](items)
    places = [written.index(item) for item in items]
    assert places == sorted(places)
    if form in ("json", "object"):
        assert list(json.loads(written)) == items


def test_lists_have_no_item_twice_and_words_of_their_split() -> None:
    rng = random.Random(0)
    for _ in range(200):
        messages, answer = copying._list(rng, "train")
        assert messages[-1]["content"] == answer
    words = [word for word in copying.whole_words() if worlds.split_of(word) == "test"]
    assert len(words) > 200  # some there are that must not be met
    met = {copying._item(rng, "train") for _ in range(5000)}
    assert not met & set(words)


def test_a_third_of_what_pools_give_in_training_is_made_up_and_nothing_in_tests() -> None:
    rng = random.Random(0)
    drawn = [worlds.FIRST.draw(rng, "train") for _ in range(2000)]
    made_up = [name for name in drawn if name not in worlds.FIRST.parts["train"]]
    assert 0.3 < len(made_up) / len(drawn) < 0.4
    assert all(name[0].isupper() and worlds.split_of(name) == "train" for name in made_up)
    assert {worlds.FIRST.draw(rng, "test") for _ in range(500)} <= set(worlds.FIRST.parts["test"])
