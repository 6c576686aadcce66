"""The filters and tests that a chat template may use: those whose cost is known beforehand.

Left out on purpose: whatever pads (``center``, ``format``), matches patterns (``urlize``, ``striptags``), is random, or
reaches attributes by name (``attr``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from jinja2 import pass_context
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.tests import TESTS

from quatre.chat.meter import NODE, TooCostly
from quatre.chat.traced import joined

if TYPE_CHECKING:
    from quatre.chat.sandbox import Sandbox

Filter = Callable[..., Any]

MOST_INDENT = 16

PLAIN = "abs capitalize count d default float int length lower title upper".split()
SEQUENCES = "dictsort first items last list map max min reject rejectattr reverse select selectattr sort unique".split()


def filters() -> dict[str, Filter]:
    """Every filter by name."""
    ours: dict[str, Filter] = {
        "indent": _indent,
        "join": _join,
        "replace": _replace,
        "safe": _text,
        "string": _text,
        "sum": _sum,
        "tojson": _tojson,
        "trim": _trim,
    }
    return {
        **{name: _metered(FILTERS[name]) for name in PLAIN},
        **{name: _metered(FILTERS[name], sequence=True) for name in SEQUENCES},
        **{name: pass_context(function) for name, function in ours.items()},
    }


def tests() -> dict[str, Filter]:
    """Every test by name: all of Jinja's, for none costs more than looking at its value."""
    jinjas: Mapping[str, Any] = TESTS
    return {name: _metered(function) for name, function in jinjas.items()}


def _metered(function: Filter, *, sequence: bool = False) -> Filter:
    """One of Jinja's own, which pays for what it reads and what it makes."""

    @wraps(function)
    def run(context: Context, /, *args: Any, **kwargs: Any) -> Any:
        meter = _sandbox(context).meter
        for value in (*args, *kwargs.values()):
            meter.read(value)
        if sequence and args and isinstance(args[0], str):
            meter.spend(NODE * len(args[0]))  # it will be taken apart into characters
        return meter.made(context.call(function, *args, **kwargs))

    # Jinja folds filters of constants while compiling, unless they want the context.
    return pass_context(run)


def _sandbox(context: Context) -> Sandbox:
    return cast("Sandbox", context.environment)


def _text(context: Context, value: Any) -> str:
    return _sandbox(context).text(value)


def _trim(context: Context, value: Any, chars: str | None = None) -> str:
    sandbox = _sandbox(context)
    text = sandbox.text(value)
    sandbox.search(text, chars)
    return cast(str, sandbox.meter.made(text.strip(chars)))


def _join(context: Context, value: Any, d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        value = context.call(FILTERS["map"], value, attribute=attribute)
    return _sandbox(context).join(d, value)


def _sum(context: Context, iterable: Any, attribute: str | None = None, start: Any = 0) -> Any:
    """Of numbers only: a sum of lists would copy each of them as often as there are others behind it."""
    meter = _sandbox(context).meter
    if attribute is not None:
        iterable = context.call(FILTERS["map"], iterable, attribute=attribute)
    numbers = [start, *meter.read(iterable)]
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("a sum of values that are no numbers")
    return meter.made(sum(numbers))


def _replace(context: Context, s: Any, old: str, new: str, count: int | None = None) -> str:
    return _sandbox(context).replace(_text(context, s), old, new, -1 if count is None else count)


def _indent(context: Context, s: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    between = width if isinstance(width, str) else " " * min(width, 1000)
    text = _text(context, s)
    _sandbox(context).meter.spend((1 + text.count("\n")) * len(between) + 2 * len(text))
    lines = text.split("\n")
    rest = [between + line if line or blank else line for line in lines[1:]]
    return joined([between * bool(first) + lines[0], *rest], "\n")


def _tojson(
    context: Context,
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """As transformers defines it: nothing escaped for HTML. Chunk by chunk, because indents multiply with depth."""
    meter = _sandbox(context).meter
    for space in (indent if isinstance(indent, str) else " " * min(indent or 0, 99), *(separators or ())):
        if len(space) > MOST_INDENT:
            raise TooCostly
    meter.read(value)
    encoder = json.JSONEncoder(
        ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys, default=_refuse
    )
    if indent is None:
        return cast(str, meter.made(encoder.encode(value)))
    chunks = []
    for chunk in encoder.iterencode(value):
        meter.spend(1 + len(chunk))
        chunks.append(chunk)
    return "".join(chunks)


def _refuse(value: Any) -> Mapping[str, Any]:
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
