"""Ids, keys and the limit on bodies."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx
import openai
import pytest
from serving import serving
from starlette.types import Message

from fakes import FakeEngine
from quatre.errors import ConfigError
from quatre.server.middleware import MAX_BODY_BYTES, BodyLimit
from quatre.server.service import ServerConfig

KEY = "sésame"
MODELS = "/v1/models"


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    with serving(FakeEngine(), ServerConfig(api_key=("other", KEY))) as url:
        yield url


def test_every_answer_has_an_id(http: httpx.Client) -> None:
    ids = {http.get(path).headers["x-request-id"] for path in (MODELS, "/nothing", "/health")}
    assert len(ids) == 3
    assert all(request_id.startswith("req_") for request_id in ids)


def test_clients_may_choose_the_id_unless_it_is_odd(http: httpx.Client) -> None:
    assert http.get(MODELS, headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    for odd in ("two words", "x" * 129, "é"):
        sent = {b"x-request-id": odd.encode("latin-1")}
        assert http.get(MODELS, headers=sent).headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", KEY, f"Basic {KEY}", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}"]
)
def test_without_the_key_everything_but_health_and_version_is_closed(locked: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {b"authorization": authorization.encode()}
    for path in (MODELS, "/metrics", "/openapi.json", "/nothing", "/health/x", "/v1/../v1/models", "//health"):
        answer = httpx.get(locked + path, headers=headers)
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "invalid_api_key"
    assert httpx.post(locked + "/v1/chat/completions", headers=headers, json={}).status_code == 401
    for path in ("/health", "/version"):
        assert httpx.get(locked + path, headers=headers).status_code == 200


def test_anthropics_clients_are_refused_in_their_form(locked: str) -> None:
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        answer = httpx.post(locked + path, json={})
        assert answer.status_code == 401
        assert (answer.json()["type"], answer.json()["error"]["type"]) == ("error", "authentication_error")
    answer = httpx.post(f"{locked}/v1/messages", json={}, headers={b"x-api-key": KEY.encode(), b"x-long": b"x" * 32768})
    assert (answer.status_code, answer.json()["type"]) == (431, "error")


def test_with_the_key_all_is_open(locked: str) -> None:
    assert httpx.get(locked + MODELS, headers={b"authorization": f"bearer {KEY}".encode()}).status_code == 200


@pytest.mark.parametrize("key", ["other", KEY])
def test_each_key_opens_in_either_header(locked: str, key: str) -> None:
    for headers in ({b"authorization": f"Bearer {key}".encode()}, {b"x-api-key": key.encode()}):
        assert httpx.get(locked + MODELS, headers=headers).status_code == 200
    assert httpx.get(locked + MODELS, headers={b"x-api-key": f"{key}x".encode()}).status_code == 401


def test_every_key_is_compared_and_in_constant_time(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither how much of a key is right nor which of several it is can be told from how long it takes."""
    compared: list[tuple[int, int]] = []
    plain = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or plain(a, b))
    for key, status in (("other", 200), (KEY, 200), ("", 401), ("o", 401), ("x" * 999, 401)):
        compared.clear()
        assert httpx.get(locked + MODELS, headers={b"x-api-key": key.encode()}).status_code == status
        assert compared == [(32, 32)] * 2


def test_official_client_and_the_key() -> None:
    with serving(FakeEngine(), ServerConfig(api_key=("open",))) as url:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="open") as client:
            assert [model.id for model in client.models.list()] == ["fake"]
        with (
            openai.OpenAI(base_url=f"{url}/v1", api_key="shut") as client,
            pytest.raises(openai.AuthenticationError) as caught,
        ):
            client.models.list()
    assert caught.value.code == "invalid_api_key"


def test_a_slash_at_the_end_makes_no_other_address(locked: str) -> None:
    """Redirections lose bodies and keys in some clients."""
    chat = {"model": "fake", "messages": [{"role": "user", "content": "x"}]}
    bodies = {
        "/v1/chat/completions/": chat,
        "/v1/messages/": {**chat, "max_tokens": 9},
        "/v1/responses/": {"model": "fake", "input": "x"},
        "/v1/completions/": {"model": "fake", "prompt": "x"},
        "/tokenize/": {"prompt": "x"},
    }
    with httpx.Client(base_url=locked, timeout=60) as client:
        for path, body in bodies.items():
            assert client.post(path, json=body).status_code == 401
            assert client.post(path, json=body, headers={"x-api-key": "other"}).status_code == 200, path
        assert client.get(MODELS + "/").status_code == 401
        assert client.get(MODELS + "/", headers={"x-api-key": "other"}).json()["data"]
        assert client.get("/health/").status_code == 200
        for path in ("/nothing/", MODELS + "//"):
            assert client.get(path, headers={"x-api-key": "other"}).status_code == 404


def test_empty_key_is_refused() -> None:
    """It would have opened the server to everyone who sends an empty one."""
    with pytest.raises(ConfigError, match="an API key is empty"):
        ServerConfig(api_key=("open", ""))


def test_host_header_does_not_open_doors(locked: str) -> None:
    assert httpx.get(locked + MODELS, headers={"host": "x/health?"}).status_code in (400, 401)


def test_announced_large_body_is_refused_unread(url: str) -> None:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.putrequest("POST", "/v1/completions")
        connection.putheader("content-length", str(MAX_BODY_BYTES + 1))
        connection.endheaders()
        answer = connection.getresponse()
        error = json.load(answer)["error"]
    finally:
        connection.close()
    assert answer.status == 413
    assert error["code"] == "request_too_large"
    assert "32 MiB" in error["message"]


def test_body_without_length_is_counted(http: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(33):
            yield b" " * 2**20

    answer = http.post("/v1/completions", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"


def test_body_at_the_limit_passes() -> None:
    sent: list[Message] = [
        {"type": "http.request", "body": b"123", "more_body": True},
        {"type": "http.request", "body": b"45", "more_body": False},
    ]
    seen: list[bytes] = []

    async def app(scope, receive, send) -> None:
        while True:
            message = await receive()
            seen.append(message["body"])
            if not message["more_body"]:
                return

    async def receive() -> Message:
        return sent.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(BodyLimit(app, limit=5)({"type": "http", "headers": [(b"content-length", b"5")]}, receive, send))
    assert seen == [b"123", b"45"]


def test_salts_differ_between_keys_if_that_is_asked_for() -> None:
    body = {"model": "fake", "prompt": "x", "cache_salt": "mine"}
    for isolated in (True, False):
        engine = FakeEngine()
        config = ServerConfig(api_key=("one", "two"), isolate_prefix_cache_by_key=isolated)
        with serving(engine, config) as url:
            for key in ("one", "two", "one"):
                headers = {"authorization": f"Bearer {key}"}
                assert httpx.post(f"{url}/v1/completions", json=body, headers=headers).status_code == 200
            chat = {"model": "fake", "messages": [{"role": "user", "content": "x"}]}
            for path, asked in (
                ("chat/completions", chat),
                ("messages", {**chat, "max_tokens": 9}),
                ("responses", {"model": "fake", "input": "x"}),
                ("fim/completions", {"model": "fake", "prompt": "x"}),
            ):
                assert httpx.post(f"{url}/v1/{path}", json=asked, headers=headers, timeout=60).status_code == 200
        first, second, third, chatted, *others = (request.cache_salt for request in engine.requests)
        assert others == [chatted] * 3
        assert first == third
        assert (first != second) is isolated
        assert first.endswith("mine")
        assert "one" not in first
        assert bool(chatted) is isolated
        assert first.startswith(chatted)


def test_every_endpoint_has_salts() -> None:
    engine = FakeEngine()
    chat = {"model": "fake", "messages": [{"role": "user", "content": "x"}]}
    bodies = {
        "chat/completions": chat,
        "messages": {**chat, "max_tokens": 9},
        "responses": {"model": "fake", "input": "x"},
        "completions": {"model": "fake", "prompt": "x"},
        "fim/completions": {"model": "fake", "prompt": "x"},
    }
    with serving(engine) as url:
        for path, body in bodies.items():
            answer = httpx.post(f"{url}/v1/{path}", json={**body, "cache_salt": path}, timeout=60)
            assert answer.status_code == 200
            assert engine.requests[-1].cache_salt == path


def test_isolation_needs_keys() -> None:
    with pytest.raises(ConfigError, match="needs API keys"):
        ServerConfig(isolate_prefix_cache_by_key=True)
