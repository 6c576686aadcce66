"""The form that an answer must have, in vLLM's words. What they mean is compiled by :mod:`quatre.grammar`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from quatre.errors import RequestError

KINDS = ("json", "regex", "choice", "grammar", "json_object")


@dataclass(frozen=True, kw_only=True)
class StructuredOutputsParams:
    """Exactly one of the first five. Names and meanings are vLLM's; wrong values raise RequestError.

    ``json``: a JSON schema, as an object or as text. ``regex``: the whole answer matches it. ``choice``: the answer is
    one of these texts. ``grammar``: in Lark's notation or in EBNF (``root ::= …``). ``json_object``: any JSON object.
    ``disable_any_whitespace``: JSON without spaces between its parts. ``whitespace_pattern``: a regular expression for
    what may stand between them.
    """

    json: str | Mapping[str, Any] | bool | None = None
    regex: str | None = None
    choice: Sequence[str] | None = None
    grammar: str | None = None
    json_object: bool | None = None
    disable_any_whitespace: bool = False
    whitespace_pattern: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in KINDS if getattr(self, name) not in (None, False) or self._is_never(name)]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise _wrong(f"needs exactly one of {', '.join(KINDS)}; got {found}")
        self._check("json", str | Mapping | bool, "a JSON schema")
        self._check("regex", str, "a text")
        self._check("grammar", str, "a text")
        self._check("json_object", bool, "true or false")
        self._check("whitespace_pattern", str, "a text")
        self._check("disable_any_whitespace", bool, "true or false")
        if self.choice is not None:
            listed = isinstance(self.choice, Sequence) and not isinstance(self.choice, str)
            if not listed or not self.choice or any(not isinstance(one, str) or not one for one in self.choice):
                raise _wrong("choice must be a list of non-empty texts")
        if self.whitespace_pattern is not None and self.disable_any_whitespace:
            raise _wrong("whitespace_pattern and disable_any_whitespace contradict each other")

    def _is_never(self, name: str) -> bool:
        return name == "json" and self.json is False  # a schema that nothing satisfies; refused by name later

    def _check(self, name: str, kind: Any, words: str) -> None:
        value = getattr(self, name)
        if value is not None and not isinstance(value, kind):
            raise _wrong(f"{name} must be {words}, got {value!r:.50}")

    @classmethod
    def of(cls, given: Any) -> StructuredOutputsParams:
        """From a mapping such as a JSON object; RequestError for unknown names."""
        if isinstance(given, cls):
            return given
        if not isinstance(given, Mapping):
            raise _wrong(f"must be an object with one of {', '.join(KINDS)}, got {given!r:.50}")
        known = {field.name for field in fields(cls)}
        unknown = [name for name in given if name not in known and given[name] is not None]
        if unknown:
            raise _wrong(f"does not support {str(unknown[0])[:50]!r}; known are {', '.join(sorted(known))}")
        return cls(**{name: value for name, value in given.items() if value is not None})


def _wrong(message: str) -> RequestError:
    return RequestError(f"structured output: {message}", param="structured_outputs")
