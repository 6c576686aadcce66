"""Where in a schema the keyword stands that cannot be kept to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from quatre.engine.structured import StructuredOutputsParams
from quatre.grammar.schema import VALUES

NAMED = re.compile(r'Unimplemented keys: \["(\w|\$)')
KEYS = re.compile(r'"([\w$]+)"')


def with_pointer(message: str, asked: StructuredOutputsParams | None) -> str:
    """The message with a JSON pointer to the first part of the schema that has the keywords it names, if it can be."""
    if asked is None or asked.json is None or not NAMED.search(message):
        return message
    schema = json.loads(asked.json) if isinstance(asked.json, str) else asked.json
    names = set(KEYS.findall(message))
    pointer = next((pointer for pointer, node in _parts(schema, "#") if names <= set(node)), None)
    return message if pointer is None else f"{message} at {pointer[:200]}"


def _parts(node: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        yield pointer, node
        for name, value in node.items():
            if name not in VALUES:
                yield from _parts(value, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _parts(value, f"{pointer}/{place}")
