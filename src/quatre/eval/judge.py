"""Whether an answer is right, and whether it has the form that was asked for.

What a case expects, one or several of::

    {"text": "42"}                               the answer, apart from outer white space
    {"contains": ["42"], "excludes": ["43"]}     all of these, none of those, whatever the case
    {"json": {...}}                              the answer is JSON equal to this
    {"calls": [{"name", "arguments": {...}}]}    these calls in any order, and no others
    {"calls": []}                                no call, and some text
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from quatre.eval.answer import Answer
from quatre.eval.cases import Case


def problem(expect: Mapping[str, Any], answer: Answer) -> str | None:
    """What is wrong with the answer; None if it is right. ValueError for an expectation of an unknown form."""
    if answer.error is not None:
        return answer.error
    if unknown := expect.keys() - _JUDGES.keys():
        raise ValueError(f"nothing is known of an expectation of {', '.join(sorted(unknown))}")
    return next((wrong for form, wanted in expect.items() if (wrong := _JUDGES[form](wanted, answer))), None)


def _text(wanted: str, answer: Answer) -> str | None:
    return None if answer.content.strip() == wanted.strip() else f"not {wanted!r}"


def _contains(wanted: list[str], answer: Answer) -> str | None:
    said = answer.content.casefold()
    missing = [part for part in wanted if part.casefold() not in said]
    return f"without {', '.join(map(repr, missing))}" if missing else None


def _excludes(unwanted: list[str], answer: Answer) -> str | None:
    said = answer.content.casefold()
    found = [part for part in unwanted if part.casefold() in said]
    return f"with {', '.join(map(repr, found))}" if found else None


def _json(wanted: Any, answer: Answer) -> str | None:
    try:
        given = json.loads(answer.content)
    except ValueError:
        return "not JSON"
    return None if _spelling(given) == _spelling(wanted) else "another value"


def _calls(wanted: list[Mapping[str, Any]], answer: Answer) -> str | None:
    if not wanted:
        if answer.calls:
            return f"calls {answer.calls[0][0]}"
        return None if answer.content.strip() else "says nothing"
    try:
        given = sorted(_spelling([name, json.loads(arguments)]) for name, arguments in answer.calls)
    except ValueError:
        return "arguments that are not JSON"
    expected = sorted(_spelling([call["name"], call["arguments"]]) for call in wanted)
    if given == expected:
        return None
    if not given:
        return "no call"
    return "other calls" if len(given) == len(expected) else f"{len(given)} calls, not {len(expected)}"


_JUDGES: dict[str, Callable[[Any, Answer], str | None]] = {
    "text": _text,
    "contains": _contains,
    "excludes": _excludes,
    "json": _json,
    "calls": _calls,
}


def _spelling(value: Any) -> str:
    """Equal for equal JSON values: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


# -- Form ----------------------------------------------------------------------------------------------------------


def has_form(case: Case, answer: Answer) -> bool | None:
    """Whether what should be calls or JSON satisfies its schema; None where no form was asked for."""
    if not case.may_be_constrained:
        return None
    if case.response_format is not None:
        schema = case.response_format.get("json_schema", {}).get("schema", {})
        return _satisfies(answer.content, schema)
    schemas = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in case.tools}
    return bool(answer.calls) and all(
        name in schemas and _satisfies(arguments, schemas[name]) for name, arguments in answer.calls
    )


def _satisfies(text: str, schema: Mapping[str, Any]) -> bool:
    try:
        return bool(Draft202012Validator(schema).is_valid(json.loads(text)))
    except (ValueError, SchemaError):
        return False
