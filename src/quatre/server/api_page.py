"""GET /docs: what ``/openapi.json`` describes, as one page for people. No script, and nothing from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

REF = "#/components/schemas/"

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
section { margin: 2rem 0; }
h3 { margin: 0 0 0.3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-bottom: 1px solid #8884; }
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}

Json = Mapping[str, Any]


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The page."""
    return HTMLResponse(page(request.app.openapi()), headers=HEADERS)


def page(document: Json) -> str:
    """An OpenAPI document as HTML: the endpoints, and then the objects that they take and give."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    endpoints = [
        (path, method, what) for path, methods in document["paths"].items() for method, what in methods.items()
    ]
    schemas = document.get("components", {}).get("schemas", {})
    listed = "".join(
        f'<li><a href="#{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></a> '
        f"{escape(_first_line(what))}</li>"
        for path, method, what in endpoints
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: the API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f'<h1>{title}</h1><p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"<nav aria-label='Endpoints'><ul>{listed}</ul></nav><main><h2>Endpoints</h2>"
        + "".join(_endpoint(path, method, what) for path, method, what in endpoints)
        + "<h2>Objects</h2>"
        + "".join(_object(name, schema) for name, schema in sorted(schemas.items()))
        + "</main></body></html>"
    )


def _endpoint(path: str, method: str, what: Json) -> str:
    body = "".join(
        f"<p>Body, <code>{escape(kind)}</code>: {_kind(content.get('schema', {}))}</p>"
        for kind, content in what.get("requestBody", {}).get("content", {}).items()
    )
    rows = ((one["name"], one.get("required", False), one.get("schema", {})) for one in what.get("parameters", ()))
    return (
        f'<section id="{_anchor(method, path)}"><h3><code>{method.upper()} {escape(path)}</code></h3>'
        f"<p>{escape(what.get('description', ''))}</p>{body}{_table('Parameter', rows)}</section>"
    )


def _object(name: str, schema: Json) -> str:
    needed = schema.get("required", ())
    rows = ((field, field in needed, one) for field, one in schema.get("properties", {}).items())
    return (
        f'<section id="{escape(name)}"><h3><code>{escape(name)}</code></h3>'
        f"<p>{escape(schema.get('description', ''))}</p>{_table('Field', rows)}</section>"
    )


def _table(head: str, rows: Iterator[tuple[str, bool, Json]]) -> str:
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{_kind(schema)}</td>'
        f"<td>{'required' if needed else ''}</td></tr>"
        for name, needed, schema in rows
    )
    heads = f'<tr><th scope="col">{head}</th><th scope="col">Type</th><th scope="col"></th></tr>'
    return f"<table>{heads}{lines}</table>" if lines else ""


def _kind(schema: Json) -> str:
    """What values there may be, in words; objects with a name are links."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(REF))
        return f'<a href="#{name}">{name}</a>'
    for either in ("anyOf", "oneOf", "allOf"):
        if either in schema:
            return " or ".join(_kind(one) for one in schema[either])
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(repr(one))}</code>" for one in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(kind)) + _limits(schema)


def _limits(schema: Json) -> str:
    words = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "minLength": "length ≥", "maxLength": "length ≤"}
    limits = [f"{sign} {schema[name]}" for name, sign in words.items() if name in schema]
    return f" ({escape(', '.join(limits))})" if limits else ""


def _first_line(what: Json) -> str:
    return str(what.get("description", "")).partition("\n")[0]


def _anchor(method: str, path: str) -> str:
    return escape(method + path.replace("/", "-").replace("{", "").replace("}", "").replace(":", "-"))
