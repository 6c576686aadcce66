"""Rotary frequencies: from a checkpoint's header to the float32 numbers that every back end rotates with.

The arithmetic is float32 in the order in which transformers does it. That order matters: at position 65,536 one unit
in the last place of a frequency turns a pair of lanes by 0.004 rad. Powers are computed in float64 and rounded once;
that agrees with PyTorch's float32 ``pow`` to the last bit in all but about 1 % of cases, where PyTorch itself is off
by one unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.model.header import Header

Frequencies = NDArray[np.float32]

KINDS = ("default", "linear", "llama3", "yarn")

# Smaller ones mean nothing, and their logarithm or quotient is not a number.
LEAST_THETA = 2.0
LEAST_FACTOR = 2.0**-10


@dataclass(frozen=True, kw_only=True)
class RopeConfig:
    """How a family rotates: base frequencies, stretched for long contexts or not.

    kind: ``default``, ``linear``, ``llama3`` or ``yarn``; the remaining fields belong to the kinds named beside them.
    ``temperature_beta`` / ``temperature_length``: position temperature of the query (model.md 2.4), 0 = off.
    """

    kind: str = "default"
    theta: float = 10000.0
    factor: float = 1.0  # linear, llama3, yarn
    original_length: int = 8192  # llama3, yarn
    beta_fast: float = 32.0  # yarn
    beta_slow: float = 1.0  # yarn
    truncate: bool = True  # yarn: round the ends of the ramp to whole lanes
    magnitude: float = 1.0  # yarn: multiplies cos and sin ("attention factor")
    low_freq_factor: float = 1.0  # llama3
    high_freq_factor: float = 4.0  # llama3
    temperature_beta: float = 0.0
    temperature_length: int = 8192

    def frequencies(self, dim: int) -> Frequencies:
        """float32 ``[dim / 2]``: the angle per position of each pair of ``dim`` rotated lanes."""
        exponents = np.arange(0, dim, 2, dtype=np.float32) / np.float32(dim)
        powers: Frequencies = np.power(self.theta, exponents.astype(np.float64)).astype(np.float32)
        match self.kind:
            case "default":
                return np.float32(1) / powers
            case "linear":
                return np.float32(1) / powers / np.float32(self.factor)
            case "llama3":
                return self._llama3(np.float32(1) / powers)
            case _:
                return self._yarn(powers, dim)

    def _yarn(self, powers: Frequencies, dim: int) -> Frequencies:
        """Interpolate slow lanes, keep fast ones, blend between (arXiv 2309.00071; model.md 2.3)."""
        one = np.float32(1)
        low, high = self._lane(self.beta_fast, dim), self._lane(self.beta_slow, dim)
        if self.truncate:
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, 0), min(high, dim - 1)
        if low == high:
            high += 0.001
        ramp = np.clip((np.arange(dim // 2, dtype=np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
        keep = one - ramp
        stretched: Frequencies = one / (np.float32(self.factor) * powers) * (one - keep) + one / powers * keep
        return stretched

    def _lane(self, rotations: float, dim: int) -> float:
        """The lane that turns ``rotations`` times within the original context."""
        return dim * math.log(self.original_length / (rotations * 2 * math.pi)) / (2 * math.log(self.theta))

    def _llama3(self, plain: Frequencies) -> Frequencies:
        """Llama 3.1's rule: by wavelength keep, divide by ``factor``, or blend.

        PyTorch divides a number by a tensor as number · (1 / tensor), which rounds twice; so do we.
        """
        one = np.float32(1)
        wavelength = one / plain * np.float32(2 * math.pi)
        slow = wavelength > np.float32(self.original_length / self.low_freq_factor)
        fast = wavelength < np.float32(self.original_length / self.high_freq_factor)
        divided = np.where(slow, plain / np.float32(self.factor), plain)
        span = np.float32(self.high_freq_factor - self.low_freq_factor)
        turns = one / wavelength * np.float32(self.original_length)
        smooth = (turns - np.float32(self.low_freq_factor)) / span
        blended = (one - smooth) * divided / np.float32(self.factor) + smooth * divided
        chosen: Frequencies = np.where(slow | fast, divided, blended).astype(np.float32)
        return chosen


def yarn_magnitude(factor: float, mscale: float = 1.0) -> float:
    """``0.1 · mscale · ln(factor) + 1``, or 1 for a factor up to 1 (model.md 2.3)."""
    return 0.1 * mscale * math.log(factor) + 1.0 if factor > 1 else 1.0


# -- config.json ---------------------------------------------------------------------------------------------------


def rope_from_hf(header: Header) -> RopeConfig:
    """Read ``rope_parameters`` (transformers 5) or ``rope_theta`` + ``rope_scaling`` (before) of a config.json."""
    theta = header.real("rope_theta", default=10000.0, low=LEAST_THETA)
    section = header.section("rope_parameters") or header.section("rope_scaling")
    if section is None:
        return RopeConfig(theta=theta)
    kind = section.text("rope_type", default=section.text("type", default="default"))
    section.ignore("type", "max_position_embeddings", "partial_rotary_factor")
    if kind not in KINDS:
        raise ConfigError(f"{section.where}: rope_type {kind!r} is not supported; supported are {', '.join(KINDS)}")
    length = section.integer("original_max_position_embeddings", default=8192)
    rope = RopeConfig(
        kind=kind,
        theta=section.real("rope_theta", default=theta, low=LEAST_THETA),
        factor=section.real("factor", default=1.0, low=LEAST_FACTOR),
        original_length=length,
        temperature_beta=section.real("llama_4_scaling_beta", default=0.0),
        temperature_length=length,
    )
    match kind:
        case "yarn":
            return replace(rope, magnitude=_magnitude_from_hf(section, rope.factor), **_ramp_from_hf(section))
        case "llama3":
            low = section.real("low_freq_factor", default=1.0, low=LEAST_FACTOR)
            high = section.real("high_freq_factor", default=4.0, low=low + LEAST_FACTOR)
            return replace(rope, low_freq_factor=low, high_freq_factor=high)
        case _:
            return rope


def _ramp_from_hf(section: Header) -> dict[str, Any]:
    return {
        "beta_fast": section.optional_real("beta_fast", low=LEAST_FACTOR) or 32.0,
        "beta_slow": section.optional_real("beta_slow", low=LEAST_FACTOR) or 1.0,
        "truncate": section.flag("truncate", default=True),
    }


def _magnitude_from_hf(section: Header, factor: float) -> float:
    mscale, all_dim = section.optional_real("mscale"), section.optional_real("mscale_all_dim")
    given = section.optional_real("attention_factor")
    if given is not None:
        return given
    if mscale and all_dim:
        return yarn_magnitude(factor, mscale) / yarn_magnitude(factor, all_dim)
    return yarn_magnitude(factor)


# -- params.json ---------------------------------------------------------------------------------------------------


def rope_from_native(header: Header) -> RopeConfig:
    """Read ``rope_theta``, ``yarn`` and ``llama_4_scaling`` of a params.json (model.md 1, 2.5)."""
    rope = RopeConfig(theta=header.real("rope_theta", default=10000.0, low=LEAST_THETA))
    yarn, temperature = header.section("yarn"), header.section("llama_4_scaling")
    if yarn is not None:
        factor = yarn.real("factor", low=LEAST_FACTOR)
        rope = replace(
            rope,
            kind="yarn",
            factor=factor,
            original_length=yarn.integer("original_max_position_embeddings"),
            beta_fast=yarn.real("beta", default=32.0, low=LEAST_FACTOR),
            beta_slow=yarn.real("alpha", default=1.0, low=LEAST_FACTOR),
            magnitude=yarn_magnitude(factor) if yarn.flag("apply_scale", default=True) else 1.0,
        )
    if temperature is not None:
        rope = replace(
            rope,
            temperature_beta=temperature.real("beta"),
            temperature_length=temperature.integer("original_max_position_embeddings"),
        )
    return rope


# -- GGUF ----------------------------------------------------------------------------------------------------------


def rope_from_gguf(header: Header, *, log_multiplier_unit: float = 1.0) -> RopeConfig:
    """Read the ``rope.`` and temperature keys of GGUF metadata (``header`` stands inside the architecture's prefix).

    ``log_multiplier_unit``: converters write YaRN's ``mscale_all_dim`` times this number for some architectures.
    """
    rope = header.within("rope.")
    scaling = rope.within("scaling.")
    kind = scaling.text("type", default="none")
    names = {"none": "default", "linear": "linear", "yarn": "yarn"}
    if kind not in names:
        raise ConfigError(f"{header.where}: rope.scaling.type {kind!r} is not supported; supported are {list(names)}")
    scaling.ignore("finetuned", "yarn_ext_factor", "yarn_attn_factor")
    rope.ignore("dimension_count")
    factor = scaling.real("factor", default=1.0, low=LEAST_FACTOR)
    length = scaling.integer("original_context_length", default=8192)
    all_dim = scaling.real("yarn_log_multiplier", default=0.0) / log_multiplier_unit
    magnitude = yarn_magnitude(factor) / (yarn_magnitude(factor, all_dim) if all_dim else 1.0)
    beta = header.real("attention.temperature_scale", default=0.0)
    return RopeConfig(
        kind=names[kind],
        theta=rope.real("freq_base", default=10000.0, low=LEAST_THETA),
        factor=factor,
        original_length=length,
        beta_fast=scaling.real("yarn_beta_fast", default=32.0, low=LEAST_FACTOR),
        beta_slow=scaling.real("yarn_beta_slow", default=1.0, low=LEAST_FACTOR),
        magnitude=(magnitude if kind == "yarn" else 1.0) * scaling.real("attn_factor", default=1.0),
        temperature_beta=beta,
        temperature_length=header.integer("attention.temperature_length", default=length),
    )
