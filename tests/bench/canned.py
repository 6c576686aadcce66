"""Servers that answer every request with the same bytes, without a socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx


def event(**data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def text(content: str) -> bytes:
    return event(choices=[{"index": 0, "text": content, "finish_reason": None}])


USAGE = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 3})
DONE = b"data: [DONE]\n\n"


class Stream(httpx.AsyncByteStream):
    def __init__(self, blocks: Sequence[bytes]) -> None:
        self.blocks = blocks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for block in self.blocks:
            yield block


class Canned:
    """Remembers what was asked in ``bodies``."""

    def __init__(self, *blocks: bytes, status: int = 200) -> None:
        self.blocks = blocks
        self.status = status
        self.bodies: list[dict[str, Any]] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        return httpx.Response(self.status, stream=Stream(self.blocks))
