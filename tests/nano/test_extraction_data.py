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


def test_thoughts_count_rows_and_say_what_is_there():
    counted, there, missing = 0, 0, 0
    for example in made(effort="high"):
        thought, value = example.messages[-1]["reasoning_content"], example.expect["json"]
        found = dict(extraction._leaves({"list": value} if isinstance(value, list) else value))
        absent = {key for key, one in found.items() if one is None}
        notes = [] if thought == extraction.ALL else [note.split(" ") for note in thought.removesuffix(".").split(", ")]
        counts = {key: int(note) for key, note in notes if note.isdigit()}
        lists = {} if example.given else {key: len(one) for key, one in found.items() if isinstance(one, list)}
        assert counts == lists
        judged = {key: note for key, note in notes if not note.isdigit()}
        assert all(note == ("no" if key in absent else "yes") for key, note in judged.items())
        assert absent <= set(judged)
        assert [key for key, _ in notes] == [key for key in found if key in judged or key in counts]
        counted += bool(counts)
        there, missing = there + len(judged) - len(absent), missing + len(absent)
    assert counted > 10
    assert missing > 10
    assert there > missing  # so that "no" is not what is said of everything


def test_forms_that_show_null_are_known():
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    sure = {"type": "object", "properties": {"a": {"type": "string"}}}
    rng = random.Random(2)
    seen = {}
    for _ in range(200):
        state = rng.getstate()
        form, shown = schema_forms.shown(rng, schema)
        rng.setstate(state)
        seen[form] = schema_forms.shown(rng, sure)[1] != shown
    assert set(seen) == set(schema_forms.FORMS)
    assert {form for form, shows in seen.items() if shows} == schema_forms.SHOWING_NULL


def test_only_fields_that_may_be_missing_are_judged():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}}}
    assert extraction._doubted(schema, "typescript", said=True) == {"b"}
    assert extraction._doubted(schema, "example", said=False) == {"a", "b"}  # which does not show null
    outer = {"type": "object", "properties": {"c": {"type": "integer"}, "d": schema}}
    assert extraction._doubted(outer, "schema", said=False) == {"b"}
    assert extraction._doubted(outer, "fields", said=True) == {"a", "b", "c"}
    sure = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert extraction._doubted(sure, "schema", said=False) == set()
    assert extraction._doubted(sure, "schema", said=True) == {"a"}


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
