"""Times and places of many requests."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from canned import DONE, Canned, text

from quatre.bench.client import Target, Timing
from quatre.bench.load import Load, first_model, run_load
from quatre.bench.summary import most_at_once
from quatre.bench.workload import Ask
from quatre.errors import ConfigError

TARGET = Target(url="http://server/v1/completions", model="m")


class Counting(httpx.AsyncBaseTransport):
    """Counts how many requests it holds at once; each stays for a few turns of the loop."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(20):
            await asyncio.sleep(0)
        self.now -= 1
        return httpx.Response(200, content=text("a") + DONE)


def run(transport: httpx.AsyncBaseTransport, count: int, limit: int | None) -> Load:
    async def running() -> Load:
        async with httpx.AsyncClient(transport=transport) as client:
            return await run_load(client, TARGET, [Ask("x", 1)] * count, [0.0] * count, max_concurrency=limit)

    return asyncio.run(running())


@pytest.mark.parametrize("limit", [1, 3, None])
def test_no_more_at_once_than_allowed(limit: int | None) -> None:
    transport = Counting()
    load = run(transport, 10, limit)
    assert transport.most == (limit or 10)
    assert [timing.error for timing in load.timings] == [None] * 10
    assert most_at_once(load.timings) == (limit or 10)


def test_requests_wait_for_their_time_and_each_is_reported() -> None:
    server, done = Canned(text("a"), DONE), []

    async def running() -> Load:
        async with server.client() as client:
            return await run_load(client, TARGET, [Ask("x", 1)] * 3, [0.0, 0.05, 0.1], on_done=done.append)

    load = asyncio.run(running())
    assert [timing.began >= at for timing, at in zip(load.timings, [0.0, 0.05, 0.1], strict=True)] == [True] * 3
    assert load.duration >= 0.1
    assert len(done) == 3
    assert all(isinstance(timing, Timing) for timing in done)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (httpx.Response(404), "answers 404"),
        (httpx.Response(200, json={"data": []}), "lists no model"),
        (httpx.Response(200, text="hello"), "lists no model"),
    ],
)
def test_a_server_that_names_no_model(response: httpx.Response, message: str) -> None:
    async def asking() -> str:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: response)) as client:
            return await first_model(client, "http://server", {})

    with pytest.raises(ConfigError, match=message):
        asyncio.run(asking())
