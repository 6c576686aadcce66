"""Many requests at their times, no more at once than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter

import httpx

from quatre.bench.client import Target, Timing, send
from quatre.bench.workload import Ask
from quatre.errors import ConfigError

CONNECT_S = 30
SILENCE_S = 600  # without a byte, then the request counts as failed


@dataclass(frozen=True)
class Load:
    """What came of the requests, in their order, and how many seconds it took in all."""

    timings: list[Timing]
    duration: float


def open_client() -> httpx.AsyncClient:
    """A client that opens as many connections as there are requests at once."""
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    return httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=None), trust_env=False)


async def run_load(
    client: httpx.AsyncClient,
    target: Target,
    asks: Sequence[Ask],
    times: Sequence[float],
    *,
    max_concurrency: int | None = None,
    on_done: Callable[[Timing], None] | None = None,
) -> Load:
    """Send request i after ``times[i]`` seconds, or as soon as one of ``max_concurrency`` places is free.

    The wait for a place is not part of a request's own times.
    """
    places = nullcontext() if max_concurrency is None else asyncio.Semaphore(max_concurrency)
    start = perf_counter()

    async def one(ask: Ask, at: float) -> Timing:
        await asyncio.sleep(max(0.0, start + at - perf_counter()))
        async with places:
            timing = await send(client, target, ask, start)
        if on_done is not None:
            on_done(timing)
        return timing

    timings = await asyncio.gather(*map(one, asks, times))
    return Load(timings, perf_counter() - start)


async def first_model(client: httpx.AsyncClient, base_url: str, headers: dict[str, str]) -> str:
    """The first name that ``GET /v1/models`` lists. ConfigError if there is no such server, or no name."""
    try:
        response = await client.get(f"{base_url}/v1/models", headers=headers)
        response.raise_for_status()
        return str(response.json()["data"][0]["id"])
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise ConfigError(f"{base_url}/v1/models answers {status}; name the model with --model") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConfigError(f"there is no server at {base_url} ({error}); start one, or give --base-url") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{base_url}/v1/models lists no model; name it with --model") from error
