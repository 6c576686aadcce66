"""The bytes of a stream, and what happens when its client leaves."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest
from serving import serving

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import EngineError
from quatre.server.service import ServerConfig
from quatre.server.stream import OPENAI_CHUNKS, frames

CHAT = "/v1/chat/completions"
BODY = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}


def collect(chunks) -> list[bytes]:
    async def all_of() -> list[bytes]:
        return [event async for event in frames(chunks)]

    return asyncio.run(all_of())


def test_frames_are_data_lines_and_done(http: httpx.Client) -> None:
    answer = http.post(CHAT, json={**BODY, "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answer.headers
    *events, done, rest = answer.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    for event in events:
        chunk = json.loads(event.removeprefix("data: "))
        assert "error" not in chunk
        assert chunk["object"] == "chat.completion.chunk"
        assert "\n" not in event


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/chat/completions"])
def test_an_operator_may_have_all_streams_counted(path: str) -> None:
    body = {"model": "fake", "stream": True, "max_tokens": 2}
    body |= {"messages": [{"role": "user", "content": "Hi"}]} if "chat" in path else {"prompt": "Hi"}
    with serving(FakeEngine(), ServerConfig(enable_force_include_usage=True)) as url:
        lines = [line for line in httpx.post(url + path, json=body, timeout=PATIENCE_S).text.split("\n\n") if line]
    last = json.loads(lines[-2].removeprefix("data: "))
    assert (lines[-1], last["choices"]) == ("data: [DONE]", [])
    assert last["usage"]["completion_tokens"] == 2


def test_line_breaks_and_any_character_stay_inside_their_event() -> None:
    text = "a\nb\r\n\u2028é🙂"
    event = OPENAI_CHUNKS.event({"text": text})
    assert event.count(b"\n") == 2
    assert json.loads(event.removeprefix(b"data: "))["text"] == text


def test_failure_ends_the_stream_with_an_error_and_done() -> None:
    async def failing():
        yield {"n": 1}
        raise EngineError("it broke")

    first, error, done = collect(failing())
    assert first == b'data: {"n":1}\n\n'
    assert json.loads(error.removeprefix(b"data: "))["error"]["message"] == "it broke"
    assert done == b"data: [DONE]\n\n"


def test_crash_in_a_stream_gives_no_detail_away() -> None:
    async def crashing():
        yield {"n": 1}
        raise ZeroDivisionError("secret")

    events = collect(crashing())
    assert b"secret" not in b"".join(events)
    assert events[-1] == b"data: [DONE]\n\n"


def test_silence_is_filled_with_comments() -> None:
    gate = threading.Semaphore(0)
    with serving(FakeEngine("Hi", gate=gate), ServerConfig(sse_keep_alive_interval=0.02)) as url:
        with httpx.stream("POST", url + CHAT, json={**BODY, "stream": True}) as answer:
            lines = []
            for line in answer.iter_lines():
                lines.append(line)
                if lines.count(": keep-alive") == 3:
                    gate.release(3)
        body = {**BODY, "stream": True}
        gate.release(2)
        with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            stream = client.chat.completions.create(**body)
            texts = []
            for chunk in stream:
                texts.append(chunk.choices[0].delta.content or "")
                if "".join(texts) == "Hi":
                    gate.release()
    assert lines.count(": keep-alive") >= 3
    assert lines[-2] == "data: [DONE]"
    assert "".join(texts) == "Hi"


def test_role_comes_before_the_first_token() -> None:
    """A long prompt takes minutes; the client shall see at once that it was accepted."""
    gate = threading.Semaphore(0)
    with (
        serving(FakeEngine(gate=gate)) as url,
        httpx.stream("POST", url + CHAT, json={**BODY, "stream": True}) as answer,
    ):
        first = next(answer.iter_lines())
        assert json.loads(first.removeprefix("data: "))["choices"][0]["delta"]["role"] == "assistant"


@pytest.mark.parametrize("tokens_before", [0, 2])
def test_leaving_a_stream_cancels_the_request(tokens_before: int) -> None:
    gate = threading.Semaphore(tokens_before)
    engine = FakeEngine(gate=gate)
    with serving(engine) as url:
        with httpx.stream("POST", url + CHAT, json={**BODY, "stream": True}) as answer:
            lines = answer.iter_lines()
            for _ in range(2 * (tokens_before + 1)):  # each event is a line and an empty line
                next(lines)
        engine.wait_for(cancelled=1)
    assert engine.cancelled == [engine.requests[0].id]


@pytest.mark.parametrize(
    ("path", "body", "count"),
    [(CHAT, BODY, 1), ("/v1/completions", {"model": "fake", "prompt": ["a", "b", "c"]}, 3)],
)
def test_leaving_without_stream_cancels_all_requests(path: str, body, count: int) -> None:
    engine = FakeEngine(gate=threading.Semaphore(1))
    with serving(engine) as url:
        content = json.dumps(body).encode()
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            head = (
                f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
            )
            connection.sendall(head.encode() + b"\r\n\r\n" + content)
            engine.wait_for(requests=count)
        engine.wait_for(cancelled=count)
    assert sorted(engine.cancelled) == sorted(request.id for request in engine.requests)


def test_finished_requests_are_not_cancelled(http: httpx.Client, engine: FakeEngine) -> None:
    before = len(engine.cancelled)
    http.post(CHAT, json=BODY)
    http.post(CHAT, json={**BODY, "stream": True})
    assert len(engine.cancelled) == before


def test_two_clients_at_once() -> None:
    """Both are running before either gets a token."""
    gate = threading.Semaphore(0)
    engine = FakeEngine(gate=gate)

    def ask(url: str, stream: bool) -> str:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            if not stream:
                return client.chat.completions.create(**BODY).choices[0].message.content
            chunks = client.chat.completions.create(stream=True, **BODY)
            return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    with serving(engine) as url, ThreadPoolExecutor(2) as clients:
        answers = [clients.submit(ask, url, stream) for stream in (False, True)]
        engine.wait_for(requests=2)
        gate.release(2 * 13)
        assert [answer.result(10) for answer in answers] == ["Hello, world"] * 2


def test_stopping_engine_ends_streams_with_an_error() -> None:
    engine = FakeEngine(gate=threading.Semaphore(1))
    with (
        serving(engine) as url,
        httpx.stream("POST", url + CHAT, json={**BODY, "stream": True}) as answer,
    ):
        lines = answer.iter_lines()
        next(lines)
        engine.close()
        rest = list(lines)
    assert "stopping" in rest[-4]
    assert rest[-2] == "data: [DONE]"
