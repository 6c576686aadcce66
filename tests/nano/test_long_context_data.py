"""Haystacks for nano: what is asked stands in them once, and tests ask for what training never held."""

from __future__ import annotations

import json
import random
import re

import pytest
from ability_checks import CASES, answered

from recipes.nano.abilities import long_context
from recipes.nano.abilities.haystack import FORMS, KEYS, VALUES, distinct, held_out, prose
from recipes.nano.abilities.haystack_words import ADJECTIVES, ADVERBS, NAMES, NOUNS, PLACES, THINGS, VERBS


def examples(split, effort, count=250):
    rng = random.Random(f"{split}/{effort}")
    return [long_context.example(rng, split, effort) for _ in range(count)]


def text_of(example) -> str:
    return "\n".join(m["content"] for m in example.messages if m["role"] != "assistant")


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_examples_are_well_formed(split, effort) -> None:
    for example in examples(split, effort):
        roles = [m["role"] for m in example.messages]
        assert roles[roles[0] == "system" :] == ["user", "assistant"] * (len(roles) // 2)
        assert answered(example)
        assert "{k}" not in text_of(example)
        assert "{v}" not in text_of(example)
        assert "{what}" not in text_of(example)
        for message in example.messages:
            assert message["content"].strip() != ""
            assert ("reasoning_content" in message) == (message["role"] == "assistant" and effort == "high")
        if split == "test":
            assert roles.count("user") == 1


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_each_answer_stands_once_in_the_text(split, effort) -> None:
    """Or twice, in the one sentence that says it twice; the digits of a code such as XY-805 are none."""
    for example in examples(split, effort):
        text = text_of(example)
        for message in example.messages:
            if message["role"] != "assistant":
                continue
            value = re.escape(message["content"])
            found = len(re.findall(rf"(?<![\w-]){value}(?![\w])", text))
            twice = len(re.findall(rf"{value}\. Remember it\. {value} is", text))
            assert found == 1 + twice, example


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_thought_quotes_the_record_of_the_key(split) -> None:
    """The record stands in the text, has the answer, and the words by which the question names the key."""
    for example in examples(split, "high"):
        text = text_of(example)
        for message in example.messages:
            if message["role"] == "assistant":
                found = message["reasoning_content"].removeprefix("Found: ")
                key = found.removesuffix(message["content"]).rstrip()
                assert found.endswith(message["content"])
                assert text.count(found) == 1 or (
                    found not in text and key in text
                )  # the key may stand behind its value


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("form", [*FORMS["train"], *FORMS["test"]], ids=lambda form: form.line)
def test_no_two_records_share_a_key_or_value(split, form) -> None:
    lines = long_context._lines(random.Random(form.line), split, form, 2000, 2, set())
    assert len(lines) >= 2
    assert len({value for _, value, *_ in lines}) == len(lines)
    for line, value, question, found in lines:
        assert found.endswith(value)
        named = [key for key in re.findall(r"[\w-]+", question) if key in line and len(key) > 1]
        assert named, (line, question)
        assert value in line
        assert value not in question
        assert [one for one, *_ in lines if one == line] == [line]


def test_json_haystacks_are_json() -> None:
    whole = [form for form in FORMS["train"] if form.head.startswith("{{")]
    rows = [form for split in FORMS for form in FORMS[split] if form.line.startswith("{{")]
    assert whole
    assert rows
    for form in whole:
        lines = long_context._lines(random.Random(1), "train", form, 800, 2, set())
        text = form.head.format() + form.joint.join(line for line, *_ in lines) + form.tail.format()
        assert list(json.loads(text).values()) == [value for _, value, *_ in lines]
    for form in rows:
        for line, value, *_ in long_context._lines(random.Random(2), "test", form, 800, 2, set()):
            assert value in map(str, json.loads(line).values())


@pytest.mark.parametrize("characters", [700, 3000, 12000, 50000])
def test_texts_are_about_as_long_as_asked(characters) -> None:
    for seed in range(6):
        made = text_of(long_context.example_of(random.Random(seed), "train", "none", characters))
        assert 0.6 * characters < len(made) < 1.5 * characters + 300


def test_so_many_questions_as_asked() -> None:
    counts = set()
    for seed in range(20):
        made = long_context.example_of(random.Random(seed), "train", "none", 6000, 7)
        asked = [m["content"] for m in made.messages if m["role"] == "assistant"]
        counts.add(len(asked))
        assert len(set(asked)) == len(asked)
    assert counts == {1, 7}  # a needle is one


@pytest.mark.parametrize("kind", [*KEYS, *VALUES])
def test_keys_and_values_are_in_one_split(kind) -> None:
    make = KEYS[kind][0] if kind in KEYS else VALUES[kind]
    least = min(KEYS[kind][1], 200) if kind in KEYS else 50
    made = {split: distinct(random.Random(kind), split, make, least, set()) for split in ("train", "test")}
    assert all(len(set(texts)) == len(texts) >= 0.9 * least for texts in made.values())
    assert all(held_out(text) for text in made["test"])
    assert not any(held_out(text) for text in made["train"])


def test_the_splits_do_not_overlap() -> None:
    tests, train = examples("test", "none", 400), examples("train", "none", 1000)
    keys = {example.key for example in tests}
    assert len(keys) > 300
    for example in train:
        answers = {m["content"] for m in example.messages if m["role"] == "assistant"}
        assert not answers & keys
    assert not {form.line for form in FORMS["test"]} & {form.line for form in FORMS["train"]}
    assert not set(long_context.SAYINGS["test"]) & set(long_context.SAYINGS["train"])


def test_prose_names_no_key() -> None:
    names = {word.lower() for word in NAMES + PLACES + THINGS}
    assert not names & {word.lower() for word in ADJECTIVES + NOUNS}
    assert not names & {word for phrase in VERBS + ADVERBS for word in phrase.split()}
    rng = random.Random(3)
    words = {w for _ in range(30) for one in prose(rng, 500) for w in re.findall(r"[A-Za-z]+", one)}
    assert not words & set(NAMES + PLACES)


def test_equal_seeds_make_equal_texts() -> None:
    for seed in range(20):
        a, b = (long_context.example(random.Random(seed), "test", "high") for _ in "ab")
        assert a == b
