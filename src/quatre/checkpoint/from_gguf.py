"""A model in a GGUF file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from quatre.checkpoint.gguf_parts import read_whole
from quatre.checkpoint.mmproj import ARCHITECTURE, with_encoder
from quatre.checkpoint.opened import Opened, family_of, token_ids
from quatre.checkpoint.scaled import finite
from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.formats.scales import BlockScales
from quatre.model.decoder import Family
from quatre.model.header import Header
from quatre.model.registry import FAMILIES


def open_gguf(path: Path, mmproj: Path | None = None) -> Opened:
    """Read the metadata and map the tensors, with the image encoder in ``mmproj`` or beside the file, if there is one.

    CheckpointError or ConfigError for what is not supported.
    """
    file = read_whole(path)
    if file.metadata.get("general.architecture") == ARCHITECTURE:
        raise CheckpointError(f"{path} is only the image encoder of a model; give the model, and this file as --mmproj")
    family, config = describe(str(path), file.metadata)
    ends = [file.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("eos", "eot", "eom")]
    model = Opened(
        path=path,
        source="gguf",
        family=family,
        config=config,
        tensors=_with_factors(file.tensors),
        end_ids=token_ids(ends),
        header=file.metadata,
        gguf_metadata=file.metadata,
    )
    return with_encoder(model, mmproj)


def _with_factors(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Weights with the factor of each matrix that may stand beside them, ``x.weight`` and ``x.scale``; NVFP4 has some.

    Those of activations are left out, which are not rounded here.
    """
    joined = {}
    for name, tensor in tensors.items():
        stem, _, kind = name.rpartition(".")
        if kind in ("scale", "input_scale") and f"{stem}.weight" in tensors:
            continue
        scale = tensors.get(f"{stem}.scale")
        joined[name] = tensor if kind != "weight" or scale is None else _scaled(tensor, scale)
    return joined


def _scaled(tensor: StoredTensor, scale: StoredTensor) -> StoredTensor:
    lead = tensor.shape[:-2]
    if len(tensor.shape) < 2 or prod(scale.shape) not in (1, prod(lead)):
        raise CheckpointError(f"tensor {scale.name} has shape {list(scale.shape)}, expected one number per matrix")
    values = np.broadcast_to(finite(scale).reshape(-1), prod(lead)).reshape(*lead, 1, 1)
    return replace(tensor, scales=BlockScales(np.ascontiguousarray(values), *tensor.shape[-2:]))


def describe(where: str, metadata: dict[str, Any]) -> tuple[Family, Any]:
    """The family and the decoder's configuration that a file's metadata describe."""
    header = Header(metadata, where)
    architecture = header.text("general.architecture")
    family = family_of(where, architecture, {name: f for f in FAMILIES for name in f.gguf_architectures})
    config = family.config_from_gguf(header)
    # Only the keys of the architecture describe the decoder; the tokenizer reads its own.
    header.ignore(*(key for key in metadata if not key.startswith(f"{architecture}.")))
    header.finish()
    return family, config
