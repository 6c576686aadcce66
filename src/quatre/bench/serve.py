"""``quatre bench serve``: one run, from its options to its table and files."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from quatre.bench.arrivals import arrival_times
from quatre.bench.client import Target
from quatre.bench.load import Load, first_model, open_client, run_load
from quatre.bench.plot import plot
from quatre.bench.report import latencies, totals
from quatre.bench.summary import details, parse_goodput, parse_metrics, parse_percentiles, summarize
from quatre.bench.workload import WORDS, Ask, RandomLengths, asks_of_file, random_asks
from quatre.errors import ConfigError
from quatre.llm.progress import progress_bar

ServerKind = Literal["openai", "openai-chat"]
ENDPOINTS: dict[ServerKind, str] = {"openai": "/v1/completions", "openai-chat": "/v1/chat/completions"}


@dataclass(frozen=True, kw_only=True)
class ServeBench:
    """Options of a run, named as those of ``vllm bench serve``.

    ``base_url`` is the server without ``/v1``; ``backend`` "openai" sends token ids to ``/v1/completions``,
    "openai-chat" sends text to ``/v1/chat/completions``. ``token_range`` are the ids that random prompts are made of.
    """

    base_url: str = "http://127.0.0.1:8000"
    backend: ServerKind = "openai"
    endpoint: str | None = None
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    num_prompts: int = 100
    num_warmups: int = 1
    request_rate: float = math.inf
    burstiness: float = 1.0
    max_concurrency: int | None = None
    lengths: RandomLengths = field(default_factory=RandomLengths)
    token_range: tuple[int, int] = (1000, 30000)
    dataset_path: Path | None = None
    custom_output_len: int = 256
    ignore_eos: bool = False
    seed: int = 0
    percentile_metrics: str = "ttft,tpot,itl,e2el"
    metric_percentiles: str = "90,99"
    goodput: tuple[str, ...] = ()
    save_result: bool = False
    save_detailed: bool = False
    result_dir: Path | None = None
    result_filename: str | None = None
    plot: Path | None = None

    def __post_init__(self) -> None:
        if self.num_prompts < 1:
            raise ConfigError(f"num_prompts must be at least 1, got {self.num_prompts}")
        if self.max_concurrency is not None and self.max_concurrency < 1:
            raise ConfigError(f"max_concurrency must be at least 1, got {self.max_concurrency}")
        if not 0 <= self.token_range[0] < self.token_range[1]:
            raise ConfigError(f"the range of token ids must ascend from 0 or more, got {self.token_range}")
        if self.plot is not None and self.plot.suffix != ".svg":
            raise ConfigError(f"plots are SVG files; give a name that ends in .svg, got {self.plot}")

    def asks(self) -> list[Ask]:
        """The requests to measure."""
        if self.dataset_path is not None:
            return asks_of_file(self.dataset_path, self.num_prompts, self.custom_output_len)
        tokens = WORDS if self.backend == "openai-chat" else range(*self.token_range)
        return random_asks(self.num_prompts, self.lengths, self.seed, tokens)


def bench_serve(options: ServeBench, console: Console) -> dict[str, Any]:
    """Run it, print the tables, write the files asked for; the numbers. ConfigError if the server cannot be used."""
    metrics, percentiles = parse_metrics(options.percentile_metrics), parse_percentiles(options.metric_percentiles)
    goodput = parse_goodput(options.goodput)
    times = arrival_times(options.num_prompts, options.request_rate, options.burstiness, options.seed)
    target, load = asyncio.run(_run(options, options.asks(), times))
    result = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "backend": options.backend,
        "model_id": target.model,
        "num_prompts": options.num_prompts,
        "request_rate": options.request_rate if math.isfinite(options.request_rate) else "inf",
        "burstiness": options.burstiness,
        "max_concurrency": options.max_concurrency,
        "seed": options.seed,
        **summarize(load, metrics, percentiles, goodput),
        **(details(load.timings) if options.save_detailed else {}),
    }
    console.print(totals(result))
    if metrics:
        console.print(latencies(result, metrics, percentiles))
    for message, count in result["failures"].items():
        console.print(f"{count} × {message}", style="red", markup=False)
    _save(options, target, load, metrics, result, console)
    return result


async def _run(options: ServeBench, asks: list[Ask], times: list[float]) -> tuple[Target, Load]:
    base_url = options.base_url.rstrip("/").removesuffix("/v1")
    async with open_client() as client:
        target = Target(
            url=base_url + (options.endpoint or ENDPOINTS[options.backend]),
            model=options.model or await first_model(client, base_url, dict(options.headers)),
            chat=options.backend == "openai-chat",
            headers=options.headers,
            extra_body={**({"ignore_eos": True} if options.ignore_eos else {}), **options.extra_body},
        )
        warm = (await run_load(client, target, asks[:1] * options.num_warmups, [0.0] * options.num_warmups)).timings
        failed = next((timing.error for timing in warm if timing.error is not None), None)
        if failed is not None:
            raise ConfigError(f"the warm-up request to {target.url} failed: {failed}")
        with progress_bar("requests", len(asks)) as advance:
            load = await run_load(
                client,
                target,
                asks,
                times,
                max_concurrency=options.max_concurrency,
                on_done=lambda timing: advance(timing.output_tokens),
            )
    return target, load


def _save(
    options: ServeBench, target: Target, load: Load, metrics: list[str], result: dict[str, Any], console: Console
) -> None:
    try:
        if options.save_result or options.save_detailed or options.result_filename:
            name = options.result_filename or _file_name(options, target)
            path = (options.result_dir or Path()) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            console.print(f"Saved {path}", markup=False, highlight=False)
        if options.plot is not None:
            done = [timing for timing in load.timings if timing.error is None]
            title = f"{target.model}, {len(done)} requests, {result['output_throughput']:.1f} tokens/s"
            options.plot.write_text(plot(title, done, metrics), encoding="utf-8")
            console.print(f"Saved {options.plot}", markup=False, highlight=False)
    except OSError as error:
        raise ConfigError(f"cannot write {error.filename}: {error.strerror}") from error


def _file_name(options: ServeBench, target: Target) -> str:
    """As vLLM names it: back end, rate, model, time."""
    model = target.model.rstrip("/").rpartition("/")[2]
    return f"{options.backend}-{options.request_rate:g}qps-{model}-{datetime.now():%Y%m%d-%H%M%S}.json"
