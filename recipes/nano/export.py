"""Trained weights → a folder in the official FP8 layout: ``python -m recipes.nano.export TRAINED FOLDER``.

``params.json``, ``consolidated.safetensors`` and ``tekken.json``, as Mistral ships them (model.md 3.1, 4.1, 5). There
are no activation scales in it: products here are of the stored weights with activations that were not rounded.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from quatre.model.table import Kind, Row
from recipes.nano import parameters
from recipes.nano.deepen import depth
from recipes.nano.shape import PARAMS

FLOAT8 = {"qformat_weight": "fp8_e4m3", "qscheme_act": "NO_SCALES"}


def export(trained: Path, folder: Path) -> None:
    """``trained`` is the folder that training wrote."""
    weights = load_file(trained / "weights.safetensors")
    folder.mkdir(parents=True, exist_ok=True)
    params = _params(weights)
    (folder / "params.json").write_text(json.dumps(params | {"quantization": FLOAT8}, indent=2) + "\n")
    shutil.copyfile(trained / "tekken.json", folder / "tekken.json")
    save_file(files(weights), folder / "consolidated.safetensors", {"format": "pt"})


def files(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every tensor of the file, by its name there."""
    stored: dict[str, Tensor] = {}
    heads: dict[str, list[Tensor]] = {}
    for row in parameters.rows(_params(weights)):
        weight = weights[row.name]
        if not parameters.is_float8(row):
            stored[_name(row)] = _shaped(row, weight).to(torch.bfloat16)
            continue
        scale = parameters.scale_of(weights, row)
        codes = (weight / scale).to(torch.float8_e4m3fn)
        if row.kind is Kind.HEADS:
            heads.setdefault(_name(row), []).append(codes)
            stored[_scale_name(_name(row))] = scale.to(torch.bfloat16).reshape(())
        elif ".experts." in row.name:
            for e, (part, multiplier) in enumerate(zip(codes, scale, strict=True)):
                name = _name(row).format(e)
                stored[name] = part
                stored[_scale_name(name)] = multiplier.to(torch.bfloat16).reshape(())
        else:
            stored[_name(row)] = codes
            stored[_scale_name(_name(row))] = scale.to(torch.bfloat16).reshape(())
    for name, (key, value) in heads.items():  # head by head: first the rows of the key, then of the value
        stored[name] = (
            torch.cat((key.view(torch.uint8), value.view(torch.uint8)), 1).flatten(0, 1).view(torch.float8_e4m3fn)
        )
    return {name: tensor.contiguous() for name, tensor in stored.items()}


def _params(weights: dict[str, Tensor]) -> dict[str, Any]:
    return PARAMS | {"n_layers": depth(weights)}


def _name(row: Row) -> str:
    return row.native[0].name if row.native else f"{row.name}.weight"


def _scale_name(name: str) -> str:
    return name.removesuffix(".weight") + ".qscale_weight"


def _shaped(row: Row, weight: Tensor) -> Tensor:
    """The convolution has more dimensions in files than here."""
    vision = PARAMS["vision_encoder"]
    if row.name == "vision.patch_conv":
        return weight.reshape(len(weight), vision["num_channels"], vision["patch_size"], vision["patch_size"])
    return weight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    export(arguments.trained, arguments.folder)


if __name__ == "__main__":
    main()
