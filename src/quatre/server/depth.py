"""How deep the JSON of a request body is nested, counted as it comes and before anything parses it.

Parsers, validators and whoever walks through the result go one level of recursion deeper for each level of it.
"""

from __future__ import annotations

import re

import numpy as np
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEEPEST = 128
"""Schemas may be 100 deep (:mod:`quatre.grammar.schema`), and stand some levels deep in a request."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class NotReadable(ValueError):
    """JSON that nothing here shall parse. The message goes on from "The request body …"."""


class Depth:
    """Follows a text of JSON piece by piece. Text that is no JSON is its parser's to refuse, at its first mistake."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the next byte belongs to a backslash at the end of this one

    def take(self, piece: bytes) -> None:
        """NotReadable if the text is nested too deeply by now."""
        if b"\0" in piece:  # which only other encodings have, and Python's parser would guess them
            raise NotReadable("is not JSON in UTF-8.")
        brackets = self._outside_strings(piece).translate(None, _NO_BRACKETS)
        codes = np.frombuffer(brackets, dtype=np.uint8) | 0x20  # "[" and "{", "]" and "}" differ in that bit
        depths = self._depth + np.cumsum(np.where(codes == ord("{"), 1, -1), dtype=np.int64)
        if depths.size:
            self._depth = int(depths[-1])
            if depths.max() > DEEPEST:
                raise NotReadable(f"is nested more than {DEEPEST} levels deep.")

    def _outside_strings(self, piece: bytes) -> bytes:
        if self._escaped and piece:
            piece, self._escaped = piece[1:], False
        backslashes = len(piece) - len(piece.rstrip(b"\\"))
        ends_escaped = backslashes % 2 == 1
        # With a quote at the end the last string is whole, or that quote is left over: no search has to fail slowly.
        text = b'"' * self._in_string + (piece[:-1] if ends_escaped else piece) + b'"'
        outside = _STRING.sub(b"", text)
        self._in_string = not outside.endswith(b'"')
        self._escaped = self._escaped or (ends_escaped and self._in_string)
        return outside


class BodyDepth:
    """Refuses bodies that are nested more than :data:`DEEPEST` levels deep, for every endpoint that takes JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "json" not in Headers(scope=scope).get("content-type", "").lower():
            await self.app(scope, receive, send)
            return
        depth = Depth()

        async def followed() -> Message:
            message = await receive()
            try:
                depth.take(message.get("body", b""))
            except NotReadable as error:
                raise HTTPException(400, f"The request body {error}") from None
            return message

        await self.app(scope, followed, send)
