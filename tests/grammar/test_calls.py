"""Grammars of tool calls: which answers they leave, in the marks of each kind of model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from random_answers import MODEL_VOCAB, Tokenizer, answer, reply_of

from fakes import END
from quatre.chat.markup import find_markup
from quatre.chat.reply import Reply, ReplyForm, ReplyStream
from quatre.chat.tools import read_calls
from quatre.errors import RequestError
from quatre.grammar.compiler import Grammars

CITY = {"type": "object", "properties": {"city": {"enum": ["Oslo", "Paris"]}}, "required": ["city"]}
CITY_ONLY = {**CITY, "additionalProperties": False}
SEEDS = range(24)


def tool(name: str, parameters: Any = CITY_ONLY, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}


@pytest.fixture(scope="module")
def grammars() -> Grammars:
    return Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)


def replies(grammars: Grammars, tools: list[Any], choice: Any, *, parallel: bool = True, **more: Any) -> list[Reply]:
    calls = read_calls(tools, choice, parallel=parallel)
    return [reply_of(answer(grammars, seed, calls=calls, **more)) for seed in SEEDS]


def test_required(grammars: Grammars) -> None:
    said = replies(grammars, [tool("f"), tool("g")], "required", thinking="may")
    calls = [call for reply in said for call in reply.calls]
    assert all(reply.calls and not reply.content for reply in said)
    assert {call.name for call in calls} == {"f", "g"}
    assert {json.loads(call.arguments)["city"] for call in calls} == {"Oslo", "Paris"}
    assert max(len(reply.calls) for reply in said) > 1
    assert any(reply.reasoning for reply in said)


def test_one_call_at_most(grammars: Grammars) -> None:
    assert {len(reply.calls) for reply in replies(grammars, [tool("f")], "required", parallel=False)} == {1}


def test_named(grammars: Grammars) -> None:
    choice = {"type": "function", "function": {"name": "g"}}
    said = replies(grammars, [tool("f"), tool("g")], choice)
    assert {call.name for reply in said for call in reply.calls} == {"g"}


def test_auto_leaves_both_ways_and_knows_the_names(grammars: Grammars) -> None:
    said = replies(grammars, [tool("f", {"type": "object"}, strict=False)], "auto")
    assert any(reply.calls for reply in said)
    assert any(not reply.calls for reply in said)
    for call in (call for reply in said for call in reply.calls):
        assert call.name == "f"
        assert isinstance(json.loads(call.arguments), dict)


def test_strict_keeps_to_its_schema_in_auto(grammars: Grammars) -> None:
    said = replies(grammars, [tool("f", strict=True)], "auto", json={"type": "integer"})
    calls = [json.loads(call.arguments) for reply in said for call in reply.calls]
    assert calls
    assert all(set(arguments) == {"city"} for arguments in calls)


def test_tools_and_a_schema_together(grammars: Grammars) -> None:
    """The answer is a call or has the form; never text in front of either."""
    said = replies(grammars, [tool("f")], "auto", json=CITY_ONLY, thinking="may")
    for reply in said:
        assert bool(reply.calls) != bool(reply.content)
        if reply.content:
            assert set(json.loads(reply.content)) == {"city"}
    assert 0 < sum(bool(reply.calls) for reply in said) < len(said)


def test_without_parameters_there_are_none(grammars: Grammars) -> None:
    for reply in replies(grammars, [tool("f", None)], "required", parallel=False):
        assert json.loads(reply.calls[0].arguments) == {}


def test_open_thinking_is_closed_first(grammars: Grammars) -> None:
    calls = read_calls([tool("f")], "required")
    tokens = answer(grammars, 3, calls=calls, thinking="open")
    stream, reply = ReplyStream(Tokenizer().token_bytes, (), ReplyForm(Tokenizer.markup, True, True)), Reply()
    for token in tokens:
        reply.add(stream.push(token))
    assert reply.calls


def test_the_keyword_that_is_not_supported_is_named(grammars: Grammars) -> None:
    unsupported = {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}}
    with pytest.raises(RequestError, match="uniqueItems") as caught:
        grammars.constraint(calls=read_calls([tool("f", unsupported)], "required"))
    assert caught.value.param == "tools"
    assert grammars.constraint(calls=read_calls([tool("f", unsupported)], "auto")).mask().any()


@pytest.mark.parametrize("spelled", ["<tool_call> </tool_call>", "[TOOL_CALLS]"])
def test_models_that_call_in_json(spelled: str) -> None:
    markup = find_markup({"[TOOL_CALLS]": 260}.get if "[" in spelled else {}.get, spelled)

    class Other(Tokenizer):
        pass

    Other.markup = markup
    grammars = Grammars(Other(), frozenset({END}), MODEL_VOCAB)
    for seed in range(6):
        stream, reply = ReplyStream(Other().token_bytes, (), ReplyForm(markup, calls=True)), Reply()
        for token in answer(grammars, seed, calls=read_calls([tool("f"), tool("g")], "required")):
            reply.add(stream.push(token))
        reply.add(stream.flush())
        assert reply.calls
        assert not reply.content.strip()
        for call in reply.calls:
            assert call.name in "fg"
            assert set(json.loads(call.arguments)) == {"city"}


def test_a_model_without_marks_cannot_be_forced() -> None:
    class Plain(Tokenizer):
        markup = find_markup({}.get)

    with pytest.raises(RequestError, match="no mark for tool calls"):
        Grammars(Plain(), frozenset({END}), MODEL_VOCAB).constraint(calls=read_calls([tool("f")], "required"))


def test_the_schemas_of_all_tools_have_a_limit_together(grammars: Grammars) -> None:
    long = {"type": "object", "properties": {"a": {"enum": ["x" * 200_000]}}}
    calls = read_calls([tool(f"f{n}", long, strict=True) for n in range(6)], "auto")
    with pytest.raises(RequestError, match="together") as caught:
        grammars.constraint(calls=calls)
    assert caught.value.param == "tools"
