"""The turns of an agent begin alike, whichever API it uses; and the log says where prompts part."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from serving import serving

from fakes import FakeEngine
from marked import MarkedEngine, MarkedTokenizer
from quatre.server.service import ServerConfig

RULES = "Be brief. " * 30
CALLED = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL = {"name": "f", "description": "", "parameters": {"type": "object"}}
ENDPOINTS = ("/v1/chat/completions", "/v1/responses", "/v1/messages")
STREAMS = (*ENDPOINTS, "/v1/completions")


def head(turn: int) -> str:
    counters = "\n".join(f"<total_tokens>{1000 - count} tokens left</total_tokens>" for count in range(turn + 1))
    return f"x-anthropic-billing-header: cc_version=2.1; cch={turn:05};\n{RULES}\n{counters}"


def body_of(path: str, turn: int) -> dict[str, Any]:
    """The request of a turn, in which a tool has been called as often as turns have been."""
    mark = {"cache_control": {"type": "ephemeral"}}
    marks = [mark if place == turn else {} for place in range(turn + 1)]
    if path == "/v1/messages":
        messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "Go", **marks[0]}]}]
        for place in range(turn):
            call = {"type": "tool_use", "id": f"a{place}", "name": "f", "input": {}}
            result = {"type": "tool_result", "tool_use_id": f"a{place}", "content": "ok", **marks[place + 1]}
            messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
        tools = [{"name": "f", "input_schema": TOOL["parameters"], **(mark if turn % 2 else {})}]
        return {"model": "fake", "max_tokens": 5, "system": head(turn), "messages": messages, "tools": tools}
    if path == "/v1/responses":
        items: list[Any] = [{"role": "user", "content": "Go"}]
        for place in range(turn):
            items += [
                {"type": "function_call", "call_id": f"a{place}", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": f"a{place}", "output": "ok"},
            ]
        return {"model": "fake", "instructions": head(turn), "input": items, "tools": [{"type": "function", **TOOL}]}
    asked = [{"role": "system", "content": head(turn)}]
    asked.append({"role": "user", "content": [{"type": "text", "text": "Go", **marks[0]}]})
    for place in range(turn):
        asked.append({"role": "assistant", "content": None, "tool_calls": [{**CALLED, "id": f"a{place}"}]})
        result = {"type": "text", "text": "ok", **marks[place + 1]}
        asked.append({"role": "tool", "tool_call_id": f"a{place}", "content": [result]})
    marked = {"type": "function", "function": TOOL, **(mark if turn % 2 else {})}
    return {"model": "fake", "messages": asked, "tools": [marked]}


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine("ok")


@pytest.fixture(scope="module")
def agent(engine: MarkedEngine) -> Iterator[httpx.Client]:
    with serving(engine, tokenizer=MarkedTokenizer()) as url, httpx.Client(base_url=url, timeout=10) as http:
        yield http


def turns(http: httpx.Client, engine: MarkedEngine, path: str, count: int = 4) -> list[str]:
    prompts = []
    for turn in range(count):
        answer = http.post(path, json=body_of(path, turn))
        assert answer.status_code == 200, answer.text
        prompts.append(engine.prompt())
    return prompts


@pytest.mark.parametrize("path", ENDPOINTS)
def test_each_turn_goes_on_from_the_last(agent: httpx.Client, engine: MarkedEngine, path: str) -> None:
    prompts = turns(agent, engine, path)
    for turn, (earlier, later) in enumerate(pairwise(prompts)):
        assert RULES.strip() in later
        assert "billing" not in later
        assert later.count("<total_tokens>") == 1
        assert later.rstrip(".").endswith(f"<total_tokens>{999 - turn} tokens left</total_tokens>")
        assert later.startswith(earlier.partition("<total_tokens>")[0].rstrip())


def test_counted_tokens_are_those_that_are_read(agent: httpx.Client, engine: MarkedEngine) -> None:
    body = body_of("/v1/messages", 1)
    read = agent.post("/v1/messages", json=body).json()["usage"]["input_tokens"]
    del body["max_tokens"]
    assert agent.post("/v1/messages/count_tokens", json=body).json() == {"input_tokens": read}


def test_switched_off_prompts_are_as_sent() -> None:
    engine = MarkedEngine("ok")
    with (
        serving(engine, ServerConfig(normalize_agent_prompts=False), tokenizer=MarkedTokenizer()) as url,
        httpx.Client(base_url=url, timeout=10) as http,
    ):
        for path in ENDPOINTS:
            assert all(head(turn) in prompt for turn, prompt in enumerate(turns(http, engine, path, 2)))


def test_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    engine = MarkedEngine("ok")
    with (
        caplog.at_level(logging.INFO, logger="quatre.server"),
        serving(engine, tokenizer=MarkedTokenizer()) as url,
        httpx.Client(base_url=url, timeout=10) as http,
    ):
        turns(http, engine, ENDPOINTS[0], 3)
    assert caplog.text.count("has a billing line that changes with each request") == 1
    assert caplog.text.count("has a token counter that changes with each request") == 1
    assert "and then differs" not in caplog.text


@pytest.mark.parametrize("shown", [False, True])
def test_the_log_says_where_a_prompt_parts_from_an_earlier_one(caplog: pytest.LogCaptureFixture, shown: bool) -> None:
    shared = "same " * 20
    prompts = [shared + "secret " * 20, shared + "other " * 20, shared + "other " * 20 + "and on", "new " * 40]
    with (
        caplog.at_level(logging.INFO, logger="quatre.server"),
        serving(FakeEngine(), ServerConfig(log_prompts=shown)) as url,
        httpx.Client(base_url=url, timeout=10) as http,
    ):
        for prompt in prompts:
            assert http.post("/v1/completions", json={"model": "fake", "prompt": prompt}).status_code == 200
    (line,) = [record.getMessage() for record in caplog.records if "then differs" in record.getMessage()]
    assert "its prompt of 221 tokens" in line
    assert "up to token 101 and then differs" in line  # the begin token and twenty times five
    assert "the 140 tokens behind it" in line
    assert ("there was 'secret secret secret" in line) is shown
    assert ("secret" in caplog.text) is shown


def test_prompts_of_others_are_no_measure(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO, logger="quatre.server"),
        serving(FakeEngine(), ServerConfig(api_key=("a", "b"), isolate_prefix_cache_by_key=True)) as url,
    ):
        for key in "ab":
            body = {"model": "fake", "prompt": "same " * 20 + key * 100}
            httpx.post(f"{url}/v1/completions", json=body, headers={"authorization": f"Bearer {key}"})
    assert "then differs" not in caplog.text


@pytest.mark.parametrize("path", STREAMS)
def test_every_stream_shows_that_it_is_alive(path: str) -> None:
    gate = threading.Semaphore(0)
    body = {"model": "fake", "prompt": "x"} if path == "/v1/completions" else body_of(path, 0)
    with (
        serving(MarkedEngine("ok", gate=gate), ServerConfig(sse_keep_alive_interval=0.02), tokenizer=MarkedTokenizer())
        as url,
        httpx.stream("POST", url + path, json={**body, "stream": True}, timeout=10) as answer,
    ):  # fmt: skip
        seen = 0
        for line in answer.iter_lines():
            seen += line in (": keep-alive", "event: ping")
            if seen == 3:
                gate.release(100)
                break
    assert seen == 3


def test_streams_are_kept_alive_unless_told_otherwise() -> None:
    assert 5 <= ServerConfig().sse_keep_alive_interval <= 30
