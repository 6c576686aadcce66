"""Many timings → the numbers of a run, under vLLM's names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quatre.bench.client import Timing
from quatre.bench.load import Load
from quatre.errors import ConfigError

METRICS = {
    "ttft": "Time to first token",
    "tpot": "Time per output token (without the first)",
    "itl": "Inter-token latency",
    "e2el": "End-to-end latency",
}


def values_of(metric: str, timings: Sequence[Timing]) -> list[float]:
    """Milliseconds of one metric: per request, or for ``itl`` per gap."""
    if metric == "itl":
        return [1e3 * gap for timing in timings for gap in timing.itl]
    return [1e3 * value for timing in timings if (value := _of_request(metric, timing)) is not None]


def _of_request(metric: str, timing: Timing) -> float | None:
    return {"ttft": timing.ttft, "tpot": timing.tpot, "e2el": timing.latency}[metric]


def parse_metrics(text: str) -> list[str]:
    """``ttft,tpot`` → names of metrics. ConfigError for others."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in METRICS:
            raise ConfigError(f"{name!r} is not a metric; there are {', '.join(METRICS)}")
    return names


def parse_percentiles(text: str) -> list[float]:
    """``90,99.9`` → numbers. ConfigError for what is no percentage."""
    try:
        numbers = [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ConfigError(f"percentiles must be numbers with commas between them, got {text!r}") from error
    if any(not 0 <= number <= 100 for number in numbers):
        raise ConfigError(f"percentiles must be from 0 to 100, got {text}")
    return numbers


def parse_goodput(goals: Sequence[str]) -> dict[str, float]:
    """``["ttft:500", "tpot:50"]`` → milliseconds per metric. Per-request metrics only."""
    parsed = {}
    for goal in (part for text in goals for part in text.split()):
        name, _, limit = goal.partition(":")
        try:
            value = float(limit)
        except ValueError:
            value = 0.0
        if name not in ("ttft", "tpot", "e2el") or not value > 0:
            raise ConfigError(f"a goodput goal is ttft, tpot or e2el with milliseconds, such as ttft:500; got {goal!r}")
        parsed[name] = value
    return parsed


def summarize(
    load: Load, metrics: Sequence[str], percentiles: Sequence[float], goodput: Mapping[str, float]
) -> dict[str, Any]:
    """Throughput of the whole run, and of each metric mean, median, standard deviation and percentiles in ms.

    Requests that failed count in ``failed`` and ``failures`` and nowhere else. Without a value a number is None.
    """
    done = [timing for timing in load.timings if timing.error is None]
    read, written = sum(timing.prompt_tokens for timing in done), sum(timing.output_tokens for timing in done)
    result: dict[str, Any] = {
        "duration": load.duration,
        "completed": len(done),
        "failed": len(load.timings) - len(done),
        "total_input_tokens": read,
        "total_output_tokens": written,
        "request_throughput": len(done) / load.duration,
        "request_goodput": None,
        "output_throughput": written / load.duration,
        "total_token_throughput": (read + written) / load.duration,
        "max_concurrent_requests": most_at_once(load.timings),
        "failures": dict(Counter(timing.error for timing in load.timings if timing.error is not None)),
    }
    if goodput:
        result["request_goodput"] = sum(_is_good(timing, goodput) for timing in done) / load.duration
    for metric in metrics:
        values = values_of(metric, done)
        result[f"mean_{metric}_ms"] = float(np.mean(values)) if values else None
        result[f"median_{metric}_ms"] = float(np.median(values)) if values else None
        result[f"std_{metric}_ms"] = float(np.std(values)) if values else None
        for percentile in percentiles:
            value = float(np.percentile(values, percentile)) if values else None
            result[f"p{percentile:g}_{metric}_ms"] = value
    return result


def _is_good(timing: Timing, goodput: Mapping[str, float]) -> bool:
    """Whether every goal was kept; an answer of one token keeps any goal for the time per token."""
    return all(1e3 * (_of_request(metric, timing) or 0.0) <= limit for metric, limit in goodput.items())


def most_at_once(timings: Sequence[Timing]) -> int:
    """The most requests that were under way at one moment."""
    moments = [(timing.began, 1) for timing in timings]
    moments += [(timing.began + timing.latency, -1) for timing in timings]
    return int(max(np.cumsum([step for _, step in sorted(moments)]), default=0))


def details(timings: Sequence[Timing]) -> dict[str, list[Any]]:
    """Each request's own numbers, in seconds and tokens."""
    return {
        "input_lens": [timing.prompt_tokens for timing in timings],
        "output_lens": [timing.output_tokens for timing in timings],
        "start_times": [timing.began for timing in timings],
        "ttfts": [timing.ttft for timing in timings],
        "itls": [timing.itl for timing in timings],
        "latencies": [timing.latency for timing in timings],
        "errors": [timing.error for timing in timings],
    }
