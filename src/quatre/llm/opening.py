"""A path and a few options → a runtime: which back end computes, in which type, with which tokenizer."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from quatre.chat.open import open_tokenizer
from quatre.checkpoint.hub import find_or_pull, model_id
from quatre.checkpoint.load import load, open_checkpoint
from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.memory import available_memory
from quatre.errors import ConfigError
from quatre.llm.runtime import Runtime
from quatre.ops.interface import Ops

log = logging.getLogger(__name__)

Backend = Literal["auto", "native", "torch"]
DType = Literal["auto", "float32", "bfloat16"]

NATIVE_MODULE = "quatre.ops._native"


def open_runtime(
    model: str | Path,
    *,
    backend: Backend = "auto",
    dtype: DType = "auto",
    device: str = "cpu",
    threads: int | None = None,
    config: EngineConfig | None = None,
    mmproj: Path | None = None,
    chat_template: str | None = None,
) -> Runtime:
    """Load the checkpoint and start its engine. ConfigError or CheckpointError say what does not work.

    ``mmproj``: the image encoder of a GGUF model, if it is not the one beside it. ``chat_template``: its text, instead
    of the checkpoint's own.
    """
    path = find_or_pull(str(model))
    opened = open_checkpoint(path, mmproj)
    if dtype == "auto" and opened.is_float32:
        dtype = "float32"
    ops = choose_ops(backend, dtype, device, threads)
    loaded = load(opened, ops, available_memory())
    vision = None if loaded.vision is None else loaded.vision.config
    folder = opened.path.parent if opened.source == "packed" else path
    tokenizer = open_tokenizer(folder, loaded.gguf_metadata, vision, chat_template)
    engine = Engine(loaded.model, config, loaded.vision)
    name = str(model) if model_id(str(model)) else path.stem if path.is_file() else path.resolve().name
    log.info("%s: %s, %s back end, context of %d tokens", name, loaded.family, ops.name, engine.max_model_len)
    return Runtime(engine, tokenizer, end_ids=loaded.end_ids, name=name)


def choose_ops(
    backend: Backend = "auto", dtype: DType = "auto", device: str = "cpu", threads: int | None = None
) -> Ops:
    """The back end; "auto" means the CPU kernels if this installation has them, PyTorch otherwise."""
    _check_word("backend", backend, get_args(Backend))
    _check_word("dtype", dtype, get_args(DType))
    if threads is not None and threads < 1:
        raise ConfigError(f"threads must be at least 1, got {threads}")
    if backend == "auto":
        backend = "native" if find_spec(NATIVE_MODULE) else "torch"
    return _native_ops(dtype, device, threads) if backend == "native" else _torch_ops(dtype, device, threads)


def _check_word(name: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise ConfigError(f"{name} {word!r} is not one of {', '.join(words)}")


def _native_ops(dtype: DType, device: str, threads: int | None) -> Ops:
    if find_spec(NATIVE_MODULE) is None:
        raise ConfigError("this installation has no CPU kernels; install quatre again, or use the torch back end")
    if device != "cpu":
        raise ConfigError(f"the native back end computes on the CPU, not on {device}; use the torch back end")
    from quatre.ops.native_backend import NativeOps

    # Activations are float32 in any case; the cache is what has a choice.
    return NativeOps(threads=threads, cache_dtype="f32" if dtype == "float32" else "bf16")


def _torch_ops(dtype: DType, device: str, threads: int | None) -> Ops:
    try:
        from quatre.ops.torch_backend import TorchOps
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ConfigError("the torch back end needs PyTorch: pip install 'quatre[torch]'") from error
    try:
        return TorchOps("float32" if dtype == "auto" else dtype, device, threads)
    except RuntimeError as error:
        raise ConfigError(f"PyTorch does not know the device {device!r}") from error
