"""Chunks → server-sent events."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from quatre.errors import QuatreError
from quatre.server.asking import Asking, while_connected
from quatre.server.errors import Failure, failure_of

log = logging.getLogger(__name__)

KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"

Chunks = AsyncIterator[dict[str, Any] | None]
"""What one answer streams; None where nothing has happened for a while."""


@dataclass(frozen=True)
class Framing:
    """How an API writes its events: with their type as a name or without, its failures, and its end."""

    failure: Callable[[Failure], dict[str, Any]]
    named: bool = False
    end: bytes = b""

    def event(self, data: dict[str, Any]) -> bytes:
        """``data: {…}`` and an empty line; JSON has no line breaks of its own."""
        name = f"event: {data['type']}\n".encode() if self.named else b""
        return name + b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


OPENAI_CHUNKS = Framing(Failure.body, end=DONE)
NAMED_EVENTS = Framing(Failure.anthropic_body, named=True)


class EventStream(Response):
    """Sends the chunks as they come. If the client leaves, or when all is sent, ``asking`` is closed."""

    def __init__(
        self,
        asking: Asking,
        chunks: Chunks,
        more: Mapping[str, str] | None = None,
        framing: Framing | None = None,
    ) -> None:
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no", **(more or {})}  # no proxy may hold events
        super().__init__(headers=headers, media_type="text/event-stream")
        del self.headers["content-length"]
        self._asking = asking
        self._chunks = chunks
        self._framing = framing or OPENAI_CHUNKS

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        try:
            await while_connected(receive, self._send(send))
        except (ClientDisconnect, OSError):
            log.debug("a client left in mid-stream")
        finally:
            self._asking.close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(frames(self._chunks, self._framing)) as events:
            async for event in events:
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def frames(chunks: Chunks, framing: Framing = OPENAI_CHUNKS) -> AsyncGenerator[bytes]:
    """One event per chunk, then the end. A failure in mid-stream is an event of its own, in front of the end."""
    try:
        async for chunk in chunks:
            yield KEEP_ALIVE if chunk is None else framing.event(chunk)
    except QuatreError as error:
        yield framing.event(framing.failure(failure_of(error)))
    except Exception as error:
        log.exception("a stream failed")
        yield framing.event(framing.failure(failure_of(error)))
    if framing.end:
        yield framing.end
