"""The flags that several commands share, once each. Names are vLLM's."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from quatre.chat.effort import agreed, wishes_of_template
from quatre.checkpoint.builtin import REAL, nano
from quatre.errors import ConfigError, RequestError
from quatre.llm.opening import Backend, DType

JSON_LIST = re.compile(r'\s*\[\s*["\]]')
"""Begins a list in JSON, and no address in brackets."""

MODEL = "Model"
ENGINE = "Engine"
SAMPLING = "Sampling"

Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A GGUF file, a folder, or OWNER/NAME on the hub.", show_default=False)
]
OptionalModel = Annotated[
    Path | None,
    typer.Argument(
        metavar="MODEL",
        help="A GGUF file, a folder, OWNER/NAME on the hub, or nano, which comes with Quatre.",
        show_default="nano",
    ),
]

BackendFlag = Annotated[
    Backend,
    typer.Option(
        "--backend", help="What computes: the CPU kernels, PyTorch, or whichever is there.", rich_help_panel=MODEL
    ),
]
DTypeFlag = Annotated[
    DType,
    typer.Option(
        "--dtype", help="Type of the cache and, with PyTorch, of weights and activations.", rich_help_panel=MODEL
    ),
]
Device = Annotated[str, typer.Option(help="Where PyTorch computes, such as cuda.", rich_help_panel=MODEL)]
Threads = Annotated[
    int | None, typer.Option(help="Threads that compute.", show_default="one per core", rich_help_panel=MODEL)
]
Mmproj = Annotated[
    Path | None,
    typer.Option(help="Image encoder of a GGUF model.", show_default="the one beside the model", rich_help_panel=MODEL),
]
MaxModelLen = Annotated[
    int | None,
    typer.Option(
        help="Tokens of a prompt and its answer together.",
        show_default="what the checkpoint allows and memory holds",
        rich_help_panel=ENGINE,
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(help="Most tokens of an answer.", show_default="until the context is full", rich_help_panel=SAMPLING),
]
Temperature = Annotated[
    float, typer.Option(help="0 always takes the likeliest token; higher is more varied.", rich_help_panel=SAMPLING)
]
TopP = Annotated[
    float,
    typer.Option(help="Choose among the likeliest tokens that have this share together.", rich_help_panel=SAMPLING),
]
TopK = Annotated[
    int, typer.Option(help="Choose among this many likeliest tokens; 0 for all.", rich_help_panel=SAMPLING)
]
MinP = Annotated[
    float,
    typer.Option(help="Leave out tokens less likely than this share of the likeliest.", rich_help_panel=SAMPLING),
]
Seed = Annotated[
    int | None,
    typer.Option(help="The same seed gives the same answer.", show_default="random", rich_help_panel=SAMPLING),
]
Stop = Annotated[
    list[str] | None, typer.Option(help="End before this text; may be given several times.", rich_help_panel=SAMPLING)
]
MaxNumSeqs = Annotated[int, typer.Option(help="Sequences that run at once.", rich_help_panel=ENGINE)]
MaxNumBatchedTokens = Annotated[
    int,
    typer.Option(
        help="Tokens computed in one step, at most; fewer while somebody's answer would wait.", rich_help_panel=ENGINE
    ),
]
MaxNumQueuedReqs = Annotated[
    int,
    typer.Option(
        help="Answers that may wait before new requests get a 503; n of a request count n.", rich_help_panel=ENGINE
    ),
]
KvCacheMemory = Annotated[
    int | None,
    typer.Option(help="Bytes for the cache.", show_default="a quarter of the free memory", rich_help_panel=ENGINE),
]
PageSize = Annotated[int, typer.Option(help="Tokens per cache page.", rich_help_panel=ENGINE)]
EnablePrefixCaching = Annotated[
    bool,
    typer.Option(help="Share what was computed for the same beginning of another prompt.", rich_help_panel=ENGINE),
]


def model_or_nano(model: Path | None, command: str) -> Path:
    """The model, or nano and one line that says so."""
    if model is not None:
        return model
    folder = nano()
    print(
        f"quatre: using nano, a tiny model for trying things out; the real one: quatre {command} {REAL}",
        file=sys.stderr,
        flush=True,
    )
    return folder


def words(flag: str, given: list[str] | None) -> tuple[str, ...]:
    """What a flag says that may be given several times, or once with commas or as a list in JSON, which is vLLM's way.

    ConfigError for lists of anything but texts.
    """
    return tuple(word.strip() for one in given or () for word in _split(flag, one) if word.strip())


def _split(flag: str, text: str) -> list[str]:
    if not JSON_LIST.match(text):
        return text.split(",")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{flag} is not JSON: {error}") from error
    if not all(isinstance(word, str) for word in found):
        raise ConfigError(f"{flag} must be a JSON list of texts")
    return list(found)


def json_object(flag: str, text: str | None) -> dict[str, Any]:
    """What a flag that takes a JSON object says; empty if it was not given. ConfigError for anything else."""
    if text is None:
        return {}
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{flag} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{flag} must be a JSON object, got {text[:50]}")
    return data


def default_effort(text: str | None) -> str | None:
    """The effort in ``--default-chat-template-kwargs``. ConfigError if there is anything else in it, or a
    contradiction."""
    flag = "--default-chat-template-kwargs"
    kwargs = json_object(flag, text)
    try:
        wishes = wishes_of_template(kwargs)
        asked = agreed(zip(kwargs, wishes, strict=True))
    except RequestError as error:
        raise ConfigError(f"{flag}: {error}") from error
    return None if asked is None else asked[1]


def json_words(flag: str, text: str | None) -> dict[str, str]:
    """The same for an object of texts."""
    data = json_object(flag, text)
    if not all(isinstance(value, str) for value in data.values()):
        raise ConfigError(f"{flag} must be a JSON object of texts, got {text!r:.50}")
    return data
