"""llama.cpp's worker; runs where llama-cpp-python is installed, and needs nothing of ours.

As llama.cpp is by default, except: flash attention on, one cache for all sequences, the threads that are asked for.
"""

from __future__ import annotations

import sys
from typing import Any

import llama_cpp  # type: ignore[import-not-found]

from peers.llama_worker import LlamaWorker, answer


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def silent(level: int, text: bytes, data: object) -> None:
    """Its log would drown the table."""


class Worker(LlamaWorker):
    """See the module."""

    name = "llama.cpp"
    lib = llama_cpp

    def engine(self) -> tuple[str, str]:
        """Name with version, and what it was built for."""
        return f"llama-cpp-python {llama_cpp.__version__}", llama_cpp.llama_print_system_info().decode()

    def context_params(self, tokens: int, sequences: int) -> Any:
        """For one cache that ``sequences`` share, ``tokens`` in all."""
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_seq_max = tokens, sequences
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.kv_unified = True
        return params

    def wait(self) -> None:
        """Until a step is done."""
        llama_cpp.llama_synchronize(self.context)

    def remove(self, sequence: int, first: int) -> None:
        """Forget a sequence's tokens from position ``first`` on."""
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self.context), sequence, first, -1)


if __name__ == "__main__":
    llama_cpp.llama_log_set(silent, None)
    answer(Worker, *sys.argv[1:])
