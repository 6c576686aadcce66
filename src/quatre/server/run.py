"""Listen: a socket first, then uvicorn on it, then the line that says where; and the end of it all."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from quatre.errors import ConfigError
from quatre.server.connection import Connection
from quatre.server.hosts import ALL, is_loopback
from quatre.server.middleware import MOST_HEADER_BYTES
from quatre.server.service import ServerConfig, Service
from quatre.server.unready import STOPPING, start_refusing

BACKLOG = 2048
LAST_WORDS_S = 5
"""For sending the errors with which answers end that took too long at shutdown."""


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; port 0 takes a free one. ConfigError if it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with ExitStack() as undo:
            # With the protocol spelled out, asyncio sends small packets at once instead of after 40 ms.
            listener = undo.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            undo.pop_all()
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"cannot listen on {host}:{port} ({reason}); choose another --port, or --port 0 for a free one"
        ) from error
    return listener


def open_unix_socket(path: Path) -> socket.socket:
    """A Unix socket there that listens. One that a server left behind is replaced. ConfigError if it cannot be had."""
    try:
        _remove_abandoned(path)
        with ExitStack() as undo:
            listener = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            listener.bind(str(path))
            listener.listen(BACKLOG)
            undo.pop_all()
    except OSError as error:
        raise ConfigError(f"cannot listen on {path} ({error.strerror or error}); choose another --uds") from error
    return listener


def _remove_abandoned(path: Path) -> None:
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as visitor:
            try:
                visitor.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()


def paths_of(listener: socket.socket) -> list[Path]:
    """Where a Unix socket is in the file system; nowhere for others."""
    return [Path(listener.getsockname())] if listener.family == socket.AF_UNIX else []


def is_local(listener: socket.socket) -> bool:
    """Whether nobody but this machine can reach it."""
    return listener.family == socket.AF_UNIX or is_loopback(listener.getsockname()[0])


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """Where a client on this machine finds the server; of a Unix socket the path."""
    if listener.family == socket.AF_UNIX:
        return str(listener.getsockname())
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, with a word to the caller once connections are accepted."""

    def __init__(self, app: FastAPI, *, on_ready: Callable[[], None] | None = None) -> None:
        self._service: Service = app.state.service
        patience = self._service.config.shutdown_timeout + LAST_WORDS_S
        proxies = self._service.config.forwarded_allow_ips
        config = uvicorn.Config(
            app,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=patience,
            lifespan="on",
            http=Connection,
            ws="none",  # there are no such endpoints, and their library takes time
            h11_max_incomplete_event_size=MOST_HEADER_BYTES,
            ssl_certfile=self._service.config.ssl_certfile,
            ssl_keyfile=self._service.config.ssl_keyfile,
            backlog=BACKLOG,
            forwarded_allow_ips=[ALL] if ALL in proxies else list(proxies),
        )
        self._tls = tls_of(self._service.config)
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running answers finish, but not for ever: then they end with an error that says why.

        Who comes meanwhile is told that the server stops.
        """
        ending = asyncio.create_task(self._end_answers())
        paths = [path for listener in sockets or () for path in paths_of(listener)]
        doors = [await start_refusing(listener, STOPPING, self._tls) for listener in sockets or ()]
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()
            # Here, because the signal that stops the server ends the process; and before the doors are closed, because
            # then the next server takes the path.
            for path in paths:
                path.unlink(missing_ok=True)
            for door in doors:
                door.close()

    async def _end_answers(self) -> None:
        await asyncio.sleep(self._service.config.shutdown_timeout)
        await asyncio.to_thread(self._service.runtime.engine.close)


def tls_of(config: ServerConfig) -> ssl.SSLContext | None:
    """What HTTPS needs, None for HTTP. ConfigError if the certificate or its key cannot be used."""
    if config.ssl_certfile is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(config.ssl_certfile, config.ssl_keyfile)
    except OSError as error:  # ssl's errors are such
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"the certificate {config.ssl_certfile} and its key cannot be used: {reason}") from error
    return context


def serve(app: FastAPI, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM. Log records go to the root logger, as all of Quatre's do.

    What has been loaded by now stays until the end. Frozen, it is not searched for garbage again and again, which would
    hold up every stream for as long as that takes.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    Server(app, on_ready=on_ready).run(sockets=[listener])
