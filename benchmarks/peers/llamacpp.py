"""llama.cpp's worker; runs where llama-cpp-python is installed, and needs nothing of ours.

As llama.cpp is by default, except: flash attention on, one cache for all sequences, the threads that are asked for.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import llama_cpp  # type: ignore[import-not-found]
import numpy as np

from peers.answering import answers_only, serve
from peers.prompts import token_ids


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def silent(level: int, text: bytes, data: object) -> None:
    """Its log would drown the table."""


class Worker:
    """A loaded model, one context at a time, and how many tokens of each sequence that context holds."""

    def __init__(self, path: str, threads: int, chunk: int) -> None:
        self.threads, self.chunk = threads, chunk
        self.context: Any = None
        self.room = self.sequences = 0
        start = time.perf_counter()
        llama_cpp.llama_log_set(silent, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self.open(chunk, 1)
        self.decode_step([0], 0)
        self.load_s = time.perf_counter() - start

    def about(self) -> dict[str, Any]:
        """What was measured."""
        features = llama_cpp.llama_print_system_info().decode()
        return {"engine": f"llama-cpp-python {llama_cpp.__version__}", "features": features, "load_s": self.load_s}

    def open(self, tokens: int, sequences: int) -> None:
        """A context with room for ``tokens`` per sequence; the present one if it has that."""
        if self.sequences == sequences and self.room >= tokens:
            return
        if self.context:
            llama_cpp.llama_free(self.context)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_seq_max = tokens * sequences, sequences
        params.n_batch = params.n_ubatch = self.chunk
        params.n_threads = params.n_threads_batch = self.threads
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.kv_unified = True
        self.context = llama_cpp.llama_init_from_model(self.model, params)
        if not self.context:
            raise SystemExit(f"llama.cpp has no room for {sequences} sequences of {tokens} tokens")
        self.room, self.sequences, self.held = tokens, sequences, 0

    def run(self, entries: list[tuple[int, int, int, bool]]) -> float:
        """Seconds of one llama_decode of (token, sequence, position, wants logits) entries."""
        step = llama_cpp.llama_batch_init(len(entries), 0, 1)
        step.n_tokens = len(entries)
        for i, (token, sequence, position, logits) in enumerate(entries):
            step.token[i], step.pos[i], step.n_seq_id[i] = token, position, 1
            step.seq_id[i][0], step.logits[i] = sequence, logits
        start = time.perf_counter()
        failed = llama_cpp.llama_decode(self.context, step)
        llama_cpp.llama_synchronize(self.context)
        took = time.perf_counter() - start
        llama_cpp.llama_batch_free(step)
        if failed:
            raise SystemExit(f"llama_decode of {len(entries)} tokens returned {failed}")
        return took

    def fill(self, sequence: int, first: int, last: int) -> float:
        """Seconds to prefill the positions ``first`` to ``last - 1`` of one sequence; logits of the last only."""
        ids, took = token_ids(sequence, 0, last), 0.0
        for at in range(first, last, self.chunk):
            end = min(last, at + self.chunk)
            took += self.run([(int(ids[p]), sequence, p, p == last - 1) for p in range(at, end)])
        return took

    def decode_step(self, sequences: list[int], position: int) -> float:
        """Seconds for one more token of each sequence."""
        return self.run([(int(token_ids(s, position, position + 1)[0]), s, position, True) for s in sequences])

    def forget(self, context: int) -> None:
        """Keep at most the first ``context`` prompt tokens of every sequence, and nothing that was decoded."""
        self.held = min(self.held, context)
        memory = llama_cpp.llama_get_memory(self.context)
        for sequence in range(self.sequences):
            llama_cpp.llama_memory_seq_rm(memory, sequence, self.held, -1)

    def prefill(self, tokens: int) -> float:
        """Tokens per second of one prompt."""
        self.open(tokens, 1)
        self.forget(0)
        rate = tokens / self.fill(0, 0, tokens)
        self.held = tokens
        return rate

    def decode(self, sequences: int, context: int, steps: int, room: int) -> float:
        """Tokens per second of all sequences together behind ``context`` tokens each; the first step is not timed.

        ``room`` is the longest context to come: what is filled now is kept until then.
        """
        self.open(room + steps + 1, sequences)
        self.forget(context)
        for sequence in range(sequences):
            self.fill(sequence, self.held, context)
        self.held = context
        everyone = list(range(sequences))
        times = [self.decode_step(everyone, context + i) for i in range(steps + 1)]
        return sequences / float(np.median(times[1:]))


def main() -> None:
    """``python -m peers.llamacpp MODEL THREADS CHUNK``."""
    answers = answers_only()
    worker = Worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    serve({"about": worker.about, "prefill": worker.prefill, "decode": worker.decode}, answers)


if __name__ == "__main__":
    main()
