"""Where the server listens, and how it ends."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import httpx
import pytest
from serving import serving, serving_on

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import ConfigError
from quatre.server.middleware import HOST
from quatre.server.run import is_local, open_socket, open_unix_socket, url_of
from quatre.server.service import ServerConfig, Service


def test_a_free_port_is_found() -> None:
    with open_socket("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert listener.proto == socket.IPPROTO_TCP  # or asyncio leaves Nagle's algorithm on: 40 ms per token


def test_taken_port_is_one_sentence() -> None:
    """Also where the other server is a second one of the same program that is loading still."""
    with open_socket("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port} .*--port 0"):
            open_socket("127.0.0.1", port)


def test_unknown_host_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on no\.such\.host\.invalid:1"):
        open_socket("no.such.host.invalid", 1)


def test_every_network_is_reached_by_loopback() -> None:
    with open_socket("0.0.0.0", 0) as listener:
        assert url_of(listener).startswith("http://127.0.0.1:")


def test_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nginx may stand before it, and says who the client is; nobody else can reach it."""
    path = tmp_path / "quatre.sock"
    seen: list[str] = []
    monkeypatch.setattr(Service, "terms", lambda _, wanted: seen.append(HOST.get()) or dict(wanted))
    with (
        open_unix_socket(path) as listener,
        serving_on(listener, FakeEngine()) as url,
        httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://any.example", timeout=60) as client,
    ):
        assert url == str(path)
        assert is_local(listener)
        body = {"model": "fake", "prompt": "x", "max_tokens": 1}
        for headers in ({}, {"x-forwarded-for": "198.51.100.7"}):
            assert client.post("/v1/completions", json=body, headers=headers).status_code == 200
        with pytest.raises(ConfigError, match=r"cannot listen on .*quatre.sock .*--uds"):
            open_unix_socket(path)
    assert seen == ["127.0.0.1", "198.51.100.7"]
    assert not path.exists()
    with open_unix_socket(path):
        pass
    with open_unix_socket(path):  # left behind by the one before
        pass


def test_the_next_server_may_take_the_path_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "quatre.sock"
    following: list[socket.socket] = []

    class Door:
        def close(self) -> None:
            following.append(open_unix_socket(path))

    async def door(*_: object) -> Door:
        return Door()

    monkeypatch.setattr("quatre.server.run.start_refusing", door)
    with open_unix_socket(path) as listener, serving_on(listener, FakeEngine()):
        pass
    assert path.is_socket()
    following[0].close()


def test_a_unix_socket_replaces_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "none" / "x", tmp_path / ("x" * 120)):
        with pytest.raises(ConfigError, match="cannot listen on"):
            open_unix_socket(path)
    assert (tmp_path / "file").read_text() == "mine"


def test_answers_that_take_too_long_at_shutdown_end_with_an_error_that_says_so() -> None:
    body = {"model": "fake", "prompt": "x", "stream": True}
    engine = FakeEngine(gate=threading.Semaphore(2))
    with ExitStack() as server, ThreadPoolExecutor(1) as pool:
        url = server.enter_context(serving(engine, ServerConfig(shutdown_timeout=0)))
        address = f"{url}/v1/completions"
        with httpx.stream("POST", address, json=body, timeout=PATIENCE_S) as answer:
            lines = answer.iter_lines()
            next(lines)
            whole = pool.submit(httpx.post, address, json={**body, "stream": False}, timeout=PATIENCE_S)
            engine.wait_for(requests=2)
            server.close()
            *_, failure, done = [line for line in lines if line]
    assert done == "data: [DONE]"
    assert "engine is stopping" in failure
    assert whole.result().status_code == 503
    assert "engine is stopping" in whole.result().json()["error"]["message"]


def test_while_answers_finish_nobody_else_is_let_in() -> None:
    """What asks /health then hears that the server stops, and in the end nothing listens any more."""
    gate = threading.Semaphore(2)
    engine = FakeEngine(gate=gate)
    with ExitStack() as server, ThreadPoolExecutor(1) as pool:
        url = server.enter_context(serving(engine, ServerConfig(shutdown_timeout=60)))
        body = {"model": "fake", "prompt": "x", "stream": True}
        with httpx.stream("POST", f"{url}/v1/completions", json=body, timeout=60) as answer:
            lines = answer.iter_lines()
            next(lines)
            assert httpx.get(f"{url}/health", timeout=60).status_code == 200
            stopping = pool.submit(server.close)
            until = monotonic() + PATIENCE_S
            while (health := httpx.get(f"{url}/health", timeout=60)).status_code == 200:
                assert monotonic() < until
            whole = httpx.post(f"{url}/v1/completions", json={"model": "fake", "prompt": "x"}, timeout=60)
            for refused in (health, whole):
                assert refused.status_code == 503
                assert int(refused.headers["retry-after"]) > 0
                assert refused.json()["error"]["message"].startswith("The server is stopping")
            gate.release(100)
            *_, last, done = [line for line in lines if line]
        stopping.result(PATIENCE_S)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", timeout=60)
    assert done == "data: [DONE]"
    assert '"finish_reason":"stop"' in last
