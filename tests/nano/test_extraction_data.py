"""Extraction for nano: answers obey their schemas, values stand in the texts, tests use other domains and words."""

from __future__ import annotations

import itertools
import json
import random

import jsonschema
import pytest
from ability_checks import CASES, examples

from quickly import quickly
from recipes.nano.abilities import extraction, records, schema_forms

KINDS = {"flat", "nested", "list", "missing", "types"}
COUNT = 300


def made(split="train", effort="none"):
    return examples(extraction, split, effort, COUNT)


def schema_of(example):
    assert example.response_format["type"] == "json_schema"
    return example.response_format["json_schema"]["schema"]


def prompt(example):
    return "\n".join(message["content"] for message in example.messages[:-1])


def leaves(value):
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def in_order(value, schema):
    if isinstance(value, dict):
        assert list(value) == list(schema["properties"])
        for key, inner in value.items():
            in_order(inner, schema["properties"][key])
    elif isinstance(value, list):
        for inner in value:
            in_order(inner, schema["items"])


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_answers_are_the_json_alone_and_obey_the_schema(split, effort):
    assert {example.kind for example in made(split, effort)} == KINDS
    for example in made(split, effort):
        value, answer, schema = example.expect["json"], example.messages[-1], schema_of(example)
        jsonschema.validate(value, schema)
        in_order(value, schema)
        assert answer["content"] == json.dumps(value, ensure_ascii=False)
        assert bool(answer.get("reasoning_content")) == (effort == "high")
        assert [m["role"] for m in example.messages] in (["user", "assistant"], ["system", "user", "assistant"])
        assert all(m["content"] == m["content"].strip() != "" for m in example.messages)


def test_thoughts_say_the_text_again_count_rows_and_whether_something_may_be_missing():
    counted, missing, there = 0, 0, 0
    for example in made(effort="high"):
        value = example.expect["json"]
        found = dict(extraction._leaves({"list": value} if isinstance(value, list) else value))
        lists = {} if example.given else {key: len(one) for key, one in found.items() if isinstance(one, list)}
        thought = example.messages[-1]["reasoning_content"].split("\n")
        doubted = thought[-1] == extraction.NULL
        thought = thought[:-1] if doubted else thought
        if lists:
            assert thought.pop() == ", ".join(f"{key} {length}" for key, length in lists.items()) + "."
        assert any("\n".join(thought) in message["content"] for message in example.messages[:-1])
        assert doubted or None not in found.values()
        counted += bool(lists)
        missing += None in found.values()
        there += doubted and None not in found.values()
    assert min(counted, missing, there) > 10


def test_a_value_may_be_missing_where_the_schema_has_null():
    sure = {"type": "object", "properties": {"a": {"type": "string"}}}
    null = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    assert not extraction._nullable(sure)
    assert extraction._nullable(null)
    assert extraction._nullable({"type": "object", "properties": {"b": {"type": "integer"}, "c": null}})
    assert not extraction._nullable({"type": "array", "items": null})


@pytest.mark.parametrize("split", ["train", "test"])
def test_values_stand_in_the_text(split):
    for example in made(split):
        text = prompt(example).lower()
        for value in leaves(example.expect["json"]):
            if value is not None and not isinstance(value, bool):
                assert str(value).lower() in text, (value, text)


def test_only_what_is_missing_is_null():
    for example in made():
        empty = [value for value in leaves(example.expect["json"]) if value is None]
        assert bool(empty) == (example.kind == "missing")


def test_most_prompts_name_their_keys_and_some_leave_it_to_the_response_format():
    named = [all(key in prompt(example) for key in keys(example.expect["json"])) for example in made()]
    assert 0.8 < sum(named) / COUNT < 0.97


def test_types_and_nesting_are_those_of_the_kind():
    for example in made():
        value = example.expect["json"]
        if example.kind == "nested":
            assert any(isinstance(inner, (dict, list)) for inner in value.values())
        if example.kind in ("flat", "types", "missing"):
            lists = [inner for inner in value.values() if isinstance(inner, list)]  # of words, in training
            assert not any(isinstance(inner, dict) for inner in [*value.values(), *itertools.chain(*lists)])
        if example.kind == "list":
            assert isinstance(value, list) or isinstance(next(iter(value.values())), list)


def test_texts_and_keys_of_tests_are_never_met_in_training():
    train = [example for effort in ("none", "high") for example in made("train", effort)]
    test = [example for effort in ("none", "high") for example in made("test", effort)]
    assert not {e.key for e in train} & {e.key for e in test}
    assert not {prompt(e) for e in train} & {prompt(e) for e in test}
    names = {split: {d.name for d in records.BY_SPLIT[split]} for split in ("train", "test")}
    assert len(names["test"]) == 8
    assert not names["train"] & names["test"]
    # Most of the words that schemas are made of are new in a test.
    seen = {key for e in train for key in keys(e.expect["json"])}
    new = [key not in seen for e in test for key in keys(e.expect["json"])]
    assert sum(new) / len(new) > 0.6


def test_every_field_of_a_domain_can_be_told():
    for domain in records.DOMAINS.values():
        slots = {one.slot for one in domain.fields}
        assert all("{" + domain.fields[0].slot + "}" in first for first in domain.firsts), domain.name
        for sentence, used in domain.sentences:
            assert used, sentence
            assert used <= slots - {domain.fields[0].slot}, sentence


def test_schemas_are_shown_in_every_form_with_all_their_keys():
    rng, forms = random.Random(0), set()
    for example in made():
        form, text = schema_forms.shown(rng, schema_of(example))
        forms.add(form)
        if "properties" in schema_of(example):
            assert all(key in text for key in schema_of(example)["properties"])
    assert forms == set(schema_forms.FORMS)


def test_the_same_seed_makes_the_same_and_fast_enough_to_train_on():
    def run() -> None:
        rngs = random.Random(7), random.Random(7)
        first, second = ([extraction.example(rng, "train", "none") for _ in range(150)] for rng in rngs)
        assert first == second

    quickly(3, run)  # training needs some tens in a second
