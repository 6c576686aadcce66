"""Tool calls as a grammar, in the marks that the model was trained with (model.md 7.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from quatre.chat.markup import Mark, Markup
from quatre.chat.tools import Calls, Tool
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError

ANY_OBJECT: dict[str, Any] = {"type": "object"}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
ANY_ARGUMENTS = "any_arguments"


def call_rules(calls: Calls, markup: Markup) -> str:
    """Lark rules for ``calls``; arguments are the grammars that :func:`arguments` names.

    RequestError if the model knows no way to call.
    """
    opening = _mark(markup, Mark.CALL)
    if opening is None:
        raise RequestError("this model has no mark for tool calls, so calls cannot be ruled", param="tools")
    listed = " | ".join(f"call_{place}" for place in range(len(calls.tools)))
    if markup.token(Mark.ARGUMENTS) is not None:
        rules = [f"calls: call{'+' if calls.parallel else ''}", f"call: {opening} ({listed})"]
    elif markup.closes_calls:
        more = f'("\\n"? {opening} one)*' if calls.parallel else ""
        rules = [f"calls: {opening} one {more}", f'one: "\\n"? ({listed}) "\\n"? {_mark(markup, Mark.END_CALL)}']
    else:
        more = '("," " "? call)*' if calls.parallel else ""
        rules = [f'calls: {opening} "[" call {more} "]"', f"call: {listed}"]
    return "\n".join([*rules, *(_call(place, tool, calls, markup) for place, tool in enumerate(calls.tools))])


def _call(place: int, tool: Tool, calls: Calls, markup: Markup) -> str:
    arguments = f"@{_grammar_name(place, tool, calls)}"
    separator = markup.token(Mark.ARGUMENTS)
    if separator is not None:
        return f"call_{place}: {_text(tool.name)} <[{separator}]> {arguments}"
    begin = f'{{"name": {json.dumps(tool.name, ensure_ascii=False)}, "arguments": '
    return f"call_{place}: {_text(begin)} {arguments} {_text('}')}"


def arguments(calls: Calls) -> Iterator[tuple[str, StructuredOutputsParams]]:
    """The grammars that the rules mention: name, and what each must be."""
    if not all(map(calls.has_schema, calls.tools)):
        yield ANY_ARGUMENTS, StructuredOutputsParams(json=ANY_OBJECT)
    for place, tool in enumerate(calls.tools):
        if calls.has_schema(tool):
            yield _grammar_name(place, tool, calls), arguments_of(tool)


def _grammar_name(place: int, tool: Tool, calls: Calls) -> str:
    return f"arguments_{place}" if calls.has_schema(tool) else ANY_ARGUMENTS


def arguments_of(tool: Tool) -> StructuredOutputsParams:
    """The form of its arguments: an object, whatever its schema says."""
    return StructuredOutputsParams(json=NOTHING if tool.parameters is None else {**tool.parameters, "type": "object"})


def _mark(markup: Markup, mark: Mark) -> str | None:
    token = markup.token(mark)
    if token is not None:
        return f"<[{token}]>"
    return next((_text(spelling) for spelling, meant in markup.texts.items() if meant is mark), None)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
