"""Chat templates of checkpoints: Jinja from an untrusted file, rendered in a sandbox with a budget.

A template can read messages and build one string, nothing else: attributes are an allow-list, results of operators and
methods are bounded in size, and loops are counted. So a hostile template ends in a sentence, not in a busy or full
machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import loopcontrols
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from quatre.errors import CheckpointError, RequestError

MOST_SOURCE = 2**18  # characters of a template; the longest in use have about 20,000
MOST_ROUNDS = 200_000  # of all loops together
MOST_LENGTH = 2**24  # of one string or list that a template makes
MOST_WORK = 2**28  # characters and entries made in all

ATTRIBUTES: dict[type, frozenset[str]] = {
    str: frozenset(
        "strip lstrip rstrip startswith endswith split rsplit splitlines upper lower title capitalize replace find "
        "count isdigit isalpha isspace index".split()
    ),
    dict: frozenset("items keys values get".split()),
    list: frozenset("index count".split()),
    tuple: frozenset("index count".split()),
    LoopContext: frozenset(
        "first last index index0 revindex revindex0 length previtem nextitem cycle changed depth".split()
    ),
}
"""Attributes that a template may use. Methods that pad or format are left out: they make strings of any size."""

FILTERS = frozenset(
    "abs capitalize count d default dictsort first float int items last length list lower map max min reject "
    "rejectattr reverse round safe select selectattr slice sort title trim unique upper".split()
)


class TemplateRefusalError(Exception):
    """A template called ``raise_exception``: the conversation is not one that it accepts."""


class BudgetError(Exception):
    """A template does more work than any conversation needs."""


class _Budget:
    """What one rendering may still do."""

    def __init__(self) -> None:
        self.rounds = MOST_ROUNDS
        self.work = MOST_WORK

    def count(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values of a loop, counted."""
        for value in values:
            self.rounds -= 1
            if self.rounds < 0:
                raise BudgetError(f"its loops run more than {MOST_ROUNDS} times")
            yield value

    def spend(self, length: int) -> None:
        """Account for a string or list of that length before it is made."""
        self.work -= length
        if length > MOST_LENGTH or self.work < 0:
            raise BudgetError("it builds more text than any conversation has")

    def concat(self, *values: Any) -> str:
        """The ``~`` operator."""
        texts = [_text(value) for value in values]
        self.spend(sum(map(len, texts)))
        return "".join(texts)


class _Rewrite(NodeTransformer):
    """Loops and ``~`` go through the budget, which travels in the template's own variables."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        if node.recursive:
            raise TemplateError("recursive loops are not available")
        self.generic_visit(node)
        node.iter = nodes.Call(nodes.Name("__count", "load"), [node.iter], [], None, None)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:
        self.generic_visit(node)
        return nodes.Call(nodes.Name("__concat", "load"), node.nodes, [], None, None)


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols], finalize=_text)
        self.filters = {name: f for name, f in self.filters.items() if name in FILTERS}
        self.filters |= {"tojson": _tojson, "replace": _replace, "indent": _indent, "join": _join}
        self.filters["string"] = _text
        self.globals = {"range": range, "namespace": self.globals["namespace"], "dict": dict}
        self.globals |= {"raise_exception": _refuse, "strftime_now": _now}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = _Rewrite().visit(super()._parse(source, name, filename))
        assert isinstance(tree, nodes.Template)
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - Jinja's signature
        """Only what a conversation needs."""
        if isinstance(obj, Namespace):  # the template's own variables
            return not attr.startswith("_")
        return any(attr in names for kind, names in ATTRIBUTES.items() if isinstance(obj, kind))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Sizes before results."""
        budget: _Budget = context.parent["__budget"]
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise BudgetError(f"the operator {operator} is not available for these values")
        if operator == "*":
            budget.spend(_length(left) * _magnitude(right) + _length(right) * _magnitude(left))
        if operator == "+":
            budget.spend(_length(left) + _length(right))
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The one allowed method whose result can outgrow its arguments goes through the bounded one."""
        if getattr(obj, "__name__", "") == "replace" and isinstance(getattr(obj, "__self__", None), str):
            return _replace(obj.__self__, *args, **kwargs)
        return super().call(context, obj, *args, **kwargs)


class ChatTemplate:
    """A compiled template. CheckpointError if it cannot be one."""

    def __init__(self, source: str) -> None:
        if len(source) > MOST_SOURCE:
            raise CheckpointError(
                f"the chat template has {len(source)} characters, more than the {MOST_SOURCE} allowed"
            )
        try:
            self._template = _Environment().from_string(source)
        except (TemplateError, RecursionError, ValueError, SyntaxError) as error:
            raise CheckpointError(f"the checkpoint's chat template cannot be read: {_line(error)}") from error

    def render(self, messages: Sequence[Mapping[str, Any]], **variables: Any) -> str:
        """The text of a conversation. RequestError if the template refuses it or asks for too much."""
        budget = _Budget()
        hidden = {"__budget": budget, "__count": budget.count, "__concat": budget.concat}
        try:
            return _collect(self._template.generate(messages=messages, **variables, **hidden), budget)
        except TemplateRefusalError as error:
            raise RequestError(f"the chat template refuses this conversation: {error}", param="messages") from error
        except BudgetError as error:
            raise RequestError(f"the checkpoint's chat template was stopped: {error}", param="messages") from error
        except (
            TemplateError,
            RecursionError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as e:
            raise RequestError(f"the checkpoint's chat template failed: {_line(e)}", param="messages") from e


def _collect(pieces: Iterator[str], budget: _Budget) -> str:
    collected = []
    for piece in pieces:
        budget.spend(len(piece))
        collected.append(piece)
    return "".join(collected)


def _check_size(value: Any) -> None:
    """BudgetError if writing a value out would make too much text; shared parts count as often as they stand."""
    stack, size = [value], 0
    while stack:
        one = stack.pop()
        size += 16 + (len(one) if isinstance(one, str) else 0)
        if size > MOST_LENGTH:
            raise BudgetError("it builds more text than any conversation has")
        if isinstance(one, Mapping):
            stack.extend(one.keys())
            stack.extend(one.values())
        elif isinstance(one, list | tuple):
            stack.extend(one)


def _text(value: Any) -> str:
    """What a value looks like in the output."""
    if isinstance(value, str):
        return value
    _check_size(value)
    return str(value)


def _join(values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        values = [value.get(attribute, "") if isinstance(value, Mapping) else "" for value in values]
    texts = [_text(value) for value in values]
    if sum(map(len, texts)) + len(separator) * len(texts) > MOST_LENGTH:
        raise BudgetError("it builds more text than any conversation has")
    return separator.join(texts)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _magnitude(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0


def _line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def _refuse(message: object = "no reason given") -> None:
    raise TemplateRefusalError(str(message)[:500])


def _now(format: object = "%Y-%m-%d") -> str:
    return datetime.now().strftime(str(format)[:100])


def _tojson(value: Any, indent: int | None = None, **_: Any) -> str:
    """As transformers has it: non-ASCII text stays readable, and nothing is escaped for HTML."""
    _check_size(value)
    return json.dumps(value, ensure_ascii=False, indent=None if indent is None else min(int(indent), 16))


def _replace(value: object, old: str, new: str, count: int = -1) -> str:
    text = str(value)
    grown = len(text) + (text.count(old) if old else len(text) + 1) * max(0, len(new) - len(old))
    if grown > MOST_LENGTH:
        raise BudgetError("it builds more text than any conversation has")
    return text.replace(old, new, count)


def _indent(value: object, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    prefix = width[:64] if isinstance(width, str) else " " * min(int(width), 64)
    lines = str(value).splitlines(keepends=True)
    return "".join(prefix + x if (i or first) and (blank or x.strip()) else x for i, x in enumerate(lines))
