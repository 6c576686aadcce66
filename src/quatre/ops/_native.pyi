"""Types of the compiled module (native/bindings.cpp, native/attention_bindings.cpp)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]

def available_isas() -> list[str]: ...

class Matrix:
    """One matrix, or a stack of them, in panel form."""

    @property
    def count(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def cols(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def decode(self, out: _Floats, /) -> None: ...

class Core:
    """The kernels of one instruction set, a pool of threads, and memory that calls reuse."""

    def __init__(self, isa: str, threads: int, /) -> None: ...
    @property
    def isa(self) -> str: ...
    @property
    def threads(self) -> int: ...
    def matrix(self, stored: str, data: NDArray[np.uint8], cols: int, /) -> Matrix: ...
    def linear(self, w: Matrix, x: _Floats, residual: _Floats | None, out: _Floats, /) -> None: ...
    def rms_norm(self, x: _Floats, w: _Floats, eps: float, out: _Floats, /) -> None: ...
    def rope(
        self,
        x: _Floats,
        positions: NDArray[np.int32],
        frequencies: _Floats,
        magnitude: float,
        interleaved: bool,
        beta: float,
        length: int,
        out: _Floats,
        /,
    ) -> None: ...
    def feed_forward(
        self, w1: Matrix, w3: Matrix, w2: Matrix, x: _Floats, residual: _Floats, out: _Floats, /
    ) -> None: ...
    def moe(
        self,
        router: Matrix,
        w1: Matrix,
        w3: Matrix,
        w2: Matrix,
        s1: Matrix | None,
        s3: Matrix | None,
        s2: Matrix | None,
        top_k: int,
        normalise: bool,
        scale: float,
        x: _Floats,
        residual: _Floats,
        out: _Floats,
        /,
    ) -> None: ...
    def store_latent(self, *args: Any) -> None: ...
    def latent_attention(self, *args: Any) -> None: ...
    def store_kv(self, *args: Any) -> None: ...
    def grouped_attention(self, *args: Any) -> None: ...
    @staticmethod
    def words_of_page(kv_heads: int, head_dim: int, bf16: bool, page_size: int, /) -> int: ...
