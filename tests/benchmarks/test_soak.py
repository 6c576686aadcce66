"""The verdict over a server that many clients have worn at: each way of failing is one."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from soak import ask, verdict

MIB = 2**20
STILL = [(float(second), 500 * MIB) for second in range(100)]
GROWING = [(float(second), (500 + second) * MIB) for second in range(100)]
EARLY = [(float(second), (500 + min(second, 40)) * MIB) for second in range(100)]
AFTER = {
    "quatre:e2e_request_latency_seconds_count": 9.0,
    "quatre:request_success_total": 9.0,
    "quatre:generation_tokens_total": 90.0,
    "quatre:num_preemptions_total": 0.0,
}


def judge(
    outcomes: dict[str, int] | None = None,
    samples: list[tuple[float, float]] = STILL,
    left: dict[str, float] | None = None,
) -> bool:
    return verdict(Counter(outcomes or {"answered": 9, "hung up": 2}), samples, Counter(), left or {}, AFTER, 100.0)


def test_all_is_well() -> None:
    assert judge()
    assert judge({"answered": 1, "gave up": 1, "status 503": 1})
    assert judge(samples=EARLY)


@pytest.mark.parametrize("outcome", ["stuck", "cut off", "status 500", "ReadError"])
def test_one_bad_answer_is_too_many(outcome: str) -> None:
    assert not judge({"answered": 999, outcome: 1})


def test_nothing_answered_leaks_and_growth() -> None:
    assert not judge({"hung up": 5})
    assert not judge(left={"quatre:kv_cache_usage_perc": 0.01})
    assert not judge(samples=GROWING)


class Bytes(httpx.AsyncByteStream):
    """One at a time."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for place in range(len(self.content)):
            yield self.content[place : place + 1]


@pytest.mark.parametrize(
    ("content", "found"), [(b"data: [DONE]\n\n", "answered"), (b"data: {}\n\n", "cut off"), (b"", "cut off")]
)
def test_an_answer_that_is_not_whole_is_noticed(content: bytes, found: str) -> None:
    async def asking() -> set[str]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Bytes(content)))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            rngs = [random.Random(seed) for seed in range(40)]
            return {await ask(client, rng, "m", patience=5) for rng in rngs}

    assert found in asyncio.run(asking())
