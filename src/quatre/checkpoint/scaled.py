"""Weights and the scales that stand beside them under other names → single tensors (model.md 4.1, 4.2).

By the names and types of the tensors, not by what a header announces. Scales of activations are left out: products
here are of the stored weights with unrounded activations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from quatre.errors import CheckpointError
from quatre.formats.base import Floats, StoredTensor
from quatre.formats.floats import F8_E4M3, U8
from quatre.formats.nvfp4 import NVFP4
from quatre.formats.scales import GROUP, BlockScales, GroupScales

METHODS = ("fp8", "compressed-tensors", "modelopt")
BLOCK = (128, 128)  # what every known checkpoint with blocks uses

OF_ACTIVATIONS = (
    ".activation_scale",
    "_activation_scale",
    ".input_scale",
    ".input_global_scale",
    ".qscale_act",
    *(".k_scale", ".v_scale", ".q_scale"),  # of an 8-bit cache
)


def check_method(where: str, header: Mapping[str, Any]) -> tuple[int, int]:
    """The size of blocks that a ``quantization_config`` announces. CheckpointError for methods that are not read."""
    quantisation = header.get("quantization_config")
    if quantisation is None:
        return BLOCK
    method = quantisation.get("quant_method") if isinstance(quantisation, dict) else quantisation
    if method not in METHODS:
        raise CheckpointError(
            f"{where} is quantised ({str(method)[:40]!r}), which cannot be read; read are {', '.join(METHODS)}, "
            "the bf16 form of a model and GGUF files"
        )
    return _block(where, quantisation)


def _block(where: str, quantisation: Mapping[str, Any]) -> tuple[int, int]:
    groups = quantisation.get("config_groups")
    weights = [g.get("weights") for g in groups.values() if isinstance(g, dict)] if isinstance(groups, dict) else []
    sizes = [quantisation.get("weight_block_size")]
    sizes += [w.get("block_structure") for w in weights if isinstance(w, dict)]
    for size in sizes:
        if size is not None:
            parts = size.split("x") if isinstance(size, str) else size
            try:
                rows, cols = (int(part) for part in parts)
            except (TypeError, ValueError):
                rows = cols = 0
            if rows < 1 or cols < 1:
                raise CheckpointError(f"{where}: blocks of size {size!r:.40} cannot be; expected two whole numbers")
            return rows, cols
    return BLOCK


def with_scales(tensors: Mapping[str, StoredTensor], block: tuple[int, int] = BLOCK) -> dict[str, StoredTensor]:
    """Every tensor that stands for itself, the scaled ones with their scales. CheckpointError where one lacks them."""
    joined: dict[str, StoredTensor] = {}
    used: set[str] = set()
    for name, tensor in tensors.items():
        if tensor.format is F8_E4M3 and not _is_group_scale(name, tensors):
            scale_name = _scale_name(name, tensors)
            joined[name] = _with_blocks(tensor, tensors[scale_name], block)
            used |= {name, scale_name}
        elif tensor.format is U8:
            joined[name.removesuffix("_packed")], parts = _packed(name, tensors)
            used |= parts
    for name, tensor in tensors.items():
        if name not in used and not name.endswith(OF_ACTIVATIONS):
            joined[name] = tensor
    return joined


# -- e4m3 with blocks ----------------------------------------------------------------------------------------------


def _scale_name(name: str, tensors: Mapping[str, StoredTensor]) -> str:
    """``x.weight`` → its multipliers: ``_scale_inv`` (transformers), ``_scale`` (vLLM), ``qscale_weight`` (native)."""
    names = (f"{name}_scale_inv", f"{name}_scale", f"{name.removesuffix('weight')}qscale_weight")
    found = [candidate for candidate in names if candidate in tensors]
    if not found:
        raise CheckpointError(f"tensor {tensors[name].name} is stored in 8 bits, but its scale {names[0]} is missing")
    return found[0]


def _with_blocks(tensor: StoredTensor, scale: StoredTensor, block: tuple[int, int]) -> StoredTensor:
    *lead, rows, cols = tensor.shape if len(tensor.shape) > 1 else (1, *tensor.shape)
    values = finite(scale)
    blocks = (-(-rows // block[0]), -(-cols // block[1]))
    if values.size == 1:
        values, size = np.broadcast_to(values.reshape(-1)[0], (*lead, 1, 1)), (rows, cols)
    elif lead and values.shape in ((*lead,), (*lead, 1), (*lead, 1, 1)):
        values, size = values.reshape(*lead, 1, 1), (rows, cols)
    elif values.shape == (*lead, *blocks):
        size = block
    elif values.shape in ((*lead, rows), (*lead, rows, 1)):
        values, size = values.reshape(*lead, rows, 1), (1, cols)
    else:
        raise CheckpointError(
            f"tensor {scale.name} has shape {list(scale.shape)}, which is no scale per tensor, per row or per "
            f"{block[0]}x{block[1]} block of {list(tensor.shape)}"
        )
    return replace(tensor, scales=BlockScales(np.ascontiguousarray(values), *size))


# -- NVFP4 ---------------------------------------------------------------------------------------------------------


def _is_group_scale(name: str, tensors: Mapping[str, StoredTensor]) -> bool:
    """Whether an e4m3 tensor holds the scales of groups, and is no weight itself."""
    stem = name.removesuffix("_scale")
    if stem == name:
        return False
    return f"{stem}_packed" in tensors or (stem in tensors and tensors[stem].format is U8)


def _packed(name: str, tensors: Mapping[str, StoredTensor]) -> tuple[StoredTensor, set[str]]:
    """The tensor whose codes are called ``name``, and the names of all its parts.

    compressed-tensors has ``x_packed``, ``x_scale`` and the divisor ``x_global_scale``; NVIDIA's modelopt has ``x``,
    ``x_scale`` and the multiplier ``x_scale_2``.
    """
    codes, whole = tensors[name], name.removesuffix("_packed")
    divides = whole != name
    names = (f"{whole}_scale", f"{whole}_global_scale" if divides else f"{whole}_scale_2")
    for needed in names:
        if needed not in tensors:
            raise CheckpointError(f"tensor {codes.name} is stored in bytes, but {needed} is missing, which explains it")
    groups, factor = tensors[names[0]], finite(tensors[names[1]])
    *lead, rows, half = codes.shape if len(codes.shape) > 1 else (1, *codes.shape)
    if groups.format is not F8_E4M3 or groups.shape != (*lead, rows, 2 * half // GROUP):
        raise CheckpointError(
            f"tensor {groups.name} is {groups.format.name} {list(groups.shape)}; NVFP4 codes {list(codes.shape)} "
            f"need f8_e4m3 {[*lead, rows, 2 * half // GROUP]}"
        )
    if 2 * half % GROUP:
        raise CheckpointError(f"tensor {codes.name} has {2 * half} columns, but NVFP4 stores groups of {GROUP}")
    if factor.size != 1 and factor.size != np.prod(lead, dtype=int):
        raise CheckpointError(
            f"tensor {tensors[names[1]].name} has shape {list(factor.shape)}, expected one per matrix"
        )
    factors = np.float32(1) / factor if divides else factor
    factors = np.ascontiguousarray(np.broadcast_to(factors.reshape(-1), lead or 1)).reshape(lead)
    file = codes.name.partition(" of ")[2]
    return (
        StoredTensor(f"{whole} of {file}", NVFP4, codes.data, scales=GroupScales(groups.data, factors)),
        {name, *names},
    )


def finite(scale: StoredTensor) -> Floats:
    """The numbers of a tensor of scales. CheckpointError if they are none."""
    values = scale.decode()
    if not (np.isfinite(values) & (values != 0)).all():
        raise CheckpointError(f"tensor {scale.name} has scales that are zero or no numbers; download it again")
    return values
