"""What holds for every request before an endpoint sees it: an id, a key, a limit on the body. Plain ASGI."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Sequence
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quatre.server.errors import Failure, failure_of
from quatre.server.logs import REQUEST_ID

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 32 * 2**20
MOST_HEADER_BYTES = 32 << 10
BODY_S = 30.0
LEAST_RATE = 16 << 10
"""A body has so many seconds, and one more for so many bytes that have come."""

MAX_UPLOAD_BYTES = 201 * 2**20  # a file of a batch and the form around it

PUBLIC_PATHS = frozenset({"/health", "/version"})
"""Paths that need no key, beside those of the playground. Exact, never prefixes: all else is closed by default."""

CLIENT: ContextVar[str] = ContextVar("client", default="")
"""Which key the present request was sent with: its digest, in hexadecimal digits."""

HOST: ContextVar[str] = ContextVar("host", default="")
"""The address that the present request came from."""

INSIDE: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether the present request is the server's own, a line of a batch whose upload had a key."""

_CLIENT_ID = re.compile(r"[!-~]{1,128}")


class RequestIds:
    """Outermost: gives each request an id (the client's own, if it sent a printable one) and logs crashes under it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _CLIENT_ID.fullmatch(sent) else f"req_{uuid4().hex}"
        REQUEST_ID.set(request_id)
        HOST.set((scope.get("client") or ("",))[0])
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            log.exception("request %s failed", request_id)
            if not started:
                await failure_of(error).response(scope["path"])(scope, receive, send_with_id)


class OneSpelling:
    """``/v1/models/`` is ``/v1/models``. Clients that are sent elsewhere lose their body or their key on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"][:-1] or "/"}
        await self.app(scope, receive, send)


class ApiKey:
    """Refuses requests without one of the keys, except on the ``public`` paths."""

    def __init__(self, app: ASGIApp, keys: Sequence[str], public: frozenset[str] = PUBLIC_PATHS) -> None:
        self.app = app
        self._public = public
        self._digests = [_digest(key.encode()) for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._public or INSIDE.get():
            await self.app(scope, receive, send)
            return
        digest = _digest(_sent_key(Headers(scope=scope)))
        # Digests, and all of them, so that the time does not depend on the keys, their lengths, or which one it was.
        if sum(hmac.compare_digest(digest, known) for known in self._digests):
            CLIENT.set(digest.hex())
            await self.app(scope, receive, send)
            return
        message = "This server needs an API key: send it as Authorization: Bearer KEY."
        await Failure(status=401, message=message).response(scope["path"])(scope, receive, send)


def _sent_key(headers: Headers) -> bytes:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    sent = token if scheme.lower() == "bearer" else headers.get("x-api-key", "")
    return sent.strip().encode("latin-1")


def owner() -> str:
    """Whose files the present request may see: a mark of its key, from which the key cannot be found; empty without."""
    return _digest(f"files of {CLIENT.get()}".encode()).hex()[:32] if CLIENT.get() else ""


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


class BodyLimit:
    """Refuses headers above :data:`MOST_HEADER_BYTES`; bodies above a limit, by their announced length or as soon as
    they have grown past it; and bodies that come more slowly than :data:`LEAST_RATE`."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES, uploads: int = MAX_UPLOAD_BYTES) -> None:
        self.app = app
        self.limit = limit
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
            message = f"The headers are larger than {MOST_HEADER_BYTES >> 10} KiB, the most that is read."
            await Failure(status=431, message=message).response(scope["path"])(scope, receive, send)
            return
        limit = self.uploads if scope.get("path") == "/v1/files" else self.limit
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            await Failure(status=413, message=_too_large(limit)).response(scope["path"])(scope, receive, send)
            return
        await self.app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Receive:
    seen, is_whole = 0, False
    began = asyncio.get_running_loop().time()

    async def counted() -> Message:
        nonlocal seen, is_whole
        try:
            async with asyncio.timeout_at(None if is_whole else began + BODY_S + seen / LEAST_RATE):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "The request body came too slowly.", {"connection": "close"}) from None
        is_whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> str:
    return f"The request body is larger than {limit / 2**20:g} MiB, the most that is read."
