"""Clients that send or read slowly lose their connection, and what was computed for them ends."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
import serving as servers
import uvicorn
from serving import serving
from starlette.exceptions import HTTPException
from starlette.types import Message
from uvicorn.server import ServerState

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import ConfigError
from quatre.server.connection import Connection
from quatre.server.middleware import _counting
from quatre.server.run import open_socket
from quatre.server.service import ServerConfig

CHAT = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def connect(url: str, buffer: int | None = None) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    client = socket.socket()
    if buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.settimeout(PATIENCE_S)
    client.connect((host, int(port)))
    return client


def everything(client: socket.socket) -> bytes:
    """Until the server closes the connection; a TimeoutError if it does not."""
    found = bytearray()
    with suppress(ConnectionError):
        while piece := client.recv(1 << 16):
            found += piece
    return bytes(found)


def dripping(client: socket.socket, drop: bytes) -> bytes:
    """What the server says while a drop comes every now and then, until it closes the connection."""
    over = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not over.wait(0.02):
                client.sendall(drop)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        return everything(client)
    finally:
        over.set()
        thread.join(PATIENCE_S)


@pytest.mark.parametrize(
    "length", [b"content-length: 100000\r\n\r\n{", b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"]
)
@pytest.mark.parametrize("drop", [b"", b"1\r\n \r\n"])
def test_slow_bodies_are_refused(monkeypatch: pytest.MonkeyPatch, url: str, length: bytes, drop: bytes) -> None:
    monkeypatch.setattr("quatre.server.middleware.BODY_S", 0.2)
    with connect(url) as client:
        client.sendall(CHAT + length)
        answer = dripping(client, drop) if drop else everything(client)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"came too slowly" in answer


@pytest.mark.parametrize(("first", "is_fast"), [(b"x" * 30, True), (b"", False)])
def test_what_comes_fast_enough_has_more_time(monkeypatch: pytest.MonkeyPatch, first: bytes, is_fast: bool) -> None:
    """A little at the start, and it grows with what has come. No socket and no other thread: nothing comes late."""
    monkeypatch.setattr("quatre.server.middleware.LEAST_RATE", 0.1)
    monkeypatch.setattr("quatre.server.middleware.BODY_S", 0.05)
    pieces = [(first, 0.0), (b"y", 0.2)]  # after 30 bytes there are five minutes more

    async def receive() -> Message:
        body, after = pieces.pop(0)
        if after:  # what is there at once cannot be too late
            await asyncio.sleep(after)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    async def read() -> None:
        counted = _counting(receive, 100)
        while (await counted())["more_body"]:
            pass

    if is_fast:
        asyncio.run(read())
    else:
        with pytest.raises(HTTPException, match="came too slowly"):
            asyncio.run(read())


def test_slow_headers_are_cut_off(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr("quatre.server.connection.LOOK_S", 0.1)
    with connect(url) as client:
        client.sendall(CHAT)
        assert dripping(client, b"x-more: 1\r\n") == b""


@pytest.fixture
def small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel keeps little of what is sent and not read yet."""

    def listening(*address: Any) -> socket.socket:
        listener = open_socket(*address)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return listener

    monkeypatch.setattr(servers, "open_socket", listening)


@pytest.mark.usefixtures("small_buffers")
def test_who_does_not_read_a_stream_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quatre.server.connection.LOOK_S", 0.2)
    engine = FakeEngine("x" * 4000, gate=threading.Semaphore(3000))  # more than the buffers hold, and then it waits
    engine.max_model_len = 1 << 20
    body = b'{"model": "fake", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}'
    with serving(engine) as url, connect(url, 4096) as client:
        client.sendall(CHAT + b"content-length: %d\r\n\r\n" % len(body) + body)
        engine.wait_for(cancelled=1)
        told = everything(client)
    assert told.startswith(b"HTTP/1.1 200")
    assert b"[DONE]" not in told
    assert told.count(b"data:") < 3000


@pytest.mark.usefixtures("small_buffers")
def test_who_does_not_read_an_answer_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quatre.server.connection.LOOK_S", 0.2)
    lost = threading.Event()
    told = Connection.connection_lost

    def losing(self: Connection, error: Exception | None) -> None:
        told(self, error)
        lost.set()

    monkeypatch.setattr(Connection, "connection_lost", losing)
    engine = FakeEngine()
    engine.max_model_len = 1 << 20
    body = json.dumps({"model": "fake", "prompt": "x" * 500_000, "echo": True}).encode()
    head = CHAT.replace(b"chat/", b"") + b"content-length: %d\r\n\r\n" % len(body)
    with serving(engine) as url, connect(url, 4096) as client:
        client.sendall(head + body)
        assert lost.wait(PATIENCE_S)
        answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 200")
    assert len(answer) < 500_000


class Wire:
    """A transport that says how much is unread."""

    def __init__(self) -> None:
        self.unread = 0
        self.ends: list[str] = []

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return bool(self.ends)

    def close(self) -> None:
        self.ends.append("close")

    def abort(self) -> None:
        self.ends.append("abort")


class Cycle:
    """A request that is being answered, or has been."""

    def __init__(self, response_complete: bool) -> None:
        self.response_complete = response_complete


def looks(*states: Callable[[Connection, Wire], None]) -> list[str]:
    """What becomes of a connection that is looked at in these states, one after the other."""

    async def look() -> list[str]:
        config = uvicorn.Config(lambda *_: None, log_config=None)
        config.load()
        connection = Connection(config, ServerState(), {}, asyncio.get_running_loop())
        connection.connection_made(wire := Wire())
        for state in states:
            state(connection, wire)
            connection._look.cancel()
            connection._look_at_it()
        connection._look.cancel()
        return wire.ends

    return asyncio.run(look())


def state(unread: int, cycle: Cycle, *, paused: bool = False) -> Callable[[Connection, Wire], None]:
    def enter(connection: Connection, wire: Wire) -> None:
        wire.unread, connection.cycle = unread, cycle
        if paused != connection.flow.write_paused:
            (connection.pause_writing if paused else connection.resume_writing)()

    return enter


ANSWERED, ANSWERING = Cycle(True), Cycle(False)


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        ([state(0, ANSWERED), state(0, ANSWERED)], ["close"]),
        ([state(0, ANSWERED), state(0, Cycle(True))], []),
        ([state(0, ANSWERING)] * 9, []),
        ([state(90, ANSWERED), state(60, ANSWERED), state(30, ANSWERED)], []),
        ([state(90, ANSWERED), state(60, ANSWERED), state(60, ANSWERED)], ["abort"]),
        ([state(0, ANSWERING), state(90, ANSWERED)], []),
        ([state(90, ANSWERING, paused=True)] * 2, ["abort"]),
        ([state(90, ANSWERING, paused=True), state(80, ANSWERING, paused=True)], []),
        ([state(90, ANSWERING), state(90, ANSWERING), state(95, ANSWERING)], []),
        ([state(90, ANSWERING, paused=True), state(9, ANSWERING), state(99, ANSWERING, paused=True)], []),
        ([state(90, ANSWERED), state(95, Cycle(False))], []),
    ],
)
def test_only_who_reads_nothing_is_cut_off(states: Any, ends: list[str]) -> None:
    assert looks(*states) == ends


def test_answers_have_only_so_much_time() -> None:
    engine = FakeEngine()
    body = {"model": "fake", "prompt": "x"}
    with serving(engine, ServerConfig(request_timeout=30)) as url:
        for asked in ({}, {"timeout": 20}, {"timeout": 40}):
            assert httpx.post(url + "/v1/completions", json=body | asked, timeout=60).status_code == 200
        chat = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}
        assert httpx.post(url + "/v1/chat/completions", json=chat, timeout=60).status_code == 200
    assert [request.timeout for request in engine.requests] == [30, 20, 30, 30]
    with pytest.raises(ConfigError, match="request_timeout"):
        ServerConfig(request_timeout=0)
