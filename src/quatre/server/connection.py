"""Connections that may not dawdle: whoever opens one sends a request soon, or loses it."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 20.0
"""For the line and the headers of a request."""


class Connection(H11Protocol):
    """uvicorn's, closed where no request has come between two looks. Bodies and answers have limits of their own."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self._last: object | None = None
        self._look = self.loop.call_later(HEADERS_S, self._look_at_it)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        self._look.cancel()
        super().connection_lost(exc)

    def _look_at_it(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self.cycle is self._last:
            self.transport.close()
            return
        self._last = self.cycle
        self._look = self.loop.call_later(HEADERS_S, self._look_at_it)
