"""The op set on CPU kernels (``native/``): NumPy arrays in and out, no PyTorch.

Activations are float32, C-contiguous. Weights are packed, losslessly, into the panels that the kernels stream. Every
method checks shapes before a kernel sees a pointer; the kernels trust them. Results for a token do not depend, bit for
bit, on the other tokens of a call, on the number of threads, or on where pages lie.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.formats.base import Floats, StoredTensor
from quatre.formats.floats import f32_tensor
from quatre.ops import _native
from quatre.ops.interface import Experts, Rotary
from quatre.ops.native_attention import NativeAttention

PACKED = frozenset(
    {
        "f32",
        "f16",
        "bf16",
        "q8_0",
        "q4_0",
        "q4_1",
        "q5_0",
        "q5_1",
        "iq4_nl",
        "iq4_xs",
        "mxfp4",
        "q3_k",
        "q4_k",
        "q5_k",
        "q6_k",
    }
)
"""Formats with kernels of their own; others are decoded to float32 first."""


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

    def matrix(self, tensor: StoredTensor) -> _native.Matrix:
        """See :class:`~quatre.ops.interface.Ops`."""
        if tensor.transposed or tensor.format.name not in PACKED:
            tensor = f32_tensor(tensor.name, tensor.decode())
        data = tensor.data if tensor.data.ndim == 3 else tensor.data[None]
        if data.strides[-1] != 1:
            data = np.ascontiguousarray(data)
        return self.core.matrix(tensor.format.name, data, tensor.shape[-1])

    def table(self, tensor: StoredTensor) -> StoredTensor:
        """Rows are decoded from the mapped file as they are asked for."""
        return tensor

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

    def to_numpy(self, x: Floats) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        return x

    def rms_norm(self, x: Floats, weight: Floats, eps: float) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        _expect(x, "x", x.ndim == 2 and x.shape[1] == len(weight), f"[tokens, {len(weight)}]")
        out = np.empty_like(x)
        self.core.rms_norm(x, weight, eps, out)
        return out

    def linear(self, x: Floats, weight: _native.Matrix, residual: Floats | None = None) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        _expect(x, "x", x.ndim == 2 and x.shape[1] == weight.cols, f"[tokens, {weight.cols}]")
        out = np.empty((len(x), weight.rows), np.float32)
        if residual is not None:
            _expect(residual, "residual", residual.shape == out.shape, str(list(out.shape)))
        self.core.linear(weight, x, residual, out)
        return out

    def feed_forward(
        self, x: Floats, w1: _native.Matrix, w3: _native.Matrix, w2: _native.Matrix, residual: Floats
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        _expect_swiglu(x, (w1, w3, w2), 1)
        _expect(residual, "residual", residual.shape == x.shape, str(list(x.shape)))
        out = np.empty_like(x)
        self.core.feed_forward(w1, w3, w2, x, residual, out)
        return out

    def moe(
        self, x: Floats, experts: Experts, *, top_k: int, normalise: bool, scale: float, residual: Floats
    ) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        router, routed = experts.router, (experts.w1, experts.w3, experts.w2)
        _expect_swiglu(x, routed, router.rows)
        _expect(x, "x", router.cols == x.shape[1], f"[tokens, {router.cols}]")
        _expect(residual, "residual", residual.shape == x.shape, str(list(x.shape)))
        if not 1 <= top_k <= router.rows:
            raise ValueError(f"top_k must be from 1 to the {router.rows} experts, got {top_k}")
        shared: tuple[Any, Any, Any] = experts.shared or (None, None, None)
        if experts.shared is not None:
            _expect_swiglu(x, shared, 1)
        out = np.empty_like(x)
        self.core.moe(router, *routed, *shared, top_k, normalise, scale, x, residual, out)
        return out

    def rope(self, x: Floats, positions: NDArray[np.int32], rotary: Rotary, *, query: bool) -> Floats:
        """See :class:`~quatre.ops.interface.Ops`."""
        _expect(x, "x", x.ndim == 3 and x.shape[2] >= rotary.dim, f"[tokens, heads, {rotary.dim} or more]")
        if len(positions) != len(x):
            raise ValueError(f"positions must be one per token: {len(x)}, got {len(positions)}")
        out = np.empty_like(x)
        beta = rotary.temperature_beta if query else 0.0
        self.core.rope(
            x, positions, rotary.frequencies, rotary.magnitude, rotary.interleaved, beta, rotary.temperature_length, out
        )
        return out


def _expect(array: Floats, name: str, right: bool, shape: str) -> None:
    """ValueError unless the array is float32, C-contiguous and of the right shape."""
    if not right or array.dtype != np.float32 or not array.flags.c_contiguous:
        raise ValueError(f"{name} must be contiguous float32 {shape}, got {array.dtype} {list(array.shape)}")


def _expect_swiglu(x: Floats, weights: tuple[_native.Matrix, _native.Matrix, _native.Matrix], count: int) -> None:
    """ValueError unless w1, w3 ``[count, width, dim]`` and w2 ``[count, dim, width]`` fit each other and ``x``."""
    w1, w3, w2 = weights
    _expect(x, "x", x.ndim == 2 and x.shape[1] == w1.cols, f"[tokens, {w1.cols}]")
    fits = (w1.count, w1.rows, w1.cols) == (w3.count, w3.rows, w3.cols) == (count, w2.cols, w2.rows)
    if not fits or w2.count != count:
        shapes = ", ".join(f"[{w.count}, {w.rows}, {w.cols}]" for w in weights)
        raise ValueError(f"w1, w3 and w2 of {count} experts do not fit each other: {shapes}")
