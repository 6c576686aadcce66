"""A real server on a real socket, in a thread."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI

from fakes import PATIENCE_S, ByteTokenizer, FakeEngine, fake_runtime
from quatre.server.app import create_app
from quatre.server.run import Server, open_socket, url_of
from quatre.server.service import ServerConfig


@contextmanager
def serving(
    engine: FakeEngine,
    config: ServerConfig | None = None,
    *,
    tokenizer: ByteTokenizer | None = None,
    local_as: str | None = None,
    prepare: Callable[[FastAPI], None] = lambda app: None,
) -> Iterator[str]:
    """The URL of a server over the engine, while the context lasts. ``prepare`` may change the app first."""
    with (
        open_socket("127.0.0.1", 0) as listener,
        serving_on(listener, engine, config, tokenizer=tokenizer, local_as=local_as, prepare=prepare) as url,
    ):
        yield url


@contextmanager
def serving_on(
    listener: socket.socket,
    engine: FakeEngine,
    config: ServerConfig | None = None,
    *,
    tokenizer: ByteTokenizer | None = None,
    local_as: str | None = None,
    prepare: Callable[[FastAPI], None] = lambda app: None,
) -> Iterator[str]:
    """The same on a socket that listens already."""
    ready = threading.Event()
    with fake_runtime(engine, tokenizer) as runtime:
        url = url_of(listener)
        prepare(app := create_app(runtime, config, local_as=local_as))
        server = Server(app, on_ready=ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert ready.wait(PATIENCE_S)
            yield url
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
        assert not thread.is_alive()


def self_signed(folder: Path, name: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """A key and a certificate for that address or name, written there."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", f"subjectAltName={name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate
