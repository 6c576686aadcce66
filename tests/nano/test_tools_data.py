"""Conversations with tools for nano: calls obey their schemas, values stand in the requests, tests use other tools."""

from __future__ import annotations

import itertools
import json
import random

import jsonschema
import pytest
from ability_checks import CASES, answered, examples

from quickly import quickly
from recipes.nano.abilities import tool_talk, tools, worlds
from recipes.nano.abilities.tool_specs import BY_SPLIT, DOMAINS, made_up_noun

KINDS = {"single", "choose", "parallel", "none-fits", "answer", "second-step"}
COUNT = 250


def made(split="train", effort="none"):
    return examples(tools, split, effort, COUNT)


def functions(example):
    return {tool["function"]["name"]: tool["function"]["parameters"] for tool in example.tools}


def requested(example):
    """Each call with its tool's schema and all that the user said, or a tool returned, up to it."""
    said = ""
    for message in example.messages:
        if message["role"] in ("user", "tool"):
            said += f"\n{message['content']}"
        for call in message.get("tool_calls", ()):
            yield call["function"], functions(example)[call["function"]["name"]], said


def leaves(value, schema):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, schema["properties"][key])
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, schema["items"])
    else:
        yield value, schema


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_conversations_are_well_formed(split, effort):
    assert {example.kind for example in made(split, effort)} == KINDS
    for example in made(split, effort):
        roles = [message["role"] for message in example.messages if message["role"] != "system"]
        assert roles[0] == "user"
        assert roles[-1] == "assistant"
        assert len(functions(example)) == len(example.tools) >= 1
        asked: list[str] = []
        for message in example.messages:
            thought = message.get("reasoning_content")
            if message["role"] == "assistant":
                assert not asked
                assert (thought is not None) == (effort == "high")
                assert bool(message["content"]) != bool(message.get("tool_calls"))
                asked = [call["id"] for call in message.get("tool_calls", ())]
            elif message["role"] == "tool":
                assert message["tool_call_id"] == asked.pop(0)
            assert message["content"] is None or message["content"] == message["content"].strip() != ""


def test_thoughts_plan_the_calls():
    several = 0
    for example in made(effort="high"):
        for message in example.messages:
            called = [call["function"]["name"] for call in message.get("tool_calls", ())]
            several += len(called) > 1
            if called:
                assert message["reasoning_content"].split("\n") == called
            if message["content"] == tool_talk.NONE_FITS:
                assert message["reasoning_content"] == "No tool fits."
    assert several > 10


@pytest.mark.parametrize("split", ["train", "test"])
def test_arguments_obey_the_schema_in_its_order_and_text(split):
    for example in made(split):
        for function, schema, _ in requested(example):
            arguments = json.loads(function["arguments"])
            jsonschema.validate(arguments, schema)
            assert function["arguments"] == json.dumps(arguments, ensure_ascii=False)
            assert list(arguments) == [key for key in schema["properties"] if key in arguments]


@pytest.mark.parametrize("split", ["train", "test"])
def test_values_stand_in_what_the_user_said(split):
    for example in made(split):
        for function, schema, said in requested(example):
            for value, inner in leaves(json.loads(function["arguments"]), schema):
                if not isinstance(value, bool) and not {"enum", "anyOf"} & set(inner):
                    assert str(value) in said, (value, said)


def test_in_training_some_calls_need_what_another_returned():
    found = 0
    for example in made():
        for result, then in itertools.pairwise(example.messages):
            if result["role"] == "tool" and then.get("tool_calls"):
                known = list(json.loads(result["content"]).values())
                wanted = json.loads(then["tool_calls"][0]["function"]["arguments"])
                found += any(value in known for value in wanted.values())
    assert found > COUNT / 20


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_the_last_message_is_what_is_expected(split, effort):
    for example in made(split, effort):
        last = example.messages[-1]
        calls = [
            {"name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
            for call in last.get("tool_calls", ())
        ]
        if "contains" in example.expect:
            assert example.kind == "answer"
            assert answered(example)
        else:
            assert calls == example.expect["calls"]
            assert bool(calls) != (example.kind == "none-fits")
            assert example.kind != "parallel" or len(calls) > 1


def test_what_must_be_told_comes_from_the_results():
    for example in made():
        if example.kind == "answer":
            # A list is told in words, and a bare success as "done".
            results = " ".join(m["content"] for m in example.messages if m["role"] == "tool")
            for value in example.expect["contains"]:
                if value != "done" and " and " not in value and ", " not in value:
                    assert json.dumps(value)[1:-1] in results or value in results


def test_tools_and_keys_of_tests_are_never_met_in_training():
    train = [example for effort in ("none", "high") for example in made("train", effort)]
    test = [example for effort in ("none", "high") for example in made("test", effort)]
    assert not {name for e in train for name in functions(e)} & {name for e in test for name in functions(e)}
    assert not {e.key for e in train} & {e.key for e in test}


def test_no_name_of_a_realistic_tool_is_in_both_splits():
    names = {
        split: {
            (verb, noun)
            for domain in BY_SPLIT[split]
            for spec in DOMAINS[domain]
            for verb, noun in itertools.product(spec.verbs, spec.nouns)
        }
        for split in ("train", "test")
    }
    assert len(BY_SPLIT["test"]) == 12
    assert len(BY_SPLIT["train"]) > 50
    assert not names["train"] & names["test"]


def test_made_up_tools_take_no_noun_of_a_realistic_one():
    realistic = {noun for specs in DOMAINS.values() for spec in specs for noun in spec.nouns}
    rng = random.Random(0)
    assert not realistic & {made_up_noun(rng, "train") for _ in range(10_000)}


def test_words_and_names_belong_to_one_split():
    pools = [pool for pool in vars(worlds).values() if isinstance(pool, worlds.Pool)]
    assert len(pools) > 10
    for pool in pools:
        assert min(len(pool.parts["train"]), len(pool.parts["test"])) >= 5
        assert not set(pool.parts["train"]) & set(pool.parts["test"])


def test_every_template_gives_what_is_required():
    for specs in DOMAINS.values():
        for spec in specs:
            for template in spec.templates:
                always = "".join(text for text, optional in template if not optional)
                whole = "".join(text for text, _ in template)
                slots = {parameter.slot: parameter.required for parameter in spec.parameters}
                assert all("{" + slot + "}" in always for slot, required in slots.items() if required), whole
                assert whole.format(**dict.fromkeys(slots, "")) is not None


def test_the_same_seed_makes_the_same_and_fast_enough_to_train_on():
    def run() -> None:
        rngs = random.Random(7), random.Random(7)
        first, second = ([tools.example(rng, "train", "none") for _ in range(150)] for rng in rngs)
        assert first == second

    quickly(3, run)  # training needs some tens in a second
