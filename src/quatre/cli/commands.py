"""``quatre``: one function per command. Errors that are meant for the user are one line and exit status 1."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from quatre import __version__
from quatre.cli import bench, options, serve_options
from quatre.cli.evaluation import evaluation
from quatre.cli.foreign import translate
from quatre.cli.settings import settings
from quatre.engine.config import EngineConfig
from quatre.engine.request import SamplingParams
from quatre.errors import ConfigError, QuatreError

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended

app = typer.Typer(
    name="quatre",
    help="Run Mistral Small 4 and its family on the machine you have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(bench.app)
app.command(name="eval")(evaluation)


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
    model: options.OptionalModel = None,
    config: serve_options.Config = None,
    host: serve_options.Host = "127.0.0.1",
    port: serve_options.Port = 8000,
    uds: serve_options.Uds = None,
    sse_keep_alive_interval: serve_options.SseKeepAliveInterval = 15,
    playground: serve_options.Playground = True,
    files_dir: serve_options.FilesDir = None,
    ssl_certfile: serve_options.SslCertfile = None,
    ssl_keyfile: serve_options.SslKeyfile = None,
    allowed_origins: serve_options.AllowedOrigins = None,
    allowed_hosts: serve_options.AllowedHosts = None,
    forwarded_allow_ips: serve_options.ForwardedAllowIps = None,
    allow_image_url_domains: serve_options.AllowImageUrlDomains = None,
    max_request_bytes: serve_options.MaxRequestBytes = 32 << 20,
    request_timeout: serve_options.RequestTimeout = None,
    shutdown_timeout: serve_options.ShutdownTimeout = 10,
    api_key: serve_options.ApiKey = None,
    isolate_prefix_cache_by_key: serve_options.IsolatePrefixCacheByKey = False,
    served_model_name: serve_options.ServedModelName = None,
    reasoning_effort_map: serve_options.ReasoningEffortMap = None,
    strict_reasoning_effort: serve_options.StrictReasoningEffort = False,
    default_chat_template_kwargs: serve_options.DefaultChatTemplateKwargs = None,
    chat_template: serve_options.ChatTemplate = None,
    enable_force_include_usage: serve_options.EnableForceIncludeUsage = False,
    normalize_agent_prompts: serve_options.NormalizeAgentPrompts = True,
    log_level: serve_options.LogLevel = "info",
    log_format: serve_options.LogFormat = "text",
    enable_log_requests: serve_options.EnableLogRequests = True,
    disable_uvicorn_access_log: serve_options.DisableUvicornAccessLog = False,
    log_prompts: serve_options.LogPrompts = False,
    otlp_traces_endpoint: serve_options.OtlpTracesEndpoint = None,
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    mmproj: options.Mmproj = None,
    max_model_len: options.MaxModelLen = None,
    max_num_seqs: options.MaxNumSeqs = EngineConfig.max_num_seqs,
    max_num_batched_tokens: options.MaxNumBatchedTokens = EngineConfig.max_num_batched_tokens,
    max_num_queued_reqs: options.MaxNumQueuedReqs = EngineConfig.max_num_queued_reqs,
    kv_cache_memory: options.KvCacheMemory = None,
    page_size: options.PageSize = EngineConfig.page_size,
    enable_prefix_caching: options.EnablePrefixCaching = EngineConfig.enable_prefix_caching,
) -> None:
    """Serve the model over HTTP, as the OpenAI API does.

    Each flag may also be a variable of the environment, QUATRE_MAX_MODEL_LEN for --max-model-len, or a line of the
    --config file, max-model-len: 32768. The command line has the last word, then the environment.
    """
    del config  # main() has read it: its values are the defaults of the other flags
    from quatre.chat.effort import EffortMap
    from quatre.cli.serve import run_server
    from quatre.server.hosts import THIS_MACHINE
    from quatre.server.logs import log_to_stderr
    from quatre.server.service import ServerConfig

    log_to_stderr(log_level, log_format, requests=enable_log_requests, access=not disable_uvicorn_access_log)
    model = options.model_or_nano(model, "serve")
    server = ServerConfig(
        served_model_name=tuple(served_model_name or ()),
        api_key=tuple(api_key or ()),
        efforts=EffortMap(
            options.json_words("--reasoning-effort-map", reasoning_effort_map),
            strict_reasoning_effort,
            options.default_effort(default_chat_template_kwargs),
        ),
        sse_keep_alive_interval=sse_keep_alive_interval,
        isolate_prefix_cache_by_key=isolate_prefix_cache_by_key,
        enable_force_include_usage=enable_force_include_usage,
        normalize_agent_prompts=normalize_agent_prompts,
        log_prompts=log_prompts,
        files_dir=files_dir,
        playground=playground,
        ssl_certfile=ssl_certfile,
        ssl_keyfile=ssl_keyfile,
        allowed_origins=options.words("--allowed-origins", allowed_origins),
        allowed_hosts=options.words("--allowed-hosts", allowed_hosts),
        forwarded_allow_ips=THIS_MACHINE
        if forwarded_allow_ips is None
        else options.words("--forwarded-allow-ips", forwarded_allow_ips),
        allow_image_url_domains=options.words("--allow-image-url-domains", allow_image_url_domains),
        max_request_bytes=max_request_bytes,
        otlp_traces_endpoint=otlp_traces_endpoint,
        request_timeout=request_timeout,
        shutdown_timeout=shutdown_timeout,
    )
    engine = EngineConfig(
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        max_num_queued_reqs=max_num_queued_reqs,
        kv_cache_memory=kv_cache_memory,
        page_size=page_size,
        enable_prefix_caching=enable_prefix_caching,
    )
    run_server(
        model,
        host,
        port,
        server,
        engine,
        backend=backend,
        dtype=dtype,
        device=device,
        threads=threads,
        uds=uds,
        mmproj=mmproj,
        chat_template=chat_template,
    )


@app.command()
def chat(
    model: options.OptionalModel = None,
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
    model = options.model_or_nano(model, "chat")
    params = SamplingParams(
        temperature=temperature, top_p=top_p, top_k=top_k, min_p=min_p, seed=seed, max_tokens=max_tokens
    )
    with LLM(model, backend=backend, dtype=dtype, device=device, threads=threads, max_model_len=max_model_len) as llm:
        run_chat(Conversation(llm, params, system=system, reasoning_effort=reasoning_effort))


@app.command()
def generate(
    model: options.OptionalModel = None,
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
    model = options.model_or_nano(model, "generate")
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


@app.command()
def run_batch(
    source: Annotated[
        Path | None, typer.Argument(metavar="INPUT", help="JSON Lines of requests.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Argument(metavar="OUTPUT", help="JSON Lines of answers.", show_default=False)
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file or a checkpoint folder. Required.", show_default=False)
    ] = None,
    input_file: Annotated[
        Path | None, typer.Option("--input-file", "-i", help="The same as INPUT.", show_default=False)
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", "-o", help="The same as OUTPUT.", show_default=False)
    ] = None,
    served_model_name: Annotated[
        list[str] | None,
        typer.Option(help="Name that requests use; may be given several times.", show_default="the file's own"),
    ] = None,
    backend: options.BackendFlag = "auto",
    dtype: options.DTypeFlag = "auto",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    mmproj: options.Mmproj = None,
    max_model_len: options.MaxModelLen = None,
    max_num_seqs: options.MaxNumSeqs = EngineConfig.max_num_seqs,
    max_num_batched_tokens: options.MaxNumBatchedTokens = EngineConfig.max_num_batched_tokens,
    kv_cache_memory: options.KvCacheMemory = None,
    page_size: options.PageSize = EngineConfig.page_size,
    enable_prefix_caching: options.EnablePrefixCaching = EngineConfig.enable_prefix_caching,
) -> None:
    """Answer a file of requests in OpenAI's batch format. A run that was killed goes on where it stopped."""
    from quatre.cli.batch import answer_batch, open_files
    from quatre.llm.opening import open_runtime

    _log_to_stderr("warning")
    config = EngineConfig(
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        kv_cache_memory=kv_cache_memory,
        page_size=page_size,
        enable_prefix_caching=enable_prefix_caching,
    )
    batch, results = open_files(_one_of(source, input_file, "INPUT"), _one_of(output, output_file, "OUTPUT"))
    with results:
        if model is None:
            raise ConfigError("name the model with --model")
        runtime = open_runtime(
            model, backend=backend, dtype=dtype, device=device, threads=threads, config=config, mmproj=mmproj
        )
        try:
            answer_batch(runtime, batch, results, tuple(served_model_name or ()), at_once=2 * max_num_seqs)
        finally:
            runtime.close()


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A GGUF file or a checkpoint folder.")],
    target: Annotated[Path, typer.Argument(metavar="DST", help="A folder for the packed model.")],
    quant: Annotated[
        str | None,
        typer.Option(
            help="Round projections to q8_0, q6_k, q5_1, q5_0, q4_k, q4_1, iq4_nl or q4_0.", show_default="keep all"
        ),
    ] = None,
    threads: options.Threads = None,
    mmproj: options.Mmproj = None,
) -> None:
    """Pack a model once, so that it loads in a second. Lossless, unless told otherwise."""
    from quatre.checkpoint.hub import find
    from quatre.cli.convert import run_convert

    _log_to_stderr("warning")
    run_convert(find(str(source)), target, quant, threads, mmproj)


@app.command()
def pull(
    model: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="OWNER/NAME on the Hugging Face hub; OWNER/NAME:Q4_K_M for one of its GGUF files."
        ),
    ],
) -> None:
    """Fetch a model, one form of it only; goes on where it was stopped. Prints where the model is."""
    from quatre.cli.pull import run_pull

    _log_to_stderr("info")
    run_pull(model)


@app.command()
def inspect(
    model: options.Model,
    check: Annotated[bool, typer.Option("--check", help="Read a packed file and compare its checksums.")] = False,
) -> None:
    """Show a model's tensors: formats, shapes, scales, bytes."""
    from quatre.checkpoint.hub import find
    from quatre.cli.inspect import run_inspect

    _log_to_stderr("warning")
    run_inspect(find(str(model)), check=check)


@app.command()
def plan(
    model: options.Model,
    run: Annotated[bool, typer.Option("--run", help="Load the model too, and say how far off the plan is.")] = False,
    threads: options.Threads = None,
) -> None:
    """Say what a model needs and what this machine gives, without loading it."""
    from quatre.checkpoint.hub import find
    from quatre.cli.plan import run_plan

    _log_to_stderr("warning")
    run_plan(find(str(model)), threads, run=run)


def _one_of(argument: Path | None, option: Path | None, name: str) -> Path:
    if argument is not None and option is not None and argument != option:
        raise ConfigError(f"{name} is given twice: {argument} and {option}")
    path = argument or option
    if path is None:
        raise ConfigError(f"name the {name}: quatre run-batch INPUT OUTPUT --model MODEL")
    return path


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    logging.getLogger("quatre.checkpoint.hub").setLevel(logging.INFO)  # which revision of a model it is


def _defaults(arguments: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What stands in place of the flags' own defaults, by command."""
    if arguments[:1] != ["serve"] or "--help" in arguments:
        return {}
    return {"serve": settings(serve, arguments, os.environ)}


def main() -> None:
    """The entry point of the ``quatre`` command."""
    try:
        arguments = translate(sys.argv[1:])
        app(args=arguments, default_map=_defaults(arguments))
    except QuatreError as error:
        print(f"quatre: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `quatre generate … | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at exit
        sys.exit(1)
