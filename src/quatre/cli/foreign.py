"""Flags of vLLM and SGLang that have no work to do here: taken, so that known command lines run, and spoken of."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any

import typer

log = logging.getLogger(__name__)

Foreign = Annotated[str | None, typer.Option(hidden=True)]
TensorParallelSize = Annotated[int | None, typer.Option("--tensor-parallel-size", "--tp", "-tp", hidden=True)]
EnableAutoToolChoice = Annotated[bool | None, typer.Option("--enable-auto-tool-choice", hidden=True)]
TrustRemoteCode = Annotated[bool | None, typer.Option("--trust-remote-code", hidden=True)]

_KNOWN_BY_MODEL = "the checkpoint says how its answers are read"
_FROM_FILES = "it is told by the files"

REASONS = {
    "tool_call_parser": _KNOWN_BY_MODEL,
    "reasoning_parser": _KNOWN_BY_MODEL,
    "enable_auto_tool_choice": "tools are always a choice of the model's",
    "tensor_parallel_size": "the cores of a machine share one copy of the weights; see --threads",
    "gpu_memory_utilization": "the cache has its own size; see --kv-cache-memory",
    "tokenizer_mode": _FROM_FILES,
    "config_format": _FROM_FILES,
    "load_format": _FROM_FILES,
    "trust_remote_code": "code from checkpoints is never run",
}


def say_without_effect(given: Mapping[str, Any]) -> None:
    """A line in the log for each of the flags that was given."""
    for name, value in given.items():
        if value is not None:
            log.warning("--%s has no effect here: %s", name.replace("_", "-"), REASONS[name])
