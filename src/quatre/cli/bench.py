"""``quatre bench``: how fast a server is, and how fast the engine is without one."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from quatre.cli import options
from quatre.engine.config import EngineConfig
from quatre.errors import ConfigError

app = typer.Typer(name="bench", help="Measure a server, or the engine alone.", no_args_is_help=True)

LOAD = "Load"
PROMPTS = "Prompts"
RESULTS = "Results"


@app.command()
def serve(
    goals: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    base_url: Annotated[
        str | None, typer.Option(help="The server; with or without /v1.", show_default="http://HOST:PORT")
    ] = None,
    host: Annotated[str, typer.Option(help="Where it listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where it listens.")] = 8000,
    backend: Annotated[
        Literal["openai", "openai-chat"],
        typer.Option(help="Send token ids to /v1/completions, or text to /v1/chat/completions."),
    ] = "openai",
    endpoint: Annotated[str | None, typer.Option(help="Another path.", show_default="that of --backend")] = None,
    model: Annotated[str | None, typer.Option(help="Name to ask for.", show_default="the first one served")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE to send along; $OPENAI_API_KEY is sent as a bearer token.")
    ] = None,
    extra_body: Annotated[str | None, typer.Option(help="JSON object to add to each request.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Added to each request.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Added to each request.")] = None,
    top_k: Annotated[int | None, typer.Option(help="Added to each request.")] = None,
    min_p: Annotated[float | None, typer.Option(help="Added to each request.")] = None,
    ignore_eos: Annotated[bool, typer.Option("--ignore-eos", help="Make every answer as long as it may be.")] = False,
    num_prompts: Annotated[int, typer.Option(min=1, help="Requests to measure.", rich_help_panel=LOAD)] = 100,
    num_warmups: Annotated[int, typer.Option(min=0, help="Requests before that.", rich_help_panel=LOAD)] = 1,
    request_rate: Annotated[
        float, typer.Option(help="Requests per second; inf sends all at once.", rich_help_panel=LOAD)
    ] = math.inf,
    burstiness: Annotated[
        float,
        typer.Option(help="1 arrives as a Poisson process, less in bursts, more steadily.", rich_help_panel=LOAD),
    ] = 1.0,
    max_concurrency: Annotated[
        int | None, typer.Option(min=1, help="Requests at once.", show_default="no limit", rich_help_panel=LOAD)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of prompts and arrivals.", rich_help_panel=LOAD)] = 0,
    dataset_name: Annotated[
        Literal["random", "custom"] | None,
        typer.Option(help="Kind of prompts.", show_default="custom with --dataset-path", rich_help_panel=PROMPTS),
    ] = None,
    dataset_path: Annotated[
        Path | None,
        typer.Option(
            help='JSON Lines: {"prompt": …} or {"messages": …}, and "output_tokens".', rich_help_panel=PROMPTS
        ),
    ] = None,
    custom_output_len: Annotated[
        int, typer.Option(min=1, help="Tokens of an answer to the file's prompts.", rich_help_panel=PROMPTS)
    ] = 256,
    random_input_len: Annotated[int, typer.Option(help="Tokens of a prompt.", rich_help_panel=PROMPTS)] = 1024,
    random_output_len: Annotated[int, typer.Option(help="Tokens of an answer.", rich_help_panel=PROMPTS)] = 128,
    random_range_ratio: Annotated[
        float, typer.Option(help="Lengths vary by this share, up and down.", rich_help_panel=PROMPTS)
    ] = 0.0,
    random_prefix_len: Annotated[
        int, typer.Option(help="Tokens before each prompt that all have in common.", rich_help_panel=PROMPTS)
    ] = 0,
    random_token_range: Annotated[
        tuple[int, int], typer.Option(help="Token ids of prompts: first, and the one after the last.")
    ] = (1000, 30000),
    percentile_metrics: Annotated[
        str, typer.Option(help="Metrics to report.", rich_help_panel=RESULTS)
    ] = "ttft,tpot,itl,e2el",
    metric_percentiles: Annotated[
        str, typer.Option(help="Percentiles to report of each.", rich_help_panel=RESULTS)
    ] = "90,99",
    goodput: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC:MS …",
            help="Goals that a good request keeps, such as ttft:500 tpot:50.",
            rich_help_panel=RESULTS,
        ),
    ] = None,
    save_result: Annotated[bool, typer.Option("--save-result", help="As JSON.", rich_help_panel=RESULTS)] = False,
    save_detailed: Annotated[
        bool, typer.Option("--save-detailed", help="And the numbers of each request.", rich_help_panel=RESULTS)
    ] = False,
    result_dir: Annotated[
        Path | None, typer.Option(help="Folder for it.", show_default="here", rich_help_panel=RESULTS)
    ] = None,
    result_filename: Annotated[
        str | None, typer.Option(help="Its name.", show_default="from model and time", rich_help_panel=RESULTS)
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="SVG file for the distributions.", show_default="none", rich_help_panel=RESULTS)
    ] = None,
) -> None:
    """Put load on an OpenAI-compatible server and report how long its users wait. Exit status 1 if a request fails."""
    from rich.console import Console

    from quatre.bench.serve import ServeBench, bench_serve
    from quatre.bench.workload import RandomLengths

    if goals and not goodput:
        raise typer.BadParameter(f"unexpected {goals[0]!r}; only --goodput takes several values")
    if dataset_name == "custom" and dataset_path is None:
        raise ConfigError("the custom dataset needs --dataset-path")
    sampling = {"temperature": temperature, "top_p": top_p, "top_k": top_k, "min_p": min_p}
    chosen = {name: value for name, value in sampling.items() if value is not None}
    run = ServeBench(
        base_url=base_url or f"http://{host}:{port}",
        backend=backend,
        endpoint=endpoint,
        model=model,
        headers=_headers(header or []),
        extra_body={**chosen, **options.json_object("--extra-body", extra_body)},
        num_prompts=num_prompts,
        num_warmups=num_warmups,
        request_rate=request_rate,
        burstiness=burstiness,
        max_concurrency=max_concurrency,
        lengths=RandomLengths(
            input_len=random_input_len,
            output_len=random_output_len,
            range_ratio=random_range_ratio,
            prefix_len=random_prefix_len,
        ),
        token_range=random_token_range,
        dataset_path=None if dataset_name == "random" else dataset_path,
        custom_output_len=custom_output_len,
        ignore_eos=ignore_eos,
        seed=seed,
        percentile_metrics=percentile_metrics,
        metric_percentiles=metric_percentiles,
        goodput=(*(goodput or ()), *(goals or ())),
        save_result=save_result,
        save_detailed=save_detailed,
        result_dir=result_dir,
        result_filename=result_filename,
        plot=plot,
    )
    result = bench_serve(run, Console())
    if result["failed"]:
        sys.exit(1)


@app.command()
def throughput(
    model: options.Model,
    input_len: Annotated[int, typer.Option(help="Tokens of a prompt.", rich_help_panel=PROMPTS)] = 1024,
    output_len: Annotated[int, typer.Option(help="Tokens of an answer.", rich_help_panel=PROMPTS)] = 128,
    random_range_ratio: Annotated[
        float, typer.Option(help="Lengths vary by this share, up and down.", rich_help_panel=PROMPTS)
    ] = 0.0,
    random_prefix_len: Annotated[
        int, typer.Option(help="Tokens before each prompt that all have in common.", rich_help_panel=PROMPTS)
    ] = 0,
    dataset_path: Annotated[
        Path | None,
        typer.Option(
            help='JSON Lines: {"prompt": …} or {"messages": …}, and "output_tokens".', rich_help_panel=PROMPTS
        ),
    ] = None,
    num_prompts: Annotated[int, typer.Option(min=1, help="Requests.", rich_help_panel=LOAD)] = 100,
    n: Annotated[int, typer.Option("--n", min=1, help="Answers to each.", rich_help_panel=LOAD)] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of prompts and answers.", rich_help_panel=LOAD)] = 0,
    output_json: Annotated[Path | None, typer.Option(help="Save the numbers.", rich_help_panel=RESULTS)] = None,
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    max_model_len: options.MaxModelLen = None,
    max_num_seqs: options.MaxNumSeqs = EngineConfig.max_num_seqs,
    max_num_batched_tokens: options.MaxNumBatchedTokens = EngineConfig.max_num_batched_tokens,
    kv_cache_memory: options.KvCacheMemory = None,
    page_size: options.PageSize = EngineConfig.page_size,
    enable_prefix_caching: options.EnablePrefixCaching = EngineConfig.enable_prefix_caching,
) -> None:
    """Answer many prompts in this process, all there from the start: what the engine does at its best."""
    from quatre.bench.throughput import asks_for, bench_throughput
    from quatre.bench.workload import RandomLengths, asks_of_file
    from quatre.llm import LLM

    lengths = RandomLengths(
        input_len=input_len, output_len=output_len, range_ratio=random_range_ratio, prefix_len=random_prefix_len
    )
    with LLM(
        model,
        backend=backend,
        dtype=dtype,
        device=device,
        threads=threads,
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        kv_cache_memory=kv_cache_memory,
        page_size=page_size,
        enable_prefix_caching=enable_prefix_caching,
    ) as llm:
        asks = (
            asks_for(llm, num_prompts, lengths, seed)
            if dataset_path is None
            else asks_of_file(dataset_path, num_prompts, output_len)
        )
        result = bench_throughput(llm, asks, n=n, seed=seed)
    typer.echo(
        f"Throughput: {result['requests_per_second']:.2f} requests/s, "
        f"{result['tokens_per_second']:.2f} total tokens/s, "
        f"{result['output_tokens_per_second']:.2f} output tokens/s"
    )
    typer.echo(f"Tokens read: {result['total_input_tokens']}, written: {result['total_output_tokens']}")
    if output_json is not None:
        try:
            output_json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot write {output_json}: {error.strerror}") from error


def _headers(given: list[str]) -> dict[str, str]:
    headers = {}
    if key := os.environ.get("OPENAI_API_KEY"):
        headers["authorization"] = f"Bearer {key}"
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise ConfigError(f"--header takes KEY=VALUE, got {one!r}")
        headers[name.lower()] = value
    return headers
