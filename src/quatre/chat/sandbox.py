"""A Jinja environment for one chat template from a file that nobody has read.

On top of Jinja's immutable sandbox: attributes, calls, filters and globals only from short lists; every operation
charged to a :class:`Meter`; and constants that stay recognisable as the template's own (:mod:`quatre.chat.traced`).
The hooks that operators cannot give are put into the template by :mod:`quatre.chat.instrument`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn, cast

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from quatre.chat.filters import filters, tests
from quatre.chat.meter import NODE, Meter, TooCostly
from quatre.chat.traced import Traced, joined

CALL = 100  # units: a macro takes that long to start
SHORT = 64  # characters of a pattern: comparing them takes no longer than a unit

MOST_RANGE = 100_000
MOST_BITS = 64
MOST_DATE_FORMAT = 100

TEXT_METHODS = frozenset(
    """capitalize count endswith find index isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace istitle
    isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split
    splitlines startswith strip swapcase title upper""".split()
)
METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (str, TEXT_METHODS),
    (dict, frozenset("get items keys values".split())),
    (list, frozenset("count index".split())),
    (tuple, frozenset("count index".split())),
    (LoopContext, frozenset("changed cycle".split())),
)
JINJAS_ARGUMENTS = ("_loop_vars", "_block_vars")  # added to every call inside a loop or block
LOOP_FIELDS = frozenset(
    "changed cycle depth depth0 first index index0 last length nextitem previtem revindex revindex0".split()
)


class Refusal(Exception):
    """The template itself says that it cannot write this conversation (``raise_exception``)."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Compiles and runs one template. ``meter`` is that of the rendering under way; one at a time."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_Generation, loopcontrols],
            optimized=False,
            autoescape=False,
        )
        self.filters = filters()
        self.tests = cast(Any, tests())  # Jinja's own table is wrongly typed
        self._functions: dict[str, Callable[..., Any]] = {
            "dict": _dict,
            "namespace": _Namespace,
            "raise_exception": _raise_exception,
            "range": _range,
            "strftime_now": _strftime_now,
        }
        self.globals.clear()
        self.globals.update(self._functions)
        self.finalize = self.text
        self.meter = Meter(None)
        self.constants: list[Traced] = []  # filled and read by the instrumented template
        self.size_of_template = 0  # in nodes

    # -- What a template may touch -----------------------------------------------------------------------------

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002
        if isinstance(obj, Namespace):
            return not attr.startswith("_")
        if isinstance(obj, LoopContext):
            return attr in LOOP_FIELDS
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        # A message may have a field that is called like a method of objects; text has no fields.
        if attribute.startswith("_") or isinstance(obj, str):
            raise SecurityError(f"access to attribute {attribute[:80]!r} of {type(obj).__name__!r} object")
        return self.undefined(obj=obj, name=attribute)

    def wrap_str_format(self, value: Any) -> None:
        """No formatting: ``{:>1000000000}`` costs a gigabyte. Falls to the list of attributes, which lacks it."""

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        owner = getattr(obj, "__self__", None)
        if owner is self:
            return obj(*args)  # a hook
        given = {name: value for name, value in kwargs.items() if name not in JINJAS_ARGUMENTS}
        for value in (*args, *given.values()):
            self.meter.check(value)
            if not isinstance(obj, Macro):  # whose body pays for what it does with them
                self.meter.read(value)
        self.meter.spend(CALL)
        if isinstance(obj, LoopContext):
            args = (self.iterate(args[0], self.size_of_template), *args[1:])
        elif owner is not None and not isinstance(obj, Macro):
            return self._call_method(owner, obj, args, given)
        elif not isinstance(obj, Macro | Undefined) and obj not in self._functions.values():
            raise SecurityError(f"a call of {type(obj).__name__!r} object")
        return self.meter.made(context.call(obj, *args, **kwargs))

    def _call_method(self, owner: Any, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        name = method.__name__
        if not any(isinstance(owner, kind) and name in names for kind, names in METHODS):
            raise SecurityError(f"a call of {name[:80]!r} of {type(owner).__name__!r} object")
        if isinstance(owner, str):
            return self._call_text_method(owner, name, method, args, kwargs)
        if name in ("count", "index"):
            self.meter.read(owner)
        result = method(*args, **kwargs)
        # Views become lists: of a size that is known, and without methods of their own.
        return self.meter.made(list(result) if name in ("items", "keys", "values") else result)

    def _call_text_method(self, text: str, name: str, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if name == "join":
            return self.join(text, *args, **kwargs)
        if name == "replace":
            return self.replace(text, *args, **kwargs)
        if name in ("split", "rsplit", "splitlines"):
            parts = 1 + text.count(args[0]) if args and isinstance(args[0], str) and args[0] else 1 + len(text) // 2
            self.meter.spend(NODE * parts)
        self.search(text, *args, *kwargs.values())
        return self.meter.made(method(*args, **kwargs))

    # -- Operators ---------------------------------------------------------------------------------------------

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+":
            return self._add(left, right)
        if operator == "*":
            return self._multiply(left, right)
        if operator == "%" and isinstance(left, str):
            raise SecurityError("formatting with %")
        if operator == "**":
            _check_power(left, right)
        return super().call_binop(context, operator, left, right)

    def _add(self, left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str):
            return self.concat((left, right))
        return self.meter.made(operator.add(left, right))

    def _multiply(self, left: Any, right: Any) -> Any:
        if isinstance(right, str | list | tuple):
            left, right = right, left
        if isinstance(left, str | list | tuple) and isinstance(right, int):
            self.meter.spend(max(right, 0) * self.meter.size(left))
            return joined([left] * right) if isinstance(left, str) else self.meter.made(left * right)
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MOST_BITS:
            raise TooCostly
        return operator.mul(left, right)

    # -- Text --------------------------------------------------------------------------------------------------

    def text(self, value: Any) -> str:
        """What ``{{ value }}`` writes."""
        if isinstance(value, str):
            return value
        if not isinstance(value, bool | int | float | None | Undefined | dict | list | tuple):
            raise SecurityError(f"writing of {type(value).__name__!r} object")
        self.meter.spend(self.meter.size(value))
        return str(value)

    def concat(self, parts: Iterable[str]) -> Traced:
        """Where pieces of output come together; Jinja's is ``"".join``."""
        return self.join("", parts)

    def join(self, between: str, parts: Iterable[Any]) -> Traced:
        """Texts and other values in a row; every character is paid for before it is copied."""
        texts = []
        for part in parts:
            text = self.text(part)
            self.meter.spend(1 + len(text) + len(between))
            texts.append(text)
        return joined(texts, between)

    def replace(self, text: str, old: str, new: str, count: int = -1) -> str:
        """``str.replace``, which can make a long text of two short ones."""
        places = text.count(old) if count < 0 else min(count, text.count(old))
        self.meter.spend(len(text) + places * len(new))
        return text.replace(old, new, count) if places else text

    def search(self, text: str, *patterns: Any) -> None:
        """Pay for looking through a text; some of Python's ways to do it compare every place with all of a pattern."""
        longest = max((len(pattern) for pattern in patterns if isinstance(pattern, str)), default=0)
        self.meter.spend(len(text) * (1 + longest // SHORT))

    # -- Hooks of the instrumented template --------------------------------------------------------------------

    def spent(self, units: int) -> None:
        """A part of the template of so many nodes begins."""
        self.meter.spend(units)

    def iterate(self, values: Any, nodes: int) -> Any:
        """The values of a loop whose body has so many nodes."""
        if isinstance(values, Iterator):
            return self._each(values, nodes)
        if isinstance(values, str | dict | list | tuple | range):
            self.meter.spend(len(values) * nodes)
        return values

    def _each(self, values: Iterator[Any], nodes: int) -> Iterator[Any]:
        for value in values:
            self.meter.spend(nodes)
            yield value

    def compared(self, value: Any) -> Any:
        """An operand of a comparison."""
        return self.meter.read(value)

    def made(self, value: Any) -> Any:
        """A list, tuple or object that the template writes down."""
        for key in value if isinstance(value, dict) else ():
            self.meter.read(key)  # it was hashed
        return self.meter.made(value)

    def key(self, value: Any) -> Any:
        """What stands in ``[…]``; objects hash it."""
        return self.meter.read(value)

    def sliced(self, values: Any, start: Any, stop: Any, step: Any) -> Any:
        """``values[start:stop:step]``"""
        if isinstance(values, Traced) and step is None:
            bounds = slice(start, stop).indices(len(values))
            return self.meter.made(values.clip(bounds[0], max(bounds[:2])))
        return self.meter.made(values[start:stop:step])


class _Generation(Extension):
    """``{% generation %}`` marks, for training, what the assistant says. Here it is a pair of brackets."""

    tags = {"generation"}  # noqa: RUF012  # Jinja declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


class _Namespace(Namespace):
    """Jinja's, but written out it says nothing of its values, which may be namespaces again."""

    def __repr__(self) -> str:
        return "<namespace>"


def _dict(*args: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
    return dict(*args, **kwargs)


def _raise_exception(message: object) -> NoReturn:
    raise Refusal(str(message))


def _range(*args: int) -> range:
    numbers = range(*args)
    if len(numbers) > MOST_RANGE:
        raise TooCostly
    return numbers


def _strftime_now(form: str) -> str:
    if len(form) > MOST_DATE_FORMAT:
        raise TooCostly
    return datetime.now().strftime(form)


def _check_power(base: Any, exponent: Any) -> None:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MOST_BITS:
        raise TooCostly
