"""Grammars that hang or crash the compiler: their request is refused, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from serving import serving

from fakes import FakeEngine
from quatre.grammar import compiler, making, tryout
from quatre.server.service import ServerConfig

HANGS = {"json": {"type": "integer", "multipleOf": 9999991}}
CRASHES = {"grammar": "start: r0\n" + "\n".join(f"r{i}: r{i + 1}" for i in range(3000)) + "\nr3000: /a/"}
PATIENCE_S = 600  # the compiler's time is counted in seconds of computing, which may be many of a busy machine's


@pytest.fixture(autouse=True)
def nobody_gives_up_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PATIENCE_S", PATIENCE_S)


@pytest.fixture(scope="module")
def asks() -> Iterator[httpx.Client]:
    with serving(FakeEngine()) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        yield client


def ask(client: httpx.Client, structured: dict[str, Any] | None = None) -> httpx.Response:
    body = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}
    return client.post("/v1/chat/completions", json=body | ({"structured_outputs": structured} if structured else {}))


def test_a_crash_is_a_400_and_the_next_grammar_is_compiled(asks: httpx.Client) -> None:
    answer = ask(asks, CRASHES)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "structured output: it is too deep or too large; simplify it"
    assert answer.json()["error"]["param"] == "structured_outputs"
    assert ask(asks, {"regex": "a"}).status_code == 200


def test_while_some_hang_everybody_else_is_answered(asks: httpx.Client) -> None:
    """More than the process has compilers and the event loop has threads of its own."""
    assert ask(asks, {"regex": "known"}).status_code == 200
    with ThreadPoolExecutor(20) as clients:
        hanging = [clients.submit(ask, asks, HANGS) for _ in range(20)]
        assert ask(asks).status_code == 200
        assert ask(asks, {"regex": "known"}).status_code == 200
        assert ask(asks, {"regex": "new"}).status_code == 200
        assert not any(one.done() for one in hanging)
        outcomes = {(one.result().status_code, one.result().json()["error"]["message"]) for one in hanging}
    overloaded = (503, "the grammar is not compiled yet: the machine is busy; try again later")
    refused = (400, "structured output: compiling takes longer than 2 seconds; simplify it")
    assert outcomes <= {refused, overloaded}


def slow(number: int) -> dict[str, Any]:
    """Each another one that compiles longer than there is time."""
    return {"json": {"type": "integer", "multipleOf": 9_999_991 + 2 * number}}


def test_another_clients_new_grammar_is_compiled_beside_many_different_slow_ones() -> None:
    config = ServerConfig(api_key=("rude", "polite"))
    with ExitStack() as stack:
        url = stack.enter_context(serving(FakeEngine(), config))
        rude, polite = (
            stack.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S, headers={"x-api-key": key}))
            for key in ("rude", "polite")
        )
        assert ask(polite, {"regex": "first"}).status_code == 200
        clients = stack.enter_context(ThreadPoolExecutor(24))
        hanging = [clients.submit(ask, rude, slow(number)) for number in range(24)]
        assert ask(polite, {"regex": "new"}).status_code == 200
        assert ask(polite, {"json": {"type": "integer", "maximum": 9}}).status_code == 200
        assert not all(one.done() for one in hanging)
        assert {one.result().status_code for one in hanging} <= {200, 400, 503}  # a fast machine may manage some


def test_who_has_gone_waits_for_no_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compilers are free again long before it would have been given up."""
    monkeypatch.setattr(compiler, "QUICK_S", 1000.0)
    with serving(FakeEngine()) as url:
        with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
            assert ask(client, {"regex": "first"}).status_code == 200
        for number in range(4):
            with httpx.Client(base_url=url, timeout=0.5) as client, pytest.raises(httpx.ReadTimeout):
                ask(client, slow(number))
        with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
            assert ask(client, {"regex": "new"}).status_code == 200


def test_salts_share_no_compiled_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a new form takes would tell whether somebody else has asked for it."""
    tried: list[str] = []
    run = tryout._Tryout.run
    monkeypatch.setattr(tryout._Tryout, "run", lambda self, *asked: tried.append(asked[0]) or run(self, *asked))
    config = ServerConfig(api_key=("one", "two"), isolate_prefix_cache_by_key=True)
    with serving(FakeEngine(), config) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        for key, salt, times in (("one", "", 1), ("one", "", 1), ("two", "", 2), ("two", "s", 3), ("two", "s", 3)):
            body = {"model": "fake", "prompt": "Hi", "structured_outputs": {"regex": "a"}, "cache_salt": salt or None}
            answer = client.post("/v1/completions", json=body, headers={"x-api-key": key})
            assert answer.status_code == 200
            assert len(tried) == times, (key, salt)
    tried.clear()
    with serving(FakeEngine()) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        for salt, times in (("a", 1), ("b", 2), ("a", 2)):
            messages = [{"role": "user", "content": "Hi"}]
            form = {"structured_outputs": {"regex": "a"}, "cache_salt": salt}
            body = {"model": "fake", "messages": messages, **form}
            assert client.post("/v1/chat/completions", json=body).status_code == 200
            assert len(tried) == times, salt


def test_a_text_of_empty_lines_does_not_hold_up_the_server(asks: httpx.Client) -> None:
    with ThreadPoolExecutor(1) as client:
        hanging = client.submit(ask, asks, {"grammar": "\n" * 65_000})
        assert ask(asks).elapsed.total_seconds() < 5
        answer = hanging.result()
    assert answer.status_code == 400
    assert "No 'root' rule found" in answer.json()["error"]["message"]
    assert answer.elapsed.total_seconds() < 5
