"""Nano's weights while they are trained, and the official FP8 layout that they are stored in (model.md 3.1, 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from quatre.checkpoint import load
from quatre.checkpoint.from_native import describe
from quatre.formats.codebook4 import GROUP, NEAREST, NON_LINEAR
from quatre.model import mistral4, pixtral
from quatre.model.header import Header
from quatre.model.mistral4 import Mistral4Config
from quatre.model.pixtral import PixtralConfig
from quatre.model.table import Kind, Row
from quatre.ops.torch_backend import TorchOps
from recipes.nano import start

LARGEST = 448.0  # of E4M3
PIECE = 2**16  # numbers that are rounded at a time
NEAREST_BY_HALVES = torch.from_numpy(NON_LINEAR[NEAREST])  # in IQ4_NL's book: to -128, to -127.5 and so on
KEPT = ("tok_embeddings", "output", "vision.")  # these, the routers and the norms stay bfloat16


def configs(params: dict[str, Any]) -> tuple[Mistral4Config, PixtralConfig]:
    """What the loaders make of ``params.json``."""
    _, config = describe("params.json", params)
    vision = pixtral.config_from_native(Header(params, "params.json"), config.dim, config.norm_eps)
    assert vision is not None
    return config, vision


def rows(params: dict[str, Any]) -> Iterator[Row]:
    """Every tensor."""
    config, vision = configs(params)
    yield from mistral4.table(config)
    yield from pixtral.table(vision)


def fresh(params: dict[str, Any], seed: int) -> dict[str, nn.Parameter]:
    """Random weights of variance 1 / (4 · inputs), less where a branch joins the residual stream; see :mod:`.start`
    for those of attention."""
    generator = torch.Generator().manual_seed(seed)
    depth = 2 * params["n_layers"]
    weights: dict[str, Tensor] = {}
    for row in rows(params):
        if row.kind is Kind.VECTOR:
            weights[row.name] = torch.ones(row.shape)
            continue
        deviation = 0.1 if row.kind is Kind.TABLE else 0.5 * row.shape[-1] ** -0.5
        if row.name.endswith((".wo", ".w2")):
            deviation *= depth**-0.5
        weights[row.name] = torch.randn(row.shape, generator=generator) * deviation
    start.attention(weights, configs(params)[0], generator)
    return {name: nn.Parameter(weight) for name, weight in weights.items()}


def read(folder: Path) -> dict[str, Tensor]:
    """The weights of a folder that :mod:`.export` wrote, in float32."""
    return load.prepare(load.collect(load.open_checkpoint(folder)), TorchOps("float32"))


def is_float8(row: Row) -> bool:
    """Whether the official layout stores this tensor in eight bits."""
    return row.kind in (Kind.MATRIX, Kind.HEADS) and not row.name.startswith(KEPT) and not row.name.endswith(".gate")


class Rounding(Enum):
    """What a step computes with."""

    NONE = "the master weights themselves"
    STORED = "the numbers that the file will hold"
    CODED = "these, and where a user may have four bits of them, the nearest in IQ4_NL's code book"


def rounded(weights: dict[str, Tensor], table: list[Row], rounding: Rounding) -> dict[str, Tensor]:
    """The weights to compute with; gradients pass as if nothing were rounded (Bengio et al. 2013)."""
    if rounding is Rounding.NONE:
        return dict(weights)
    result = {}
    scales = {row.name: scale_of(weights, row) for row in table if is_float8(row)}
    for row in table:
        weight = weights[row.name].detach()
        if row.name in scales:
            coded = rounding is Rounding.CODED and row.kind is Kind.MATRIX
            error = _error(weight, scales[row.name], coded=coded)
        else:
            error = weight.to(torch.bfloat16).to(torch.float32) - weight
        result[row.name] = weights[row.name] + error
    return result


def _error(weight: Tensor, scale: Tensor, *, coded: bool) -> Tensor:
    """What rounding adds to each number: in pieces that stay in the processor's cache while all is done to them."""
    error = torch.empty_like(weight)
    matrices = weight if weight.dim() == 3 else weight[None]
    scales = scale.expand(len(matrices), 1, 1)
    for matrix, of_matrix, one in zip(matrices, error.view_as(matrices), scales, strict=True):
        rows = max(PIECE // matrix.shape[-1], 1)
        for piece, out in zip(matrix.split(rows), of_matrix.split(rows), strict=True):
            stored = (piece / one).to(torch.float8_e4m3fn).to(torch.float32).mul_(one)
            torch.sub(_coded(stored) if coded else stored, piece, out=out)
    return error


def _coded(weight: Tensor) -> Tensor:
    """In groups of 32, whose largest magnitude becomes the book's first number; ``convert`` finds better scales."""
    groups = weight.unflatten(-1, (-1, GROUP))
    scale = groups.gather(-1, groups.abs().argmax(-1, keepdim=True)).div_(float(NON_LINEAR[0]))
    steps = groups.div(scale.where(scale != 0, torch.ones(()))).mul_(2).floor_().add_(len(NEAREST_BY_HALVES) // 2)
    nearest = NEAREST_BY_HALVES.index_select(0, steps.to(torch.int32).flatten()).view_as(groups)
    return nearest.mul_(scale).flatten(-2)


def scale_of(weights: dict[str, Tensor], row: Row) -> Tensor:
    """The multiplier of each stored matrix, a float32 scalar or ``[experts, 1, 1]``; a bfloat16 number."""
    weight = weights[row.name].detach()
    if row.kind is Kind.HEADS:  # both up-projections are one matrix in the file
        layer = row.name.rsplit(".", 1)[0]
        most = torch.maximum(
            weights[f"{layer}.w_uk"].detach().abs().max(), weights[f"{layer}.w_uv"].detach().abs().max()
        )
    elif ".experts." in row.name:
        most = weight.abs().amax((1, 2), keepdim=True)
    else:
        most = weight.abs().max()
    return (most.clamp_min(1e-12) / LARGEST).to(torch.bfloat16).to(torch.float32)
