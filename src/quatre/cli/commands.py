"""``quatre``: one function per command. Errors that are meant for the user are one line and exit status 1."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated, Literal

import typer

from quatre import __version__
from quatre.cli import bench, options
from quatre.engine.config import EngineConfig
from quatre.engine.request import SamplingParams
from quatre.errors import QuatreError

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended

app = typer.Typer(
    name="quatre",
    help="Run Mistral Small 4 and its family on the machine you have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(bench.app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"quatre {__version__}")
        raise typer.Exit


@app.callback()
def quatre(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Run Mistral Small 4 and its family on the machine you have."""


@app.command()
def serve(
    model: options.Model,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for a free one.")] = 8000,
    served_model_name: Annotated[
        list[str] | None,
        typer.Option(help="Name that requests use; may be given several times.", show_default="the file's own"),
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="QUATRE_API_KEY",
            help="Key that clients must send; better given by the environment.",
            show_default="none needed",
        ),
    ] = None,
    sse_keep_alive_interval: Annotated[
        float, typer.Option(help="Seconds of silence before a stream sends a comment.")
    ] = 15,
    log_level: Annotated[Literal["debug", "info", "warning", "error"], typer.Option(help="What to log.")] = "info",
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    max_model_len: options.MaxModelLen = None,
    max_num_seqs: options.MaxNumSeqs = EngineConfig.max_num_seqs,
    max_num_batched_tokens: options.MaxNumBatchedTokens = EngineConfig.max_num_batched_tokens,
    max_num_queued_reqs: options.MaxNumQueuedReqs = EngineConfig.max_num_queued_reqs,
    kv_cache_memory: options.KvCacheMemory = None,
    page_size: options.PageSize = EngineConfig.page_size,
) -> None:
    """Serve the model over HTTP, as the OpenAI API does."""
    from quatre.cli.serve import run_server
    from quatre.server.service import ServerConfig

    _log_to_stderr(log_level)
    server = ServerConfig(
        served_model_name=tuple(served_model_name or ()),
        api_key=api_key,
        sse_keep_alive_interval=sse_keep_alive_interval,
    )
    engine = EngineConfig(
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        max_num_queued_reqs=max_num_queued_reqs,
        kv_cache_memory=kv_cache_memory,
        page_size=page_size,
    )
    run_server(model, host, port, server, engine, backend=backend, dtype=dtype, device=device, threads=threads)


@app.command()
def chat(
    model: options.Model,
    system: Annotated[str | None, typer.Option(help="System prompt.", show_default="none")] = None,
    reasoning_effort: Annotated[
        str | None, typer.Option(help="How much to think first, for models that can: none or high.")
    ] = None,
    temperature: options.Temperature = 0.7,
    top_p: options.TopP = 1.0,
    top_k: options.TopK = 0,
    min_p: options.MinP = 0.0,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    max_model_len: options.MaxModelLen = None,
) -> None:
    """Talk with the model. Ctrl-C stops an answer, Ctrl-D ends."""
    from quatre.cli.chat import Conversation, run_chat
    from quatre.llm import LLM

    _log_to_stderr("warning")
    params = SamplingParams(
        temperature=temperature, top_p=top_p, top_k=top_k, min_p=min_p, seed=seed, max_tokens=max_tokens
    )
    with LLM(model, backend=backend, dtype=dtype, device=device, threads=threads, max_model_len=max_model_len) as llm:
        run_chat(Conversation(llm, params, system=system, reasoning_effort=reasoning_effort))


@app.command()
def generate(
    model: options.Model,
    prompt: Annotated[
        str | None, typer.Option("--prompt", "-p", help="Text to continue.", show_default="read from stdin")
    ] = None,
    temperature: options.Temperature = 0.7,
    top_p: options.TopP = 1.0,
    top_k: options.TopK = 0,
    min_p: options.MinP = 0.0,
    seed: options.Seed = None,
    stop: options.Stop = None,
    max_tokens: options.MaxTokens = 256,
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    max_model_len: options.MaxModelLen = None,
) -> None:
    """Continue a text on standard output."""
    from quatre.cli.generate import run_generate
    from quatre.llm import LLM

    _log_to_stderr("warning")
    params = SamplingParams(
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        min_p=min_p,
        seed=seed,
        stop=stop or (),
        max_tokens=max_tokens,
    )
    text = sys.stdin.read() if prompt is None else prompt
    with LLM(model, backend=backend, dtype=dtype, device=device, threads=threads, max_model_len=max_model_len) as llm:
        run_generate(llm, text, params)


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")


def main() -> None:
    """The entry point of the ``quatre`` command."""
    try:
        app()
    except QuatreError as error:
        print(f"quatre: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `quatre generate … | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at exit
        sys.exit(1)
