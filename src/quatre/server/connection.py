"""Connections that may not dawdle: whoever opens one sends a request soon and reads what is answered, or loses it."""

from __future__ import annotations

import asyncio
from math import inf

from uvicorn.protocols.http.h11_impl import H11Protocol

from quatre.server.hosts import THIS_MACHINE, client_address

LOOK_S = 20.0
"""Between two looks at a connection. For a request's line and headers there is time from one look to the next, and in
that time somebody who is being answered must have read something."""


class Connection(H11Protocol):
    """uvicorn's, closed where no request has come between two looks, or where nothing was read that could be.

    Bodies have their limit in :mod:`quatre.server.middleware`.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        host, port = self.client or (THIS_MACHINE[0], 0)  # a Unix socket tells nothing, and leads nowhere else
        self.client = client_address(host), port
        self._last: object | None = None
        self._unread: float = inf  # bytes at the last look, if they can only have become fewer since
        self._look = self.loop.call_later(LOOK_S, self._look_at_it)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        self._look.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """So much has been read that more can be sent."""
        self._unread = inf
        super().resume_writing()

    def _look_at_it(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete or self.transport.is_closing()
        unread = self.transport.get_write_buffer_size()
        if unread and self.cycle is self._last and unread >= self._unread:
            self.transport.abort()  # close() would wait until all is read
        elif is_idle and not unread and self.cycle is self._last:
            self.transport.close()
        self._last = self.cycle
        self._unread = unread if is_idle or self.flow.write_paused else inf
        self._look = self.loop.call_later(LOOK_S, self._look_at_it)
