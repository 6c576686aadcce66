"""The function descriptions of the Berkeley Function-Calling Leaderboard: all compile, and calls have their form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from random_answers import MODEL_VOCAB, Tokenizer, answer, reply_of, text_of, walk

from fakes import END
from quatre.chat.tekken import NAME
from quatre.chat.tools import read_calls
from quatre.grammar.compiler import Grammars
from quatre.grammar.schema import read_schema


def functions(folder: Path) -> Iterator[dict[str, Any]]:
    """Every function of every question; the files have one JSON object in a line."""
    for file in sorted(folder.glob("BFCL_v4_*.json")):
        if "format_sensitivity" not in file.name:  # a list of names, and no questions
            for line in file.read_text().splitlines():
                yield from json.loads(line).get("function") or []
    for file in sorted((folder / "multi_turn_func_doc").glob("*.json")):
        yield from map(json.loads, file.read_text().splitlines())


def name_of(function: dict[str, Any]) -> str:
    """Its own name as the leaderboard itself sends it to APIs of OpenAI's kind, whose names have no dots."""
    return str(function["name"]).replace(".", "_")


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    """Each schema, and the function that has it."""
    package = find_spec("bfcl_eval")
    assert package is not None, "pip install --no-deps bfcl-eval==2026.3.23"
    assert package.submodule_search_locations is not None
    folder = Path(package.submodule_search_locations[0]) / "data"
    found = {json.dumps(function.get("parameters") or {}): name_of(function) for function in functions(folder)}
    return dict(sorted(found.items()))


@pytest.fixture(scope="module")
def schemas(names: dict[str, str]) -> list[str]:
    return list(names)


def test_the_names_are_those_that_prompts_can_have(names: dict[str, str]) -> None:
    assert [name for name in names.values() if not NAME.fullmatch(name)] == []


def test_every_function_compiles_and_forced_calls_have_its_form(names: dict[str, str]) -> None:
    """A random way, marks of the call included, through every eighth grammar: through all it takes minutes."""
    grammars = Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)
    ended = 0
    for seed, (schema, name) in enumerate(names.items()):
        function = {"name": name, "parameters": json.loads(schema), "strict": bool(seed % 16)}
        calls = read_calls([{"type": "function", "function": function}], "required", parallel=False)
        constraint = grammars.constraint(calls=calls)
        tokens = walk(constraint, seed) if seed % 8 == 0 else None
        if tokens is not None:
            ended += 1
            (call,) = reply_of(tokens).calls
            assert call.name == name
            jsonschema.validate(json.loads(call.arguments), read_schema(schema, "tools"))
    assert len(names) > 2500
    assert ended > 0.95 * len(names) / 8


def test_random_calls_have_the_form_of_their_function(schemas: list[str]) -> None:
    grammars = Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)
    for seed, schema in enumerate(schemas[::40]):
        arguments = json.loads(text_of(answer(grammars, seed, json=schema)))
        jsonschema.validate(arguments, read_schema(schema, "json"))


def test_forced_calls_name_a_function_and_satisfy_its_schema(schemas: list[str], names: dict[str, str]) -> None:
    grammars = Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)
    for seed, place in enumerate(range(20, len(schemas), 80)):
        near = {names[schema]: schema for schema in schemas[place : place + 3]}
        listed = [{"name": name, "parameters": json.loads(schema)} for name, schema in near.items()]
        calls = read_calls([{"type": "function", "function": function} for function in listed], "required")
        reply = reply_of(answer(grammars, seed, thinking="may", calls=calls))
        assert reply.calls
        assert not reply.content
        for call in reply.calls:
            schema = next(function["parameters"] for function in listed if function["name"] == call.name)
            jsonschema.validate(json.loads(call.arguments), read_schema(schema, "tools"))
