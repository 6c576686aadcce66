"""The image encoder of a GGUF model, which llama.cpp keeps in a file of its own (``mmproj``)."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from quatre.checkpoint.gguf import architecture, is_gguf
from quatre.checkpoint.gguf_parts import folders_of, read_whole
from quatre.checkpoint.opened import Opened
from quatre.errors import CheckpointError, ConfigError
from quatre.model import pixtral
from quatre.model.header import Header

log = logging.getLogger(__name__)

ARCHITECTURE = "clip"
COPIES = ("v.token_embd.img_break",)  # of rows of the model's own embeddings


def is_mmproj(path: Path) -> bool:
    """Whether the file is the image encoder of some model."""
    try:
        return is_gguf(path) and architecture(path) == ARCHITECTURE
    except CheckpointError:  # whoever opens it is told
        return False


def with_encoder(model: Opened, path: Path | None = None) -> Opened:
    """The model with the image encoder in ``path``, or else with the one beside it, if there is one that fits.

    CheckpointError or ConfigError for a ``path`` that does not fit.
    """
    if path is not None:
        return _joined(model, path)
    places = [sorted(folder.glob("*.gguf")) for folder in folders_of(model.path)]
    found = [[file for file in files if file != model.path and is_mmproj(file)] for files in places]
    beside = next(filter(None, found), [])
    if len(beside) != 1:
        if beside:
            names = ", ".join(file.name for file in beside[:4])
            log.warning("%s: text only: name one of its image encoders with --mmproj: %s", model.path, names)
        return model
    try:
        joined = _joined(model, beside[0])
    except (CheckpointError, ConfigError) as error:
        log.warning("%s: text only: the image encoder beside it cannot be used: %s", model.path, error)
        return model
    log.info("%s: with the image encoder %s", model.path, beside[0].name)
    return joined


def _joined(model: Opened, path: Path) -> Opened:
    if not path.is_file() or not is_gguf(path):
        raise CheckpointError(f"{path} is not a GGUF file; --mmproj takes the image encoder of a GGUF model")
    file = read_whole(path)
    if file.metadata.get("general.architecture") != ARCHITECTURE:
        raise CheckpointError(f"{path} is no image encoder but a model; --mmproj takes a file of architecture 'clip'")
    metadata = {key: value for key, value in file.metadata.items() if key.startswith("clip.")}
    vision = pixtral.config_from_gguf(Header(metadata, str(path)), model.config.dim, model.config.norm_eps)
    if vision is None:
        raise CheckpointError(f"{path} encodes no images")
    tensors = {name: tensor for name, tensor in file.tensors.items() if name not in COPIES}
    known = {source.name for row in pixtral.table(vision) for source in row.gguf}
    if tensors.keys() != known:
        differing = sorted(tensors.keys() ^ known)
        raise CheckpointError(
            f"{path} is no Pixtral image encoder: it lacks or has too much: {', '.join(differing[:3])}"
        )
    return replace(
        model, tensors={**model.tensors, **tensors}, header={**model.header, **metadata}, vision=vision, encoder=path
    )
