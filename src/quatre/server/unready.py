"""While no request can be answered: each gets a 503 that says why, on the very socket that the server listens on.

Before the model is loaded there is no app yet, and when the server stops it accepts nothing more: neither is needed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from quatre.server.errors import RETRY_AFTER_S, Failure
from quatre.server.middleware import MOST_HEADER_BYTES

LOADING = "The model is being loaded; try again later."
STOPPING = "The server is stopping and takes no new requests; try again later."

PATIENCE_S = 5.0
"""For sending a request's line and headers, and for reading the answer."""

MOST_AT_ONCE = 256
"""Connections; more are closed unanswered."""

DAMAGE = (TimeoutError, OSError, EOFError, asyncio.LimitOverrunError, ValueError)
"""What reading from a stranger raises, whom nothing is owed then."""


async def start_refusing(listener: socket.socket, reason: str, tls: ssl.SSLContext | None) -> asyncio.Server:
    """Refuse what comes to the socket from now on, until the result is closed; the socket itself stays open."""
    open_now = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now
        open_now += 1
        try:
            if open_now <= MOST_AT_ONCE:
                with suppress(*DAMAGE):
                    async with asyncio.timeout(PATIENCE_S):
                        await _refuse(reader, writer, reason)
        finally:
            open_now -= 1
            writer.close()

    return await asyncio.start_server(
        refuse,
        sock=listener.dup(),
        limit=MOST_HEADER_BYTES,
        ssl=tls,
        ssl_handshake_timeout=None if tls is None else PATIENCE_S,
    )


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reason: str) -> None:
    method, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
    headers = {"retry-after": str(RETRY_AFTER_S), "connection": "close"}
    failure = Failure(status=503, message=reason, code="overloaded", headers=headers)
    response = failure.response(target.partition(b"?")[0].decode("latin-1"))
    lines = [b"HTTP/1.1 503 Service Unavailable", *(name + b": " + value for name, value in response.raw_headers)]
    body = b"" if method == b"HEAD" else bytes(response.body)
    writer.write(b"\r\n".join((*lines, b"", body)))
    await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    while await reader.read(MOST_HEADER_BYTES):  # closed earlier, a connection takes the answer with it
        pass


@contextmanager
def refusing(listener: socket.socket, reason: str, tls: ssl.SSLContext | None) -> Iterator[None]:
    """The same beside work that has no event loop. Those who have come in time are still answered after the end."""
    loop = asyncio.new_event_loop()
    Thread(target=_run, args=(loop,), name="quatre-unready", daemon=True).start()
    server = asyncio.run_coroutine_threadsafe(start_refusing(listener, reason, tls), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    loop = asyncio.get_running_loop()
    loop.call_later(PATIENCE_S + 1, loop.stop)  # nobody is left by then
