"""The flags that only ``quatre serve`` has, by what they are about. Names are vLLM's where it has them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

NETWORK = "Network"
ACCESS = "Access"
ANSWERS = "Names and prompts"
LOG = "Log"

Config = Annotated[
    Path | None,
    typer.Option(
        help="YAML file with flags as keys, without the dashes.", show_default="none", rich_help_panel=NETWORK
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.", rich_help_panel=NETWORK)]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for a free one.", rich_help_panel=NETWORK)
]
Uds = Annotated[
    Path | None,
    typer.Option(help="Unix socket to listen on instead.", show_default="host and port", rich_help_panel=NETWORK),
]
SseKeepAliveInterval = Annotated[
    float, typer.Option(help="Seconds of silence before a stream sends a comment.", rich_help_panel=NETWORK)
]
Playground = Annotated[
    bool,
    typer.Option("--playground/--no-playground", help="A page at / to try the model with.", rich_help_panel=NETWORK),
]
FilesDir = Annotated[
    Path | None,
    typer.Option(help="Folder for /v1/files and /v1/batches.", show_default="neither", rich_help_panel=NETWORK),
]
SslCertfile = Annotated[
    Path | None, typer.Option(help="Certificate chain (PEM), for HTTPS.", show_default="none", rich_help_panel=NETWORK)
]
SslKeyfile = Annotated[
    Path | None, typer.Option(help="Its private key.", show_default="in the certfile", rich_help_panel=NETWORK)
]
AllowedOrigins = Annotated[
    list[str] | None,
    typer.Option(
        help="Web page whose scripts may use the server, such as https://a.example; * for all; several with commas, as "
        "a JSON list, or several times.",
        show_default="none",
        rich_help_panel=ACCESS,
    ),
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        help="Host that requests may name beside this machine's own, such as example.org or *.example.com; * for all; "
        "several with commas, or several times.",
        show_default="any with a key or on a network; else this machine's own",
        rich_help_panel=ACCESS,
    ),
]
ForwardedAllowIps = Annotated[
    list[str] | None,
    typer.Option(
        help="Address or network of a proxy whose X-Forwarded-For says who the client is, such as 10.0.0.1 or "
        "10.0.0.0/8; * for all; several with commas, or several times.",
        show_default="this machine",
        rich_help_panel=ACCESS,
    ),
]
AllowImageUrlDomains = Annotated[
    list[str] | None,
    typer.Option(
        help="Host that pictures in messages may be fetched from, such as example.org or *.example.com; several with "
        "commas, or several times. https, unless it says http://.",
        show_default="nothing is fetched",
        rich_help_panel=ACCESS,
    ),
]
MaxRequestBytes = Annotated[
    int, typer.Option(help="Largest body of a request; uploads of files have their own.", rich_help_panel=ACCESS)
]
RequestTimeout = Annotated[
    float | None,
    typer.Option(
        help="Seconds after which an answer fails.", show_default="as long as it takes", rich_help_panel=NETWORK
    ),
]
ShutdownTimeout = Annotated[
    int, typer.Option(help="Seconds that running answers have after Ctrl-C or SIGTERM.", rich_help_panel=NETWORK)
]
ApiKey = Annotated[
    list[str] | None,
    typer.Option(
        help="Key that clients must send; may be given several times. Better given as QUATRE_API_KEY, with spaces "
        "between several.",
        show_default="none needed",
        rich_help_panel=ACCESS,
    ),
]
IsolatePrefixCacheByKey = Annotated[
    bool,
    typer.Option(
        "--isolate-prefix-cache-by-key",
        help="Share computed prefixes and compiled grammars only between users of one key.",
        rich_help_panel=ACCESS,
    ),
]
ServedModelName = Annotated[
    list[str] | None,
    typer.Option(
        help="Name that requests use, or a beginning such as claude-*; may be given several times.",
        show_default="the file's own",
        rich_help_panel=ANSWERS,
    ),
]
ReasoningEffortMap = Annotated[
    str | None,
    typer.Option(
        metavar="JSON",
        help='Which effort each word stands for, such as {"low": "none"}.',
        show_default="to what the model knows",
        rich_help_panel=ANSWERS,
    ),
]
StrictReasoningEffort = Annotated[
    bool,
    typer.Option(
        "--strict-reasoning-effort", help="Refuse efforts that the model does not know.", rich_help_panel=ANSWERS
    ),
]
DefaultChatTemplateKwargs = Annotated[
    str | None,
    typer.Option(
        metavar="JSON",
        help='For requests that say nothing of it: {"reasoning_effort": "high"} or {"enable_thinking": false}.',
        show_default="none",
        rich_help_panel=ANSWERS,
    ),
]
ChatTemplate = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Chat template, a file or the text itself, for models whose prompts are written by one.",
        show_default="the checkpoint's own",
        rich_help_panel=ANSWERS,
    ),
]
EnableForceIncludeUsage = Annotated[
    bool,
    typer.Option(
        "--enable-force-include-usage",
        help="Count the tokens at the end of each stream, asked or not.",
        rich_help_panel=ANSWERS,
    ),
]
NormalizeAgentPrompts = Annotated[
    bool,
    typer.Option(
        help="Keep what agents change in system prompts at every turn out of their cached beginning.",
        rich_help_panel=ANSWERS,
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"], typer.Option(help="What to log.", rich_help_panel=LOG)
]
OtlpTracesEndpoint = Annotated[
    str | None,
    typer.Option(
        help="URL that OpenTelemetry traces are sent to, by OTLP over HTTP (needs quatre[otel]).",
        show_default="no traces",
        rich_help_panel=LOG,
    ),
]
LogFormat = Annotated[
    Literal["text", "json"], typer.Option(help="Lines for people, or JSON for programs.", rich_help_panel=LOG)
]
EnableLogRequests = Annotated[bool, typer.Option(help="A line when an answer ends.", rich_help_panel=LOG)]
DisableUvicornAccessLog = Annotated[
    bool, typer.Option("--disable-uvicorn-access-log", help="No line per HTTP request.", rich_help_panel=LOG)
]
LogPrompts = Annotated[
    bool, typer.Option("--log-prompts", help="Let the log show what users write.", rich_help_panel=LOG)
]
