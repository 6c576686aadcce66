"""What clients hear while the model is loaded: a 503 on every path, and at once."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from serving import self_signed, serving_on

from fakes import PATIENCE_S, FakeEngine
from quatre.server import unready
from quatre.server.run import open_socket, tls_of, url_of
from quatre.server.service import ServerConfig
from quatre.server.unready import LOADING, refusing


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with open_socket("127.0.0.1", 0) as listener:
        yield listener


@pytest.fixture
def url(listener: socket.socket) -> Iterator[str]:
    with refusing(listener, LOADING, None):
        yield url_of(listener)


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/", "/v1/chat/completions?beta=true"])
def test_everything_is_told_that_the_model_is_loading(url: str, path: str) -> None:
    for answer in (httpx.get(url + path), httpx.post(url + path, json={})):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        error = answer.json()["error"]
        assert (error["message"], error["type"], error["code"]) == (LOADING, "overloaded_error", "overloaded")


def test_anthropics_clients_are_told_in_their_form(url: str) -> None:
    answer = httpx.post(f"{url}/v1/messages?beta=true", json={})
    assert answer.json() == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": LOADING, "param": None},
    }


def test_head_has_no_body(url: str) -> None:
    answer = httpx.head(f"{url}/health")
    assert (answer.status_code, answer.content) == (503, b"")


def test_a_large_body_does_not_keep_its_sender_from_the_answer(url: str) -> None:
    assert httpx.post(f"{url}/v1/completions", content=b"x" * (8 << 20)).status_code == 503


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 100_000, b"GET /" + b"a" * 100_000])
def test_what_is_no_request_is_cut_off(url: str, sent: bytes) -> None:
    with connect(url) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert client.recv(1 << 16) == b""
    assert httpx.get(f"{url}/health").status_code == 503


def test_who_is_silent_is_cut_off_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(unready, "PATIENCE_S", 0.3)
    with connect(url) as silent:
        assert httpx.get(f"{url}/health").status_code == 503
        assert silent.recv(100) == b""


def test_only_so_many_wait_at_once(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(unready, "MOST_AT_ONCE", 2)
    with connect(url), connect(url), connect(url) as third:
        assert third.recv(100) == b""


def test_then_the_server_answers_on_the_same_socket(listener: socket.socket) -> None:
    """Who came while it was loading is answered still, and who comes later waits for the server."""
    with refusing(listener, LOADING, None):
        url = url_of(listener)
        early = connect(url)
        assert httpx.get(f"{url}/health").status_code == 503
    with early, ThreadPoolExecutor(1) as pool:
        between = pool.submit(httpx.get, f"{url}/health", timeout=PATIENCE_S)
        early.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert early.recv(100).startswith(b"HTTP/1.1 503")
        with serving_on(listener, FakeEngine()):
            assert between.result().status_code == 200
            assert httpx.get(f"{url}/health").status_code == 200


def test_https_clients_are_told_too(tmp_path: Path, listener: socket.socket) -> None:
    key, certificate = self_signed(tmp_path)
    tls = tls_of(ServerConfig(ssl_certfile=certificate, ssl_keyfile=key))
    trusting = ssl.create_default_context(cafile=str(certificate))
    with refusing(listener, LOADING, tls):
        assert httpx.get(url_of(listener, "https") + "/health", verify=trusting).status_code == 503
