"""A model in Mistral's own form: ``params.json`` and ``consolidated*.safetensors`` (model.md 1, 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quatre.checkpoint.jsonfile import read_object
from quatre.checkpoint.opened import Opened
from quatre.checkpoint.safetensors import read_folder
from quatre.checkpoint.scaled import check_method, with_scales
from quatre.errors import CheckpointError, ConfigError
from quatre.model import pixtral
from quatre.model.decoder import Family
from quatre.model.header import Header
from quatre.model.registry import FAMILIES

PARAMS = "params.json"
ENCODER = "vision_encoder.patch_conv.weight"
FLOAT8 = "fp8_e4m3"


def is_known(path: Path) -> bool:
    """Whether the folder's ``params.json`` describes a model of a family that is supported."""
    return _family(read_object(path / PARAMS)) is not None


def open_native(path: Path) -> Opened:
    """Read the headers and map the tensors. CheckpointError or ConfigError for what is not supported."""
    where = str(path / PARAMS)
    params = read_object(path / PARAMS)
    family, config = describe(where, params)
    tensors = with_scales(read_folder(path, native=True), check_method(where, params))
    vision, problem = None, ""
    if ENCODER in tensors:
        try:
            vision = pixtral.config_from_native(Header(params, where), config.dim, config.norm_eps)
        except ConfigError as error:  # text can do without
            problem = str(error)
    return Opened(
        path=path,
        source="native",
        family=family,
        config=config,
        tensors=tensors,
        end_ids=frozenset(),  # the tokenizer knows
        vision=vision,
        vision_problem=problem,
        header=params,
    )


def describe(where: str, params: dict[str, Any]) -> tuple[Family, Any]:
    """The family and the decoder's configuration that a params.json describes."""
    family = _family(params)
    if family is None:
        raise CheckpointError(
            f"{where} describes no model that is supported: neither latent attention with experts nor a dense decoder"
        )
    header = Header(params, where)
    quantisation = header.section("quantization")
    if quantisation is not None:
        quantisation.expect("qformat_weight", FLOAT8)
        quantisation.ignore("qscheme_act")  # activations are not rounded here
    header.ignore("quantization_config", "vision_encoder", "model_parallel", "model_type")
    config = family.config_from_native(header)
    header.finish()
    return family, config


def _family(params: Mapping[str, Any]) -> Family | None:
    return next((family for family in FAMILIES if family.is_native(params)), None)
