"""Random logits under a grammar: whatever comes out, it has the form that was asked for."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import jsonschema
import numpy as np
import pytest
from random_answers import END_THINK, MODEL_VOCAB, Tokenizer, answer, text_of

from fakes import END, THINK, ByteTokenizer
from quatre.engine.request import Request, SamplingParams
from quatre.engine.sampler import SamplerState, sample_batch
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError
from quatre.grammar.compiler import Grammars


@pytest.fixture(scope="module")
def grammars() -> Grammars:
    return Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)


WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "The city", "minLength": 1},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 14},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
    },
    "required": ["city", "unit"],
    "additionalProperties": False,
}
TREE = {
    "$defs": {"node": {"type": "object", "properties": {
        "value": {"type": "number"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    }, "required": ["value", "next"], "additionalProperties": False}},
    "$ref": "#/$defs/node",
}  # fmt: skip
SCHEMAS: dict[str, Any] = {
    "weather": WEATHER,
    "tree": TREE,
    "const": {"const": {"a": [1, None, "x\n\"y"]}},
    "enum": {"enum": [1, "a", None, True, {"x": [1]}]},
    "types": {"type": ["string", "null", "boolean"], "maxLength": 4},
    "number": {"type": "number", "minimum": -1.5, "exclusiveMaximum": 2.25},
    "integer": {"type": "integer", "multipleOf": 7, "minimum": 14},
    "pattern": {"type": "string", "pattern": r"^[A-Z]{2}-\d{3}$"},
    "unanchored": {"type": "string", "pattern": "b[0-9]"},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "tuple": {"type": "array", "prefixItems": [{"type": "boolean"}, {"type": "null"}], "items": False, "minItems": 2},
    "any_of": {"anyOf": [WEATHER, {"type": "array", "items": {"type": "boolean"}, "minItems": 2}]},
    "all_of": {"allOf": [{"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
                         {"properties": {"b": {"type": "null"}}, "required": ["b"]}], "additionalProperties": True},
    "names": {"type": "object", "patternProperties": {"^x[0-9]$": {"type": "boolean"}}, "additionalProperties": False},
    "extra": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 3},
    "optional": {"type": "object", "properties": {c: {"type": "boolean"} for c in "abcde"},
                 "additionalProperties": False},
    "unicode": {"type": "object", "properties": {"größe": {"const": "日本"}}, "required": ["größe"],
                "additionalProperties": False},
    "one_of": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
    "discriminator": {
        "discriminator": {"propertyName": "kind"},
        "oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}],
        "$defs": {name: {"type": "object", "properties": {"kind": {"const": name, "default": name}}}
                  for name in ("cat", "dog")},
    },
    "openapi format": {"type": "string", "format": "password", "maxLength": 9},
    "function spelling": {"type": "dict", "properties": {"x": {"type": "float"}}, "required": ["x"]},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_answer_satisfies_its_schema(grammars: Grammars, name: str) -> None:
    schema = SCHEMAS[name]
    checked = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    checker = jsonschema.FormatChecker()
    for seed in range(12):
        value = json.loads(text_of(answer(grammars, seed, json=schema)))
        jsonschema.validate(value, checked if name == "function spelling" else schema, format_checker=checker)


def test_json_object_is_an_object(grammars: Grammars) -> None:
    assert all(isinstance(json.loads(text_of(answer(grammars, seed, json_object=True))), dict) for seed in range(5))


def test_between_the_parts_of_json_stands_a_space_or_the_end_of_a_line(grammars: Grammars) -> None:
    gaps = set()
    for seed in range(20):
        gaps |= set(re.findall(r"\s+", text_of(answer(grammars, seed, json=SCHEMAS["optional"]))))
    assert all(re.fullmatch(r" |[ \t]?\r?\n[ \t]{0,32}", gap) for gap in gaps)
    assert " " in gaps
    assert any(len(gap) > 5 for gap in gaps)


def test_json_without_spaces(grammars: Grammars) -> None:
    for seed in range(5):
        text = text_of(answer(grammars, seed, json=SCHEMAS["optional"], disable_any_whitespace=True))
        assert text == json.dumps(json.loads(text), separators=(",", ":"))


def test_json_with_the_spaces_of_the_caller(grammars: Grammars) -> None:
    text = text_of(answer(grammars, 1, json=SCHEMAS["optional"], whitespace_pattern="_?"))
    assert not set(text) & set(" \n\t")


@pytest.mark.parametrize("pattern", [r"\d{3}-\d{4}", "a/b\n?", "(a|bc)+d?", "[^a]{2,5}", "(?i)yes|no"])
def test_regex_matches_as_a_whole(grammars: Grammars, pattern: str) -> None:
    for seed in range(10):
        assert re.fullmatch(pattern, text_of(answer(grammars, seed, regex=pattern)), re.DOTALL)


def test_choice_is_one_of_them(grammars: Grammars) -> None:
    choices = ["yes", "no", 'may"be\n\\', "é日", "yesterday"]
    said = {text_of(answer(grammars, seed, choice=choices)) for seed in range(60)}
    assert said == set(choices)


@pytest.mark.parametrize(
    "grammar",
    [
        'start: item ("," item)*\nitem: /[a-c]/ | "(" start ")"',
        'root ::= item ("," item)*\nitem ::= [a-c] | "(" root ")"',
    ],
)
def test_lark_and_ebnf(grammars: Grammars, grammar: str) -> None:
    for seed in range(10):
        text = text_of(answer(grammars, seed, grammar=grammar))
        while "(" in text:
            text, before = re.sub(r"\(([a-c],)*[a-c]\)", "a", text), text
            assert text != before
        assert re.fullmatch("([a-c],)*[a-c]", text)


def test_reasoning_may_come_first_and_is_free(grammars: Grammars) -> None:
    ways = [answer(grammars, seed, thinking="may", choice=["yes", "no"]) for seed in range(12)]
    for tokens in ways:
        if tokens[0] == THINK:
            assert tokens.count(THINK) == tokens.count(END_THINK) == 1
            tokens = tokens[tokens.index(END_THINK) + 1 :]
        assert text_of(tokens) in ("yes", "no")
    assert {tokens[0] == THINK for tokens in ways} == {True, False}


def test_without_reasoning_no_control_token_comes(grammars: Grammars) -> None:
    first = grammars.constraint(StructuredOutputsParams(regex="(.|\n)+")).mask()
    assert not first[[THINK, END_THINK, END]].any()
    assert not first[Tokenizer.vocab_size :].any()


def test_forks_go_their_own_ways(grammars: Grammars) -> None:
    constraint = grammars.constraint(StructuredOutputsParams(choice=["ab", "cd"]))
    one, other = constraint.fork(), constraint.fork()
    assert not one.accept(ord("a"))
    assert not other.accept(ord("c"))
    assert np.flatnonzero(one.mask()).tolist() == [ord("b")]
    assert np.flatnonzero(other.mask()).tolist() == [ord("d")]
    assert one.accept(ord("b"))
    assert set(np.flatnonzero(constraint.mask())) == {ord("a"), ord("c")}


def test_reasoning_means_nothing_to_a_model_without(grammars: Grammars) -> None:
    plain = Grammars(ByteTokenizer(), frozenset({END}), MODEL_VOCAB)
    first = plain.constraint(StructuredOutputsParams(choice=["a"]), thinking="may").mask()
    assert np.flatnonzero(first).tolist() == [ord("a")]


def test_an_impossible_token_is_the_grammars_failure(grammars: Grammars) -> None:
    constraint = grammars.constraint(StructuredOutputsParams(choice=["ab"]))
    state = SamplerState(Request(id="r", prompt=[0], params=SamplingParams(), constraint=constraint), 0)
    assert state.constraint is not None
    state.constraint.accept(ord("z"))
    done = threading.Event()
    state.when_ready(done.set)
    assert done.wait(10)
    (sampled,) = sample_batch(np.zeros((1, MODEL_VOCAB), np.float32), [state])
    assert sampled.error is not None
    assert "grammar" in sampled.error


def test_nothing_that_is_allowed_is_finite(grammars: Grammars) -> None:
    constraint = grammars.constraint(StructuredOutputsParams(choice=["ab"]))
    state = SamplerState(Request(id="r", prompt=[0], params=SamplingParams(), constraint=constraint), 0)
    logits = np.zeros((1, MODEL_VOCAB), np.float32)
    logits[0, ord("a")] = np.nan
    (sampled,) = sample_batch(logits, [state])
    assert sampled.error == "the model computed no finite logits for a token that is allowed"


def test_a_regex_of_ends_alone_is_refused(grammars: Grammars) -> None:
    with pytest.raises(RequestError, match="nothing but an empty answer"):
        grammars.constraint(StructuredOutputsParams(regex=""))
