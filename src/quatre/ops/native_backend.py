"""The op set on CPU kernels (``native/``): NumPy arrays in and out, no PyTorch.

Activations are float32, C-contiguous. Weights are packed, losslessly, into the panels that the kernels stream. Shapes,
types and layouts are checked in the bindings before a kernel sees a pointer; the kernels trust them. Results for a
token do not depend, bit for bit, on the other tokens of a call, on the number of threads, or on where pages lie.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.formats.base import Floats, StoredTensor
from quatre.formats.floats import F8_E4M3, f32_tensor
from quatre.formats.nvfp4 import NVFP4, NVFP4_BLOCKS, from_blocks
from quatre.formats.panels import PanelTensor
from quatre.formats.registry import BY_NAME
from quatre.formats.scales import BlockScales, GroupScales
from quatre.ops import _native
from quatre.ops.interface import Experts, Norm, Rotary, Weight
from quatre.ops.native_attention import NativeAttention

PACKED = frozenset(BY_NAME) - {F8_E4M3.name, NVFP4.name}
"""Formats whose bytes kernels take as they are; of the other two they need the scales beside them, too."""

GROUP_OF_KERNELS = 32  # columns


class NativeOps(NativeAttention):
    """``threads`` None is one per core; ``isa`` None is the environment's ``QUATRE_ISA`` or the best this CPU has.

    ``cache_dtype`` is how caches are stored, "bf16" or "f32".
    """

    name = "native"

    def __init__(self, threads: int | None = None, isa: str | None = None, cache_dtype: str = "bf16") -> None:
        count = threads if threads is not None else len(os.sched_getaffinity(0))
        if count < 1:
            raise ConfigError(f"threads must be at least 1, got {count}")
        try:
            core = _native.Core(isa or os.environ.get("QUATRE_ISA", "auto"), count)
        except ValueError as error:
            raise ConfigError(str(error)) from error
        super().__init__(core, cache_dtype)

    @property
    def isa(self) -> str:
        """The instruction set in use."""
        return str(self.core.isa)

    # -- Weights -----------------------------------------------------------------------------------------------

    def vector(self, tensor: StoredTensor) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return np.ascontiguousarray(tensor.decode(), np.float32)

    def matrix(self, tensor: StoredTensor | PanelTensor) -> _native.Matrix:
        """See :class:`~quatre.ops.interface.Ops`."""
        if isinstance(tensor, PanelTensor):
            count, rows, cols = (1, *tensor.stored_shape)[-3:]
            return _native.Matrix.mapped(tensor.format.name, tensor.block, count, rows, cols, tensor.data)
        if tensor.transposed or not is_packed(tensor):
            tensor = f32_tensor(tensor.name, tensor.decode())
        if tensor.format is NVFP4_BLOCKS:
            tensor = from_blocks(tensor)
        data = tensor.data if tensor.data.ndim == 3 else tensor.data[None]
        if data.strides[-1] != 1:
            data = np.ascontiguousarray(data)
        match tensor.scales:
            case BlockScales(values, rows, cols):
                factors = np.ascontiguousarray(values.reshape(len(data), *values.shape[-2:]))
                return self.core.block_matrix(data, tensor.shape[-1], factors, rows, cols)
            case GroupScales(groups, values, magnitudes):
                groups = np.ascontiguousarray(groups.reshape(*data.shape[:2], -1))
                return self.core.micro_matrix(data, tensor.shape[-1], groups, values.reshape(len(data)), magnitudes)
            case None:
                return self.core.matrix(tensor.format.name, data, tensor.shape[-1])

    def table(self, tensor: StoredTensor) -> StoredTensor:
        """Rows are decoded from the mapped file as they are asked for."""
        return tensor if tensor.scales is None else f32_tensor(tensor.name, tensor.decode())

    # -- Token-wise operations ---------------------------------------------------------------------------------

    def embed(self, table: StoredTensor, ids: NDArray[np.int32]) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return table.format.decode(table.data[ids])

    def rows(self, x: Floats, index: NDArray[np.int32]) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return x[index]

    def reshape(self, x: Floats, *shape: int) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return x.reshape(*shape)

    def array(self, values: Floats) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return np.ascontiguousarray(values, np.float32)

    def to_numpy(self, x: Floats) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return x

    def gelu(self, x: Floats) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        out = np.empty_like(x)
        self.core.gelu(x, out)
        return out

    def merge_patches(self, x: Floats, height: int, width: int, by: int) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        squares = x.reshape(height // by, by, width // by, by, -1).transpose(0, 2, 4, 1, 3)
        return squares.reshape(height // by * (width // by), -1)

    def place(self, x: Floats, index: NDArray[np.int32], values: Floats) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        x[index] = values
        return x

    def rms_norm(self, x: Floats, weight: Floats, eps: float) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        out = np.empty_like(x)
        try:
            self.core.rms_norm(x, weight, eps, out)
        except TypeError as error:
            raise _not_an_array(error, x=x) from None
        return out

    def linear(self, x: Floats, weight: _native.Matrix, residual: Floats | None = None) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        out = np.empty((len(x), weight.rows), np.float32)
        try:
            self.core.linear(weight, x, residual, out)
        except TypeError as error:
            raise _not_an_array(error, x=x, residual=residual) from None
        return out

    def project(self, x: Floats, norm: Norm | None, *weights: _native.Matrix) -> tuple[Floats, ...]:
        """See :class:`~quatre.ops.interface.Ops`. The input is normed and rounded once."""
        outs = tuple([np.empty((len(x), weight.rows), np.float32) for weight in weights])
        try:
            self.core.project(x, *_parts(norm), weights, outs)
        except TypeError as error:
            raise _not_an_array(error, x=x) from None
        return outs

    def feed_forward(
        self,
        x: Floats,
        w1: _native.Matrix,
        w3: _native.Matrix,
        w2: _native.Matrix,
        residual: Floats,
        norm: Norm | None = None,
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        out = np.empty_like(x)
        try:
            self.core.feed_forward(w1, w3, w2, x, *_parts(norm), residual, out)
        except TypeError as error:
            raise _not_an_array(error, x=x, residual=residual) from None
        return out

    def moe(
        self,
        x: Floats,
        experts: Experts,
        *,
        top_k: int,
        normalise: bool,
        scale: float,
        residual: Floats,
        norm: Norm | None = None,
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        routed = experts.w1, experts.w3, experts.w2
        shared: tuple[Weight, Weight, Weight] = experts.shared or (None, None, None)
        out = np.empty_like(x)
        try:
            chosen = top_k, normalise, scale
            self.core.moe(experts.router, *routed, *shared, *chosen, x, *_parts(norm), residual, out)
        except TypeError as error:
            raise _not_an_array(error, x=x, residual=residual) from None
        return out

    def rope(self, x: Floats, positions: NDArray[np.int32], rotary: Rotary, *, query: bool) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        out = np.empty_like(x)
        frequencies, magnitude, interleaved = rotary.frequencies, rotary.magnitude, rotary.interleaved
        beta, length = rotary.temperature_beta if query else 0.0, rotary.temperature_length
        try:
            self.core.rope(x, positions, frequencies, magnitude, interleaved, beta, length, out)
        except TypeError as error:
            raise _not_an_array(error, x=x) from None
        return out


def is_packed(tensor: StoredTensor) -> bool:
    """Whether kernels take the tensor as it is stored; otherwise it is decoded to float32 first."""
    if tensor.format is NVFP4_BLOCKS:
        return True
    match tensor.scales:
        case BlockScales(_, _, cols):  # two columns are multiplied at a time
            return tensor.format is F8_E4M3 and (cols % 2 == 0 or cols >= tensor.shape[-1])
        case GroupScales():
            return tensor.format is NVFP4 and tensor.shape[-1] % GROUP_OF_KERNELS == 0
        case None:
            return tensor.format.name in PACKED


def _parts(norm: Norm | None) -> tuple[Floats | None, float]:
    return (None, 0.0) if norm is None else (norm.weight, norm.eps)


def _not_an_array(error: TypeError, **arrays: Floats | None) -> Exception:
    """A ValueError that names the argument a binding would not take, or the error itself if all look right."""
    for name, array in arrays.items():
        if array is None or (array.dtype == np.float32 and array.flags.c_contiguous and array.ndim > 1):
            continue
        layout = "" if array.flags.c_contiguous else ", not contiguous"
        return ValueError(
            f"{name} must be contiguous float32 [tokens, ...], got {array.dtype} {list(array.shape)}{layout}"
        )
    return error
