"""What counts as right, and what has the form that was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quatre.eval.answer import Answer
from quatre.eval.cases import Case
from quatre.eval.judge import has_form, problem

CALL = {"name": "weather", "arguments": {"city": "Oslo", "days": 2}}
OTHER = {"name": "weather", "arguments": {"city": "Rome", "days": 2}}


def called(*calls: dict[str, Any] | tuple[str, str]) -> Answer:
    return Answer(calls=tuple(c if isinstance(c, tuple) else (c["name"], json.dumps(c["arguments"])) for c in calls))


@pytest.mark.parametrize(
    ("expect", "answer"),
    [
        ({"text": "42"}, Answer(content=" 42\n")),
        ({"contains": ["Oslo", "4"], "excludes": ["Rome"]}, Answer(content="In OSLO it is 4 degrees.")),
        ({"json": {"a": 1, "b": [True, None]}}, Answer(content='{"b": [true, null],\n "a": 1.0}')),
        ({"calls": [CALL]}, called(CALL)),
        ({"calls": [CALL, OTHER]}, called(OTHER, CALL)),
        ({"calls": [CALL, CALL]}, called(CALL, CALL)),
        ({"calls": [CALL]}, called(("weather", '{"days": 2, "city": "Oslo"}'))),
        ({"calls": [], "contains": ["sorry"]}, Answer(content="Sorry, I cannot.")),
    ],
)
def test_right(expect: dict[str, Any], answer: Answer) -> None:
    assert problem(expect, answer) is None


@pytest.mark.parametrize(
    ("expect", "answer", "why"),
    [
        ({"text": "42"}, Answer(content="It is 42"), "not '42'"),
        ({"text": "42"}, Answer(reasoning="42"), "not '42'"),
        ({"contains": ["Oslo", "Rome"]}, Answer(content="oslo"), "without 'Rome'"),
        ({"contains": ["Oslo"], "excludes": ["Rome"]}, Answer(content="Oslo, not rome"), "with 'Rome'"),
        ({"json": {"a": 1}}, Answer(content='{"a": true}'), "another value"),
        ({"json": {"a": 1}}, Answer(content='{"a": "1"}'), "another value"),
        ({"json": {"a": 1}}, Answer(content='{"a": 1, "b": null}'), "another value"),
        ({"json": {"a": [1, 2]}}, Answer(content='{"a": [2, 1]}'), "another value"),
        ({"json": {"a": 1}}, Answer(content='Here: {"a": 1}'), "not JSON"),
        ({"calls": [CALL]}, called(OTHER), "other calls"),
        ({"calls": [CALL]}, called(CALL, CALL), "2 calls, not 1"),
        ({"calls": [CALL, OTHER]}, called(CALL), "1 calls, not 2"),
        ({"calls": [CALL]}, Answer(content="Oslo"), "no call"),
        ({"calls": [CALL]}, called(("weather", '{"city": ')), "arguments that are not JSON"),
        ({"calls": []}, called(CALL), "calls weather"),
        ({"calls": []}, Answer(content=" "), "says nothing"),
        ({"calls": [], "contains": ["sorry"]}, Answer(content="Sure!"), "without 'sorry'"),
        ({"text": ""}, Answer(error="500: broken"), "500: broken"),
    ],
)
def test_wrong(expect: dict[str, Any], answer: Answer, why: str) -> None:
    assert problem(expect, answer) == why


def test_an_unknown_expectation_is_an_error_and_not_a_wrong_answer() -> None:
    with pytest.raises(ValueError, match="about"):
        problem({"about": "42"}, Answer(content="42"))


SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}
MESSAGES = ({"role": "user", "content": "?"},)


def tools_case(calls: list[Any]) -> Case:
    tool = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    return Case(id="1", ability="tools", kind="k", messages=MESSAGES, expect={"calls": calls}, tools=(tool,))


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        (called(CALL), True),
        (called(OTHER, ("weather", '{"city": "X"}')), True),
        (called(CALL, ("weather", "{}")), False),
        (called(("weather", '{"city": "X", "more": 1}')), False),
        (called(("wether", '{"city": "X"}')), False),
        (called(("weather", '{"city"')), False),
        (Answer(content="Oslo"), False),
    ],
)
def test_form_of_calls(answer: Answer, valid: bool) -> None:
    assert has_form(tools_case([CALL]), answer) is valid


def test_no_form_where_none_is_asked_for() -> None:
    assert has_form(tools_case([]), Answer(content="x")) is None
    plain = Case(id="1", ability="a", kind="k", messages=MESSAGES, expect={"text": "x"})
    assert has_form(plain, Answer(content="x")) is None


@pytest.mark.parametrize(("content", "valid"), [('{"city": "X"}', True), ('{"town": "X"}', False), ("X", False)])
def test_form_of_json(content: str, valid: bool) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}
    case = Case(id="1", ability="a", kind="k", messages=MESSAGES, expect={"json": {"city": "X"}}, response_format=shape)
    assert has_form(case, Answer(content=content)) is valid
