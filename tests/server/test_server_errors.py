"""Every failure has OpenAI's error body, says something useful and stays small."""

from __future__ import annotations

import json
import threading

import httpx
import openai
import pytest
from serving import serving

from fakes import FakeEngine
from quatre.errors import CheckpointError, ConfigError, EngineError, OverloadedError, RequestError
from quatre.server.errors import failure_of

CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
BODY = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}


def error_of(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert isinstance(error["message"], str)
    return error


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (RequestError("x", param="p", code="c"), 400, "invalid_request_error", "c"),
        (RequestError("x", param="model", code="model_not_found"), 404, "invalid_request_error", "model_not_found"),
        (OverloadedError("x"), 503, "overloaded_error", "overloaded"),
        (EngineError("x"), 500, "server_error", "engine_error"),
        (ConfigError("x"), 500, "server_error", None),
        (CheckpointError("x"), 500, "server_error", None),
    ],
)
def test_status_of_each_exception(error: Exception, status: int, kind: str, code: str | None) -> None:
    failure = failure_of(error)
    body = failure.body()["error"]
    assert (failure.status, body["type"], body["code"], body["message"]) == (status, kind, code, "x")


def test_unforeseen_exceptions_give_no_detail_away() -> None:
    failure = failure_of(ZeroDivisionError("secret"))
    assert failure.status == 500
    assert "secret" not in json.dumps(failure.body())


def test_overload_says_when_to_try_again() -> None:
    with serving(FakeEngine(places=0)) as url:
        answer = httpx.post(url + CHAT, json=BODY)
    assert error_of(answer, 503)["code"] == "overloaded"
    assert int(answer.headers["retry-after"]) > 0


def test_answers_that_can_never_be_made_at_once_are_a_400_and_nothing_is_begun() -> None:
    engine = FakeEngine()
    with serving(engine) as url:
        body = {"model": "fake", "prompt": ["a"] * 1024, "n": 128}
        error = error_of(httpx.post(url + "/v1/completions", json=body), 400)
        assert error["param"] == "n"
        assert "131072 answers" in error["message"]
        assert engine.requests == []


def test_answers_for_which_there_is_no_room_now_are_a_503_and_nothing_is_begun() -> None:
    gate = threading.Semaphore(0)
    engine = FakeEngine(gate=gate)
    body = {"model": "fake", "prompt": "a", "n": 100, "stream": True}
    with serving(engine) as url, httpx.stream("POST", f"{url}/v1/completions", json=body):
        engine.wait_for(requests=1)
        answer = httpx.post(f"{url}/v1/completions", json={**body, "prompt": ["a"] * 11, "stream": False})
        assert error_of(answer, 503)["code"] == "overloaded"
        assert int(answer.headers["retry-after"]) > 0
        assert len(engine.requests) == 1


def test_unknown_model_is_a_404_with_the_names(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-9", messages=BODY["messages"])
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert "'gpt-9'" in caught.value.body["message"]
    assert "fake" in caught.value.body["message"]
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


def test_unknown_address_and_method(http: httpx.Client) -> None:
    assert error_of(http.get("/v1/nothing"), 404)["code"] == "not_found"
    answer = http.get(CHAT)
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not valid JSON"),
        (b"", "required"),
        (b'{"model": "fake", }', "not valid JSON"),
        (b'{"model": "\xff"}', "not valid UTF-8"),
        (b"[" * 100_000, "nested more than 128 levels"),
        (b'{"messages": ' + b"[" * 128 + b"]" * 128 + b"}", "nested more than 128 levels"),
        ('{"model": "fake"}'.encode("utf-16"), "not JSON in UTF-8"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[]", "a JSON object"),
        (b'"text"', "a JSON object"),
        (b"null", "a JSON object"),
    ],
)
def test_malformed_bodies(http: httpx.Client, content: bytes, message: str) -> None:
    error = error_of(http.post(CHAT, content=content, headers=JSON), 400)
    assert error["type"] == "invalid_request_error"
    assert message in error["message"]
    assert len(error["message"]) < 300


def test_other_content_types_are_refused(http: httpx.Client) -> None:
    """A form that a web page sends to a server on localhost must not start anything."""
    for headers in ({"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}, {}):
        error = error_of(http.post(CHAT, content=json.dumps(BODY).encode(), headers=headers), 400)
        assert "application/json" in error["message"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (CHAT, {"messages": [{"role": "user", "content": "\ud800"}]}),
        (CHAT, {"messages": [{"role": "user", "content": [{"type": "text", "text": "\ud800"}]}]}),
        (CHAT, {"messages": [{"role": "user", "content": "x", "name": "\ud800"}]}),
        (CHAT, {"stop": ["\ud800"]}),
        (CHAT, {"user": "\ud800"}),
        ("/v1/completions", {"prompt": ["\ud800"]}),
    ],
)
def test_half_a_surrogate_pair_is_not_text(http: httpx.Client, path: str, fields) -> None:
    """JSON can spell one, and it crashed deep inside a tokenizer."""
    body = {**BODY, "prompt": "x", **fields}
    error = error_of(http.post(path, content=json.dumps(body).encode(), headers=JSON), 400)
    assert error["param"].split("[")[0] == next(iter(fields))


def test_errors_can_quote_half_a_surrogate_pair(http: httpx.Client) -> None:
    body = json.dumps({**BODY, "model": "\ud800"}).encode()
    assert "\\ud800" in error_of(http.post(CHAT, content=body, headers=JSON), 404)["message"]


def test_many_mistakes_get_a_short_answer(http: httpx.Client) -> None:
    """One peer answered 4 KB of mistakes with 23 MB."""
    wrong = dict.fromkeys(("temperature", "top_p", "top_k", "min_p", "seed", "max_tokens", "logprobs"), "x" * 10000)
    answer = http.post(CHAT, json={**wrong, "model": "fake", "messages": [{"content": i} for i in range(5000)]})
    error = error_of(answer, 400)
    assert len(answer.content) < 1500
    assert error["message"].count(";") == 5
    assert error["message"].endswith("more")


def test_long_names_are_cut(http: httpx.Client) -> None:
    assert len(http.post(CHAT, json={**BODY, "model": "x" * 100_000}).content) < 1000
    assert len(http.post(CHAT, json={**BODY, "reasoning_effort": "x" * 100_000}).content) < 1000
    assert len(http.get("/v1/models/" + "x" * 10_000).content) < 1000


def test_engine_failure_is_a_500_with_its_reason() -> None:
    with serving(FakeEngine("Hi", failure="out of luck")) as url:
        error = error_of(httpx.post(url + CHAT, json=BODY), 500)
    assert error["message"] == "out of luck"
    assert error["type"] == "server_error"


def test_engine_failure_in_mid_stream_is_an_event_that_clients_raise() -> None:
    with serving(FakeEngine("Hi", failure="out of luck")) as url:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            stream = client.chat.completions.create(stream=True, **BODY)
            with pytest.raises(openai.APIError, match="out of luck"):
                list(stream)
        lines = httpx.post(url + CHAT, json={**BODY, "stream": True}).text.split("\n\n")
    assert json.loads(lines[-3].removeprefix("data: "))["error"]["message"] == "out of luck"
    assert lines[-2:] == ["data: [DONE]", ""]


def test_crash_is_a_500_with_a_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(engine, "submit", lambda *_: 1 / 0)
    with serving(engine) as url:
        answer = httpx.post(url + CHAT, json=BODY)
    assert "division" not in error_of(answer, 500)["message"]
    assert answer.headers["x-request-id"].startswith("req_")
