"""Texts as people write them: all that is asked for stands in them, and none is of a held-out domain."""

from __future__ import annotations

import random

import pytest

from recipes.nano.abilities import json_requests, record_texts, records, schema_forms
from recipes.nano.abilities.extraction import example
from recipes.nano.abilities.records import SLOT, Domain

COUNT = 400


@pytest.mark.parametrize("scene", record_texts.ALL, ids=lambda scene: scene.name)
def test_texts_tell_fields_of_the_scene_each_with_its_own_names(scene: Domain) -> None:
    slots = [one.slot for one in scene.fields]
    assert len(scene.firsts) >= 3
    for text in scene.firsts:
        assert 2 <= len(set(SLOT.findall(text))) <= len(slots)
        assert set(SLOT.findall(text)) <= set(slots), text
    names = [name for one in scene.fields for name in one.names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("scene", record_texts.ALL, ids=lambda scene: scene.name)
def test_no_scene_is_a_held_out_domain(scene: Domain) -> None:
    asked = {frozenset(one.names) for one in scene.fields}
    for domain in records.BY_SPLIT["test"]:
        shared = [names for names in asked if any(names & set(one.names) for one in domain.fields)]
        assert len(shared) < 4, (domain.name, shared)


@pytest.mark.parametrize("whole", [True, False])
def test_values_stand_in_the_text_and_what_is_absent_does_not(whole: bool) -> None:
    rng, left_out = random.Random(1), 0
    scenes = {scene.name: scene for scene in record_texts.ALL}
    for _ in range(COUNT):
        told = record_texts.told(rng, whole=whole)
        assert len(told.entries) >= 2
        for value in told.entries.values():
            assert value.text in told.text
        assert told.untold is not None
        assert not set(told.untold) & set(told.entries)
        left_out += len(told.entries) + len(told.untold) < len(scenes[told.domain].fields)
    assert (left_out == 0) == whole


def test_records_with_missing_fields_have_one() -> None:
    rng, found = random.Random(2), 0
    for _ in range(COUNT):
        made = example(rng, "train", "none")
        if made.kind == "missing":
            found += 1
            assert None in made.expect["json"].values()
    assert found > 20


SCHEMA = {
    "type": "object",
    "properties": {
        "fullName": {"type": ["string", "null"]},
        "max_speed": {"type": "number"},
        "kind": {"type": "string", "enum": ["small", "large"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["fullName", "max_speed", "kind", "tags"],
}


def test_requests_name_every_key_and_hold_the_text() -> None:
    rng, forms = random.Random(3), set()
    for _ in range(COUNT):
        form, messages = json_requests.messages(rng, "The text.", SCHEMA, " Use null.")
        said = "\n".join(message["content"] for message in messages)
        assert all(key in said for key in SCHEMA["properties"])
        assert said.count("The text.") == 1
        assert ". Use null." in said or "\nUse null." in said
        forms.add(form)
    assert forms <= set(schema_forms.FORMS)
    assert len(forms) >= 5


def test_training_asks_as_people_do_and_tests_do_not() -> None:
    opened = {
        split: sum(
            any(part in example(rng, split, "none").messages[0]["content"] for part in json_requests.LIST)
            for rng in map(random.Random, range(COUNT))
        )
        for split in ("train", "test")
    }
    assert opened["test"] == 0
    assert opened["train"] > COUNT / 50
