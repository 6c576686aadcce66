"""HTTPS, pages of other origins, and the limits on what a connection may send and how slowly."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import httpx
import pytest
from serving import self_signed, serving

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import ConfigError
from quatre.server.service import ServerConfig

CHAT = "/v1/chat/completions"
BODY = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}


def test_https(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path)
    with serving(FakeEngine(), ServerConfig(ssl_certfile=certificate, ssl_keyfile=key)) as url:
        secure = url.replace("http:", "https:")
        trusting = ssl.create_default_context(cafile=str(certificate))
        assert httpx.post(secure + CHAT, json=BODY, verify=trusting, timeout=60).status_code == 200
        with pytest.raises(httpx.HTTPError):
            httpx.get(url + "/health", timeout=PATIENCE_S)


def test_a_certificate_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for path in (wrong, tmp_path / "none.pem"):
        with (
            pytest.raises(ConfigError, match=f"the certificate .*{path.name} and its key cannot be used"),
            serving(FakeEngine(), ServerConfig(ssl_certfile=path)),
        ):
            pass


def test_only_pages_that_are_allowed_may_ask() -> None:
    config = ServerConfig(allowed_origins=("https://a.example",), api_key=("key",))
    with serving(FakeEngine(), config) as url:
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://b.example", None)):
            asked = {"origin": origin, "access-control-request-method": "POST"}
            preflight = httpx.options(url + CHAT, headers=asked, timeout=60)
            assert preflight.headers.get("access-control-allow-origin") == allowed
            answer = httpx.post(
                url + CHAT, json=BODY, headers={"origin": origin, "authorization": "Bearer key"}, timeout=60
            )
            assert answer.headers.get("access-control-allow-origin") == allowed
        assert httpx.post(url + CHAT, json=BODY, headers={"origin": "https://a.example"}, timeout=60).status_code == 401


def test_the_largest_body_can_be_chosen() -> None:
    with serving(FakeEngine(), ServerConfig(max_request_bytes=200)) as url:
        assert httpx.post(url + CHAT, json=BODY, timeout=60).status_code == 200
        assert httpx.post(url + CHAT, json={**BODY, "user": "x" * 200}, timeout=60).status_code == 413


@pytest.mark.parametrize("fields", [{"max_request_bytes": 0}, {"ssl_keyfile": Path("key.pem")}])
def test_what_makes_no_sense_is_refused(fields) -> None:
    with pytest.raises(ConfigError):
        ServerConfig(**fields)


def test_huge_headers_are_refused(url: str) -> None:
    assert httpx.get(url + "/health", headers={"x-small": "x" * 1000}, timeout=60).status_code == 200
    assert httpx.get(url + "/health", headers={"x-large": "x" * 40_000}, timeout=60).status_code in (400, 431)


@pytest.mark.parametrize("said", [b"", b"GET /health HTT", b"GET /health HTTP/1.1\r\nhost: x\r\n"])
def test_who_connects_and_sends_no_request_is_cut_off(monkeypatch: pytest.MonkeyPatch, url: str, said: bytes) -> None:
    monkeypatch.setattr("quatre.server.connection.LOOK_S", 0.1)
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as slow:
        slow.sendall(said)
        assert slow.recv(100) == b""  # and no timeout
