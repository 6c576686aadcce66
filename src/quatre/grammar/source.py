"""What was asked → llguidance's own notation, a JSON text. Nothing is compiled here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from llguidance import LLMatcher, regex_to_lark

from quatre.chat.markup import Markup
from quatre.chat.tools import Calls
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError
from quatre.grammar.calls import arguments, call_rules
from quatre.grammar.lengths import check_grammar, check_regex
from quatre.grammar.schema import MOST_CHARACTERS, read_schema
from quatre.grammar.tryout_child import EBNF

PARAM = "structured_outputs"
WHITESPACE = r"( |[ \t]?\r?\n[ \t]{0,32})?"
"""Between the parts of JSON: a space, or a line's end and an indentation. A model that finds no way on, because what it
would write is forbidden, would else fill the answer with blanks."""
MOST_CHOICES = 4096
MOST_TOGETHER = 4 * MOST_CHARACTERS
"""Characters of the schemas of all tools."""
LONGEST_REGEX = 16_384
LONGEST_GRAMMAR = 64 * 1024

LARK = re.compile(r"^[^\S\n]*(?:%llguidance\b|start\s*:)", re.MULTILINE)
"""What tells Lark's notation from EBNF; linear in the length of the text, however many lines of it are empty."""
ANYTHING = r"/(.|\n)*/"


Thinking = Literal["no", "may", "open"]
"""Whether the answer may begin with reasoning, or goes on with some that the prompt began."""


def source_of(
    asked: StructuredOutputsParams | None, markup: Markup, thinking: Thinking = "no", calls: Calls | None = None
) -> str:
    """The grammar's source: reasoning, then tool calls, or content of the form that is asked for; or either.

    EBNF in it is left to :mod:`quatre.grammar.tryout` to translate.

    RequestError for what cannot be read or is beyond the limits.
    """
    bodies = [] if asked is None else [{**_body(asked), "name": "body"}]
    think, rules = _think(markup, thinking)
    if calls is not None:
        rules.append(call_rules(calls, markup))
        bodies += _arguments(calls)
    if calls is None and not think and bodies:
        return json.dumps({"grammars": [_body_of(bodies)]})
    start = f"start: {think} {_answer(asked, calls)}"
    return json.dumps({"grammars": [{"lark_grammar": "\n".join([start, *rules])}, *bodies]})


def _arguments(calls: Calls) -> Iterator[dict[str, Any]]:
    left = MOST_TOGETHER
    for name, asked in arguments(calls):
        with _naming_tools():
            body = {**_body(asked), "name": name}
        left -= len(json.dumps(body))
        if left < 0:
            raise RequestError(f"the tools' schemas are longer than {MOST_TOGETHER} characters together", param="tools")
        yield body


def _body_of(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in bodies[0].items() if key != "name"}


def _think(markup: Markup, thinking: Thinking) -> tuple[str, list[str]]:
    """What stands for reasoning at the beginning, and its rule."""
    if thinking == "no" or markup.think is None:
        return "", []
    opening, closing = markup.think
    rest = f"{ANYTHING} <[{closing}]>"
    return ("think?", [f"think: <[{opening}]> {rest}"]) if thinking == "may" else ("think", [f"think: {rest}"])


def _answer(asked: StructuredOutputsParams | None, calls: Calls | None) -> str:
    if calls is None:
        return ANYTHING if asked is None else "@body"
    if calls.required:
        return "calls"
    return f"{ANYTHING} calls?" if asked is None else "(calls | @body)"


@contextmanager
def _naming_tools() -> Iterator[None]:
    try:
        yield
    except RequestError as error:
        raise RequestError(str(error), param="tools") from error


def _body(asked: StructuredOutputsParams) -> dict[str, Any]:
    if asked.json is not None:
        return _json(read_schema(asked.json, PARAM), asked)
    if asked.json_object:
        return _json({"type": "object"}, asked)
    if asked.regex is not None:
        check_regex(regex := _short(asked.regex, "regex", LONGEST_REGEX), "regex", PARAM)
        return {"lark_grammar": _terminal(regex)}
    if asked.choice is not None:
        # One regular expression: as many alternatives of a rule would be too much work for each token.
        return {"lark_grammar": _terminal(f"({'|'.join(map(_literal, _few(asked.choice)))})")}
    assert asked.grammar is not None
    text = _short(asked.grammar, "grammar", LONGEST_GRAMMAR)
    check_grammar(text, PARAM)
    return {"lark_grammar" if LARK.search(text) else EBNF: text}


def _terminal(regex: str) -> str:
    r"""``\d`` means 0-9: tables of Unicode's digits differ between the libraries that may check the answer."""
    try:
        return f"start: /{regex_to_lark(regex, 'd')}/"
    except ValueError as error:  # half of a surrogate pair
        raise RequestError(f"structured output: regex cannot be read: {error}"[:300], param=PARAM) from error


def _json(schema: dict[str, Any], asked: StructuredOutputsParams) -> dict[str, Any]:
    options: Any = {"lenient": False, "coerce_one_of": False}  # a keyword that is not understood must not be ignored
    if asked.disable_any_whitespace:
        options["whitespace_flexible"] = False
    else:
        pattern = asked.whitespace_pattern
        options["whitespace_pattern"] = WHITESPACE if pattern is None else _short(pattern, "whitespace_pattern", 256)
        check_regex(options["whitespace_pattern"], "whitespace_pattern", PARAM)
    try:
        return _grammar(LLMatcher.grammar_from_json_schema(schema, overrides=options))
    except ValueError as error:  # numbers beyond 64 bits
        raise RequestError(f"structured output: not supported: {error}"[:300], param=PARAM) from error


def _grammar(source: str) -> dict[str, Any]:
    """The one grammar of a source that llguidance wrote."""
    (grammar,) = json.loads(source)["grammars"]
    return {name: value for name, value in grammar.items() if value is not None}


def _short(text: str, name: str, most: int) -> str:
    if len(text) > most:
        raise RequestError(f"structured output: {name} is longer than {most} characters", param=PARAM)
    return text


def _few(choices: Any) -> list[str]:
    if len(choices) > MOST_CHOICES or sum(map(len, choices)) > MOST_CHARACTERS:
        raise RequestError(
            f"structured output: choice may have {MOST_CHOICES} texts of {MOST_CHARACTERS} characters together",
            param=PARAM,
        )
    return list(choices)


def _literal(text: str) -> str:
    """A regular expression that matches this text alone."""
    return re.sub(r"[^\w ]", lambda found: f"\\x{{{ord(found[0]):X}}}", text)
