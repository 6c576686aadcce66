"""The worker of ik_llama.cpp, a faster fork of llama.cpp; needs ik-llama-cpp-python and nothing of ours.

As the fork is by default (flash attention, latent attention 3, fused mixture of experts), with its weights interleaved
at load, as llama.cpp does by itself.
"""

from __future__ import annotations

import ctypes
import sys
from importlib.metadata import version
from typing import Any

from ik_llama_cpp import _ctypes_api as ik  # type: ignore[import-not-found]

from peers.llama_worker import LlamaWorker, answer


class Worker(LlamaWorker):
    """See the module."""

    name = "ik_llama.cpp"
    lib = ik

    def engine(self) -> tuple[str, str]:
        """Name with version, and what it was built for."""
        describe = ik._lib.llama_print_system_info
        describe.restype = ctypes.c_char_p
        return f"ik-llama-cpp-python {version('ik-llama-cpp-python')}", describe().decode()

    def model_params(self) -> Any:
        """How to load: interleaved weights cannot be the mapped file."""
        params = ik.llama_model_default_params()
        params.repack_tensors, params.use_mmap = True, False
        return params

    def context_params(self, tokens: int, sequences: int) -> Any:
        """For one cache that ``sequences`` share, ``tokens`` in all."""
        params = ik.llama_context_default_params()
        params.n_ctx, params.n_seq_max = tokens, sequences
        return params

    def wait(self) -> None:
        """Until a step is done."""
        ik._lib.llama_synchronize(ctypes.c_void_p(self.context))

    def remove(self, sequence: int, first: int) -> None:
        """Forget a sequence's tokens from position ``first`` on."""
        ik._lib.llama_kv_cache_seq_rm(ctypes.c_void_p(self.context), sequence, first, -1)


if __name__ == "__main__":
    answer(Worker, *sys.argv[1:])
