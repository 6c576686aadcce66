"""Ways in which users write down the JSON they want."""

from __future__ import annotations

import json
import random
from typing import Any

Schema = dict[str, Any]
FORMS = ("schema", "fields", "typed fields", "bullets", "example", "placeholders", "typescript", "class")
SHOWING_NULL = frozenset(("schema", "typed fields", "bullets", "typescript", "class"))  # that a field may be null
_SHARES = (30, 14, 10, 8, 14, 6, 12, 6)


def shown(rng: random.Random, schema: Schema) -> tuple[str, str]:
    """The form and the text."""
    form = rng.choices(FORMS, _SHARES)[0]
    if form == "schema":
        return form, json.dumps(schema, indent=2 if rng.random() < 0.06 else None)
    if form in ("fields", "typed fields", "bullets"):
        if schema["type"] == "array":
            return form, f"list of ({_fields(schema['items'], form)})" if "properties" in schema[
                "items"
            ] else "list of strings"
        return form, _fields(schema, form)
    if form in ("example", "placeholders"):
        return form, json.dumps(_example(schema, form == "placeholders"))
    name = rng.choice(("Data", "Record", "Result", "Output", "Entry"))
    if form == "typescript":
        body = typescript(schema)
        return form, f"interface {name} {body}" if schema["type"] == "object" else f"type {name} = {body}"
    return form, _class(schema, name)


def _plain(schema: Schema) -> tuple[str, bool]:
    """The type, and whether it may be null."""
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return kind[0], True
    return kind, False


def _fields(schema: Schema, form: str) -> str:
    parts = []
    for key, inner in schema["properties"].items():
        kind, null = _plain(inner)
        if kind == "object":
            parts.append(f"{key} ({_fields(inner, 'fields')})")
        elif kind == "array" and "properties" in inner["items"]:
            parts.append(f"{key} (list of {_fields(inner['items'], 'fields')})")
        elif form == "fields":
            parts.append(key)
        else:
            words = f"one of {', '.join(word for word in inner['enum'] if word)}" if "enum" in inner else kind
            words = "list of strings" if kind == "array" else words
            words += " or null" if null else ""
            parts.append(f"{key} ({words})" if form == "typed fields" else f"{key}: {words}")
    return "\n".join(f"- {part}" for part in parts) if form == "bullets" else ", ".join(parts)


def _example(schema: Schema, placeholders: bool) -> Any:
    kind, _ = _plain(schema)
    if kind == "object":
        return {key: _example(inner, placeholders) for key, inner in schema["properties"].items()}
    if kind == "array":
        return [_example(schema["items"], placeholders)]
    if placeholders:
        return {"string": "...", "integer": 0, "number": 0.0, "boolean": False}[kind]
    if "enum" in schema:
        return "|".join(word for word in schema["enum"] if word)
    return kind


def typescript(schema: Schema) -> str:
    """The type of what a schema allows."""
    kind, null = _plain(schema)
    if kind == "object":
        return (
            "{ "
            + "; ".join(f"{_quoted(key)}: {typescript(inner)}" for key, inner in schema["properties"].items())
            + " }"
        )
    if kind == "array":
        return f"{typescript(schema['items'])}[]"
    if "enum" in schema:
        text = " | ".join(json.dumps(word) for word in schema["enum"] if word)
    else:
        text = "number" if kind == "integer" else kind
    return text + (" | null" if null else "")


def _quoted(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _class(schema: Schema, name: str) -> str:
    """In the manner of Python's data classes."""
    names = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
    classes: list[str] = []

    def written(inner: Schema, key: str) -> str:
        kind, null = _plain(inner)
        if kind == "object":
            title = key.replace("-", "_").title().replace("_", "")
            lines = [f"    {one}: {written(value, one)}" for one, value in inner["properties"].items()]
            classes.append(f"class {title}:\n" + "\n".join(lines))
            return title
        if kind == "array":
            return f"list[{written(inner['items'], f'{key}_item')}]"
        return names[kind] + (" | None" if null else "")

    outer = written(schema, name)
    return "\n".join(classes) if schema["type"] == "object" else "\n".join([*classes, outer])
