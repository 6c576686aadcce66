"""A JSON schema is looked over before it is compiled: size, depth, and whether any finite value satisfies it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from quatre.errors import RequestError
from quatre.grammar.lengths import check_schema

MOST_CHARACTERS = 256 * 1024
DEEPEST = 100
LONGEST_NEEDED = 65_536
"""Items or characters that a schema may demand; more cannot come out of any context."""
MOST_STEPS = 200_000

SPELLINGS = {
    **dict.fromkeys(("dict", "map", "hashmap"), "object"),
    **dict.fromkeys(("list", "tuple", "set", "arraylist"), "array"),
    **dict.fromkeys(("int", "long", "short", "byte"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("str", "char"), "string"),
    "bool": "boolean",
}
"""Types as function descriptions in the wild spell them."""

REMARKS = frozenset("int32 int64 float double decimal byte binary password path file-path directory-path".split())
"""Formats of OpenAPI and pydantic that say nothing about how a value is spelt."""

COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
SPACE = r"[ \t\n\x0b\f\r]"
NO_SPACE = r"[^\s\x{FEFF}]"
"""What ``\\s`` and ``\\S`` match wherever the pattern may be checked: tables of Unicode's spaces differ."""

ESCAPES = {"s": SPACE, "S": NO_SPACE}

_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LONG, _SHORT = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])", "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_DATE = f"(?:{_YEAR}-(?:{_LONG}|{_SHORT}|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = f"{_CLOCK}:[0-5][0-9](?:\\.[0-9]{{1,6}})?(?:Z|[+-]{_CLOCK})"
FORMATS = {"date": f"^{_DATE}$", "time": f"^{_TIME}$", "date-time": f"^{_DATE}T{_TIME}$"}
"""RFC 3339 without leap seconds, of which few readers know, from the year 1 on; with the days of each month."""

_BASE64 = "[A-Za-z0-9+/]"
ENCODINGS = {
    "base64": f"^(?:{_BASE64}{{4}})*(?:{_BASE64}{{2}}==|{_BASE64}{{3}}=)?$",
    **dict.fromkeys(("7bit", "8bit", "binary")),
}

VALUES = ("const", "enum", "default", "examples")  # what stands there is data, and no schema
NEEDS = ("minItems", "minLength", "minProperties")


def plain_tools(tools: list[Any] | None) -> list[Any] | None:
    """The same tools with JSON Schema's own type names in their parameters; what is wrong otherwise stays."""
    if tools is None:
        return None
    return [_plain_tool(place, tool) for place, tool in enumerate(tools)]


def _plain_tool(place: int, tool: Any) -> Any:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("parameters"), dict):
        return tool
    parameters = _with_plain_types(function["parameters"], place, 0)
    return {**tool, "function": {**function, "parameters": parameters}}


def _with_plain_types(node: Any, place: int, depth: int) -> Any:
    if depth > DEEPEST:
        raise RequestError(f"tools[{place}]: its parameters are nested more than {DEEPEST} deep", param="tools")
    if isinstance(node, list):
        return [_with_plain_types(one, place, depth + 1) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {k: v if k in VALUES else _with_plain_types(v, place, depth + 1) for k, v in node.items()}
    kind = plain.get("type")
    if kind in ("any", ""):
        del plain["type"]
    elif isinstance(kind, str):
        plain["type"] = SPELLINGS.get(kind.lower(), kind.lower())
    return plain


def read_schema(given: str | Mapping[str, Any] | bool, param: str) -> dict[str, Any]:
    """The schema as an object with JSON Schema's own type names. RequestError if it is none, or beyond the limits."""
    schema = _parsed(given, param)
    if schema is True:
        return {}
    if not isinstance(schema, dict):
        raise RequestError(f"structured output: a schema must be an object, got {json.dumps(schema)[:50]}", param=param)
    plain: dict[str, Any] = _plain(schema, param, 0)
    check_schema(plain, VALUES, param)
    _Endings(plain, param).check()
    return plain


def _parsed(given: str | Mapping[str, Any] | bool, param: str) -> Any:
    try:
        text = given if isinstance(given, str) else json.dumps(given)
        if len(text) > MOST_CHARACTERS:
            raise RequestError(
                f"structured output: the schema is longer than {MOST_CHARACTERS} characters", param=param
            )
        return json.loads(text)
    except RecursionError as error:
        raise RequestError("structured output: the schema is nested too deeply", param=param) from error
    except (ValueError, TypeError) as error:
        raise RequestError(f"structured output: the schema is not JSON: {error}"[:200], param=param) from error


def _plain(node: Any, param: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise RequestError(f"structured output: the schema is nested more than {DEEPEST} deep", param=param)
    if isinstance(node, list):
        return [_plain(one, param, depth + 1) for one in node]
    if not isinstance(node, dict):
        return node
    for name in COUNTS:
        value = node.get(name)
        if name in NEEDS and isinstance(value, int | float) and value > LONGEST_NEEDED:
            raise RequestError(f"structured output: {name} above {LONGEST_NEEDED} is not supported", param=param)
        if name in COUNTS and isinstance(value, float) and value.is_integer():
            node = {**node, name: int(value)}
    plain = {name: value if name in VALUES else _plain(value, param, depth + 1) for name, value in node.items()}
    _spell_out(plain, param)
    _use_discriminator(plain)
    kind = plain.get("type")
    if kind in ("any", ""):
        del plain["type"]
    elif isinstance(kind, str):
        plain["type"] = SPELLINGS.get(kind.lower(), kind.lower())
        _mend_enum(plain)
    return plain


def _spell_out(node: dict[str, Any], param: str) -> None:
    """Formats and encodings whose exact rules llguidance does not know become patterns."""
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        node["pattern"] = _portable(pattern)
    form = node.get("format")
    if isinstance(form, str) and (form in REMARKS or form in FORMATS):
        del node["format"]
        _demand(node, FORMATS.get(form))
    encoding = node.pop("contentEncoding", None)
    if encoding is not None and not (isinstance(encoding, str) and encoding in ENCODINGS):
        raise RequestError(f"structured output: contentEncoding {encoding!r:.50} is not supported", param=param)
    if node.get("contentMediaType") == "application/json":
        raise RequestError("structured output: contentMediaType application/json is not supported", param=param)
    _demand(node, ENCODINGS.get(encoding or ""))


def _portable(pattern: str) -> str:
    return re.sub(r"\\(.)", lambda escaped: ESCAPES.get(escaped[1], escaped[0]), pattern, flags=re.DOTALL)


def _demand(node: dict[str, Any], pattern: str | None) -> None:
    """One more pattern for a text."""
    if pattern is None:
        return
    if "pattern" in node:
        others = node.get("allOf")
        node["allOf"] = [*(others if isinstance(others, list) else ()), {"pattern": pattern}]
    else:
        node["pattern"] = pattern


def _use_discriminator(node: dict[str, Any]) -> None:
    """OpenAPI: every alternative has this property, each another value of it; so at most one of them can match."""
    discriminator = node.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if isinstance(name, str) and isinstance(node.get("oneOf"), list) and "anyOf" not in node:
        node["anyOf"] = node.pop("oneOf")
        required = node.get("required")
        node["required"] = [*(required if isinstance(required, list) else ()), name]


def _mend_enum(node: dict[str, Any]) -> None:
    """Reads an ``enum`` that no value of the type can be in as it was meant: of the items, or of numbers as text."""
    values = node.get("enum")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        return
    if node["type"] == "array" and isinstance(node.get("items", {}), dict):
        node["items"] = {**node.get("items", {}), "enum": node.pop("enum")}
    elif node["type"] == "integer" and all(re.fullmatch("-?[0-9]{1,18}", value) for value in values):
        node["enum"] = [int(value) for value in values]


class _Endings:
    """Finds out whether a schema has a value of finite size: ``{"required": ["a"], …{"a": {"$ref": "#"}}}`` has none.

    The least fixed point over the schema's references: a reference is finite once its target is, given those that are
    already known to be.
    """

    def __init__(self, schema: dict[str, Any], param: str) -> None:
        self._schema = schema
        self._param = param
        self._steps = 0
        self._finite: set[str] = set()

    def check(self) -> None:
        """RequestError if there is none."""
        references = set(_references(self._schema))
        while references:
            new = {ref for ref in references - self._finite if self._ends(self._target(ref))}
            if not new:
                break
            self._finite |= new
        if not self._ends(self._schema):
            raise RequestError(
                "structured output: $ref leads back to itself through what is required, so no answer could ever end",
                param=self._param,
            )

    def _ends(self, node: Any) -> bool:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise RequestError("structured output: the schema's $ref are too entangled", param=self._param)
        if not isinstance(node, dict) or "enum" in node or "const" in node:
            return True
        if isinstance(node.get("$ref"), str) and node["$ref"] not in self._finite:
            return False
        for name in ("anyOf", "oneOf"):
            if isinstance(node.get(name), list) and node[name] and not any(map(self._ends, node[name])):
                return False
        if isinstance(node.get("allOf"), list) and not all(map(self._ends, node["allOf"])):
            return False
        return all(map(self._ends, _demanded(node)))

    def _target(self, reference: str) -> Any:
        """What a local pointer names; anything else is llguidance's to refuse."""
        if not reference.startswith("#"):
            return True
        node: Any = self._schema
        for part in reference[1:].split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and part in node:
                node = node[part]
            elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
                node = node[int(part)]
            else:
                return True
        return node


def _demanded(node: dict[str, Any]) -> Iterator[Any]:
    """The schemas of parts that each value has, if all values are objects, or all are arrays."""
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        required = node.get("required")
        for name in required if isinstance(required, list) else ():
            yield node["properties"].get(name) if isinstance(name, str) else None
    if node.get("type") == "array" and isinstance(node.get("minItems"), int) and node["minItems"] > 0:
        first = node.get("prefixItems")
        listed = first[: node["minItems"]] if isinstance(first, list) else []
        yield from listed
        if len(listed) < node["minItems"]:
            yield node.get("items")


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
