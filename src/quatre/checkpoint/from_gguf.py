"""A model in a GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quatre.checkpoint.gguf_parts import read_whole
from quatre.checkpoint.mmproj import ARCHITECTURE, with_encoder
from quatre.checkpoint.opened import Opened, family_of, token_ids
from quatre.errors import CheckpointError
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
        tensors=file.tensors,
        end_ids=token_ids(ends),
        header=file.metadata,
        gguf_metadata=file.metadata,
    )
    return with_encoder(model, mmproj)


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
