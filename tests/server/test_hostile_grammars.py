"""Grammars that hang or crash the compiler: their request is refused, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from serving import serving

from fakes import FakeEngine

HANGS = {"json": {"type": "integer", "multipleOf": 9999991}}
CRASHES = {"grammar": "start: r0\n" + "\n".join(f"r{i}: r{i + 1}" for i in range(3000)) + "\nr3000: /a/"}
PATIENCE_S = 60  # the compiler's time is counted in seconds of computing


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


def test_a_text_of_empty_lines_does_not_hold_up_the_server(asks: httpx.Client) -> None:
    with ThreadPoolExecutor(1) as client:
        hanging = client.submit(ask, asks, {"grammar": "\n" * 65_000})
        assert ask(asks).elapsed.total_seconds() < 5
        answer = hanging.result()
    assert answer.status_code == 400
    assert "No 'root' rule found" in answer.json()["error"]["message"]
    assert answer.elapsed.total_seconds() < 5
