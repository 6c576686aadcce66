"""The JSON Schema organisation's test suite, as the source distribution of ``jsonschema`` carries it (see Makefile)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(sys.prefix) / "share" / "json-schema-test-suite"
DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft4": "http://json-schema.org/draft-04/schema#",
}


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema with its name and instances, once; those that do not say their draft are told it."""
    assert FOLDER.is_dir(), "make unit fetches it"
    seen: set[str] = set()
    for draft, uri in DRAFTS.items():
        for file in sorted((FOLDER / draft).rglob("*.json")):
            for case in json.loads(file.read_text()):
                schema = case["schema"]
                key = json.dumps(schema)
                if isinstance(schema, dict):
                    key = json.dumps({name: value for name, value in schema.items() if name != "$schema"})
                    case["schema"] = {"$schema": uri, **schema}
                if key not in seen:
                    seen.add(key)
                    case["asserts_format"] = "format" in file.parts
                    yield f"{draft}/{file.stem}: {case['description']}", case
