"""GET /: a page to try the model with. Static files beside this one, a strict policy, and nothing from elsewhere.

The page is public like every page that asks for a password; whatever it does needs the key, as other clients do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

FOLDER = "/playground/"
KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
PAGE = "index.html"
FILES = (
    "announce.js",
    "api.js",
    "calls.js",
    "clipboard.js",
    "composer.js",
    "conversation.js",
    "dom.js",
    "events.js",
    "examples.js",
    "icon.svg",
    "images.js",
    "inline.js",
    "main.js",
    "markdown.js",
    "message.js",
    "request.js",
    "settings.js",
    "snippets.js",
    "speed.js",
    "store.js",
    "style.css",
    "theme.js",
    "transcript.js",
    "transfer.js",
)

PUBLIC_PATHS = frozenset({"/", *(FOLDER + name for name in FILES)})
"""What needs no key: exactly these."""

HEADERS = {
    # No markup can become a script here, whatever a model writes: none is inline, and none is made from text.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",  # may be kept, but must be asked for: a new version of the server has a new page
}


def router() -> APIRouter:
    """The page at ``/`` and its files below :data:`FOLDER`, read once."""
    made = APIRouter(include_in_schema=False)
    for path, name in ("/", PAGE), *((FOLDER + name, name) for name in FILES):
        made.add_route(path, _sender(name), methods=["GET"])  # and HEAD
    return made


def _sender(name: str) -> Callable[[Request], Awaitable[Response]]:
    body = (files(__name__) / name).read_bytes()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {**HEADERS, "etag": tag}
    kind = KINDS[name.rpartition(".")[2]]

    async def send(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=kind)

    return send
