"""For which names a server on this machine answers: one that was made to mean it (DNS rebinding) is none of them."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager

import httpx
import pytest
from serving import serving, serving_on

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import ConfigError
from quatre.server.hosts import is_loopback
from quatre.server.middleware import HOST
from quatre.server.run import open_socket
from quatre.server.service import ServerConfig, Service

PAGES = ("/health", "/", "/v1/models", "/metrics")
OWN = ("localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]:8000")
STRANGE = (
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil-localhost",
    "192.168.1.2",
    "0.0.0.0",
    "[fd00::1]",
    "localhost:8000@evil.example",
    "localhost evil.example",
    "",
)


def local(**options: object) -> AbstractContextManager[str]:
    return serving(FakeEngine(), ServerConfig(**options), local_as="127.0.0.1")


def status(url: str, host: str, path: str = "/health", **more: object) -> int:
    return httpx.get(url + path, headers={"host": host, **more}).status_code


def test_a_server_of_this_machine_answers_for_its_own_names_only() -> None:
    with local() as url:
        for host in OWN:
            assert status(url, host) == 200, host
        for host in STRANGE:
            assert status(url, host) == 403, host
        for path in PAGES:
            assert status(url, "evil.example", path) == 403


def test_the_refusal_says_what_to_do() -> None:
    body = {"model": "fake", "prompt": "x"}
    with local() as url:
        answer = httpx.post(f"{url}/v1/completions", json=body, headers={"host": "evil.example"})
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("permission_error", "host_not_allowed")
        assert "--allowed-hosts" in error["message"]
        assert "'evil.example'" in error["message"]
        assert answer.headers["x-request-id"]
        long = httpx.get(url, headers={"host": "x" * 10_000})
        assert len(long.content) < 500


def test_a_request_of_http_1_0_has_no_host() -> None:
    """Probes of proxies send such, and browsers never do."""
    with local() as url:
        assert _raw(url, b"GET /health HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_two_hosts_are_two_chances_to_be_refused() -> None:
    with local() as url:
        sent = b"GET /health HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n"
        assert not _raw(url, sent).startswith(b"HTTP/1.1 200")


def _raw(url: str, sent: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(sent)
        return client.recv(1 << 16)


def test_other_names_can_be_allowed() -> None:
    with local(allowed_hosts=("My.Example", "*.b.example", "192.168.1.2", "fd00::1")) as url:
        for host in (*OWN, "my.example", "MY.example:80", "a.b.example", "x.a.b.example", "192.168.1.2", "[FD00:0::1]"):
            assert status(url, host) == 200, host
        for host in ("b.example", "ab.example", "your.example", "192.168.1.3"):
            assert status(url, host) == 403, host
    with local(allowed_hosts=("*",)) as url:
        assert status(url, "evil.example") == 200


def test_the_name_that_it_was_told_to_listen_at_is_its_own() -> None:
    with serving(FakeEngine(), local_as="my-alias") as url:
        assert status(url, "my-alias:8000") == 200


def client_of(monkeypatch: pytest.MonkeyPatch, forwarded: str, **options: object) -> str:
    """Whom the server takes a request for that comes from this machine with such an ``X-Forwarded-For``."""
    seen: list[str] = []
    monkeypatch.setattr(Service, "terms", lambda _, wanted: seen.append(HOST.get()) or dict(wanted))
    body = {"model": "fake", "prompt": "x", "max_tokens": 1}
    with serving(FakeEngine(), ServerConfig(**options)) as url:
        headers = {"x-forwarded-for": forwarded}
        assert httpx.post(f"{url}/v1/completions", json=body, headers=headers, timeout=PATIENCE_S).status_code == 200
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (("127.0.0.1",), "198.51.100.7", "198.51.100.7"),
        (("127.0.0.0/8",), "198.51.100.7", "198.51.100.7"),
        (("127.0.0.1",), "6.6.6.6, 198.51.100.7", "198.51.100.7"),  # the client wrote the first
        (("127.0.0.1", "10.0.0.0/8"), "6.6.6.6, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        (("*",), "198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ((), "198.51.100.7", "127.0.0.1"),
        (("10.0.0.1",), "198.51.100.7", "127.0.0.1"),
    ],
)
def test_proxies_that_are_trusted_say_who_the_client_is(
    monkeypatch: pytest.MonkeyPatch, proxies: tuple[str, ...], forwarded: str, client: str
) -> None:
    assert client_of(monkeypatch, forwarded, forwarded_allow_ips=proxies) == client


def test_proxies_are_known_by_their_address_at_a_socket_of_both_families_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """There it is written ``::ffff:127.0.0.1``."""
    seen: list[str] = []
    monkeypatch.setattr(Service, "terms", lambda _, wanted: seen.append(HOST.get()) or dict(wanted))
    body = {"model": "fake", "prompt": "x", "max_tokens": 1}
    with open_socket("::", 0) as listener, serving_on(listener, FakeEngine()):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/completions"
        for headers in ({}, {"x-forwarded-for": "198.51.100.7"}):
            assert httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S).status_code == 200
    assert seen == ["127.0.0.1", "198.51.100.7"]


@pytest.mark.parametrize("entry", ["", "proxy.example", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.1:80"])
def test_what_is_no_proxy_stops_the_start(entry: str) -> None:
    with pytest.raises(ConfigError, match="forwarded_allow_ips has"):
        ServerConfig(forwarded_allow_ips=(entry,))


def test_with_a_key_or_on_a_network_any_name_will_do() -> None:
    with local(api_key=("key",)) as url:
        assert status(url, "evil.example") == 200
    with serving(FakeEngine()) as url:
        assert status(url, "evil.example") == 200


def test_allowed_hosts_hold_on_a_network_and_with_a_key_too() -> None:
    config = ServerConfig(api_key=("key",), allowed_hosts=("my.example",))
    with serving(FakeEngine(), config) as url:
        assert status(url, "my.example") == 200
        assert status(url, "evil.example", "/v1/models", authorization="Bearer key") == 403


@pytest.mark.parametrize("entry", ["", "http://a.example", "a.example:80", "a b", "*a.b", "**", "a/b", "[::1]:80"])
def test_what_is_no_host_stops_the_start(entry: str) -> None:
    with pytest.raises(ConfigError, match="allowed_hosts has"):
        ServerConfig(allowed_hosts=(entry,))


@pytest.mark.parametrize("host", ["::ffff:127.0.0.1", "::1", "127.1.2.3"])
def test_loopback_in_other_spellings(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["::ffff:10.0.0.1", "10.0.0.1", "local", ""])
def test_what_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
