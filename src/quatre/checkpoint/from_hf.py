"""A model in a Hugging Face folder: ``config.json`` and safetensors files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quatre.checkpoint.jsonfile import read_object
from quatre.checkpoint.opened import Opened, family_of, token_ids
from quatre.checkpoint.safetensors import read_folder
from quatre.checkpoint.scaled import check_method, with_scales
from quatre.errors import CheckpointError, ConfigError
from quatre.formats.base import StoredTensor
from quatre.model import pixtral
from quatre.model.decoder import Family
from quatre.model.header import Header
from quatre.model.registry import FAMILIES

WRAPPER = "mistral3"  # images and text; its text_config describes the decoder (model.md 1)

# Where the decoder may stand, and its head with it (model.md 3.1); transformers writes all of these.
PREFIXES = (
    ("model.", ""),
    ("model.language_model.", ""),
    ("model.language_model.", "model.language_model."),
    ("language_model.model.", "language_model."),
    ("", ""),
)


VISION_PREFIXES = ("model.", "")


def open_hf(path: Path) -> Opened:
    """Read the headers and map the tensors. CheckpointError or ConfigError for what is not supported."""
    outer = read_object(path / "config.json")
    where = str(path / "config.json")
    text = _text_config(where, outer)
    block = check_method(str(path), outer if "quantization_config" in outer else text)
    family, config = describe(where, outer)
    tensors = with_scales(read_folder(path), block)
    prefix, head_prefix = _prefixes(path, tensors)
    vision_prefix = next((p for p in VISION_PREFIXES if f"{p}vision_tower.patch_conv.weight" in tensors), None)
    vision, problem = None, ""
    if vision_prefix is not None:
        try:
            vision = pixtral.config_from_hf(Header(outer, where), config.dim, config.norm_eps)
        except ConfigError as error:  # text can do without
            problem = str(error)
    return Opened(
        path=path,
        source="hf",
        family=family,
        config=config,
        tensors=tensors,
        end_ids=_end_ids(path, outer, text),
        header=outer,
        prefix=prefix,
        head_prefix=head_prefix,
        vision_prefix=vision_prefix or "",
        vision=vision,
        vision_problem=problem,
    )


def describe(where: str, outer: dict[str, Any]) -> tuple[Family, Any]:
    """The family and the decoder's configuration that a config.json describes."""
    text = _text_config(where, outer)
    family = family_of(where, text.get("model_type"), {name: f for f in FAMILIES for name in f.hf_model_types})
    header = Header(text, where)
    header.ignore("quantization_config")
    config = family.config_from_hf(header)
    header.finish()
    return family, config


def _text_config(where: str, outer: dict[str, Any]) -> dict[str, Any]:
    """The decoder's part of a config.json: ``text_config`` of a wrapper for images and text, or all of it."""
    if outer.get("model_type") != WRAPPER:
        return outer
    text = outer.get("text_config")
    if not isinstance(text, dict):
        raise CheckpointError(f"{where}: text_config, which should describe the decoder, is not an object")
    # transformers ties the head by the wrapper's word, not by the decoder's, and by default does.
    tied = outer.get("tie_word_embeddings", text.get("tie_word_embeddings", True))
    return {**text, "model_type": text.get("model_type") or "mistral", "tie_word_embeddings": tied}


def _prefixes(path: Path, tensors: Mapping[str, StoredTensor]) -> tuple[str, str]:
    """Before the decoder's names and before its head's. A head that is nowhere may be tied: the first place will do."""
    places = [(decoder, head) for decoder, head in PREFIXES if f"{decoder}embed_tokens.weight" in tensors]
    if not places:
        raise CheckpointError(
            f"{path} has no tensor embed_tokens.weight under any known prefix; is it a language model?"
        )
    return next((place for place in places if f"{place[1]}lm_head.weight" in tensors), places[0])


def _end_ids(path: Path, *configs: Mapping[str, Any]) -> frozenset[int]:
    """From generation_config.json if it has them, else from the model's header, wrapper first."""
    generation = path / "generation_config.json"
    sources = (read_object(generation), *configs) if generation.exists() else configs
    return next((ids for ids in (token_ids(source.get("eos_token_id")) for source in sources) if ids), frozenset())
