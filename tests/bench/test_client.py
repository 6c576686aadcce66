"""What a request's clock reads, and which answers count as failures."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from canned import DONE, USAGE, Canned, event, text

from quatre.bench.client import Target, Timing, send
from quatre.bench.workload import Ask

TARGET = Target(url="http://server/v1/completions", model="m")


def ask(server: Canned, target: Target = TARGET, question: Ask | None = None) -> Timing:
    async def asking() -> Timing:
        async with server.client() as client:
            return await send(client, target, question or Ask([1, 2], 3), 0.0)

    return asyncio.run(asking())


def test_pieces_gaps_and_the_servers_own_count() -> None:
    timing = ask(Canned(text("a"), text("b"), text("c"), USAGE, DONE))
    assert timing.error is None
    assert timing.ttft is not None
    assert 0 < timing.ttft <= timing.latency
    assert len(timing.itl) == 2
    assert sum(timing.itl) <= timing.latency - timing.ttft
    assert (timing.prompt_tokens, timing.output_tokens) == (7, 3)
    assert timing.tpot == pytest.approx((timing.latency - timing.ttft) / 2)


def test_events_may_be_cut_anywhere() -> None:
    whole = text("é") + text("b") + b": keep-alive\n\n" + USAGE + DONE
    pieces = [whole[place : place + 3] for place in range(0, len(whole), 3)]
    timing = ask(Canned(*pieces))
    assert timing.error is None
    assert len(timing.itl) == 1


def test_a_role_is_not_a_first_token() -> None:
    role = event(choices=[{"delta": {"role": "assistant", "content": ""}}])
    assert ask(Canned(role, USAGE, DONE)).error == "the answer had no text"
    thought = event(choices=[{"delta": {"reasoning_content": "hm"}}])
    assert ask(Canned(role, thought, DONE)).ttft is not None


def test_without_usage_the_pieces_count() -> None:
    assert ask(Canned(text("a"), text("b"), DONE)).output_tokens == 2


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (Canned(b'{"error": {"message": "too long"}}', status=400), "400: too long"),
        (Canned(b"<html>", status=502), "502: <html>"),
        (Canned(text("a"), event(error={"message": "the engine died"}), DONE), "the engine died"),
        (Canned(text("a")), "the stream ended without [DONE]"),
        (Canned(b"data: nonsense\n\n"), "nonsense"),
        (Canned(b"data: 5\n\n"), "5"),
    ],
)
def test_failures_are_counted_and_said(server: Canned, message: str) -> None:
    assert ask(server).error == message


def test_no_server_is_a_failure_of_the_request() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async def asking() -> Timing:
        async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
            return await send(client, TARGET, Ask([1], 1), 0.0)

    assert asyncio.run(asking()).error == "ConnectError: refused"


def test_bodies_of_both_endpoints() -> None:
    server = Canned(text("a"), DONE)
    ask(server, Target(url=TARGET.url, model="m", extra_body={"ignore_eos": True}))
    (body,) = server.bodies
    assert (body["prompt"], body["max_tokens"], body["ignore_eos"], body["stream"]) == ([1, 2], 3, True, True)
    chat = Target(url=TARGET.url, model="m", chat=True)
    messages = [{"role": "user", "content": "x"}]
    ask(server, chat, Ask("x", 3))
    ask(server, chat, Ask(messages, 3))
    assert all(body["messages"] == messages for body in server.bodies[1:])
