"""llama.cpp's side of ``vs_llamacpp.py``; runs where llama-cpp-python is installed, and needs nothing of ours."""

from __future__ import annotations

import json
import resource
import sys
import time

import llama_cpp
import numpy as np


@llama_cpp.llama_log_callback
def silent(level: int, text: bytes, data: object) -> None:
    """Standard output belongs to the results."""


class Worker:
    """A loaded model and the three things that are timed. Flash attention on; the cache is f16, llama.cpp's default."""

    def __init__(self, path: str, threads: int) -> None:
        start = time.perf_counter()
        llama_cpp.llama_log_set(silent, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        self.threads = threads
        self.vocab = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.load_s = time.perf_counter() - start

    def context(self, tokens: int, sequences: int) -> object:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch, params.n_seq_max = tokens, 512, 512, sequences
        params.n_threads = params.n_threads_batch = self.threads
        params.flash_attn_type = 1
        params.kv_unified = True
        return llama_cpp.llama_init_from_model(self.model, params)

    def run(self, context: object, entries: list[tuple[int, int, bool]]) -> None:
        """One llama_decode of (sequence, position, wants logits) entries."""
        ids = np.random.default_rng(0).integers(300, 1000, len(entries))
        step = llama_cpp.llama_batch_init(len(entries), 0, 1)
        step.n_tokens = len(entries)
        for i, (sequence, position, logits) in enumerate(entries):
            step.token[i], step.pos[i], step.n_seq_id[i] = int(ids[i]), position, 1
            step.seq_id[i][0], step.logits[i] = sequence, logits
        assert llama_cpp.llama_decode(context, step) == 0
        llama_cpp.llama_synchronize(context)
        llama_cpp.llama_batch_free(step)

    def fill(self, context: object, sequence: int, tokens: int) -> None:
        for at in range(0, tokens, 512):
            last = min(tokens, at + 512)
            self.run(context, [(sequence, p, p == tokens - 1) for p in range(at, last)])

    def prefill(self, tokens: int) -> float:
        """Tokens per second of one prompt, logits of its last token."""
        context = self.context(tokens + 64, 1)
        self.run(context, [(0, 0, True)])
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        start = time.perf_counter()
        self.fill(context, 0, tokens)
        rate = tokens / (time.perf_counter() - start)
        llama_cpp.llama_free(context)
        return rate

    def decode(self, sequences: int, context: int, steps: int) -> float:
        """Tokens per second of all sequences together, each behind ``context`` cached tokens."""
        cache = self.context(sequences * (context + steps + 65), sequences)
        for sequence in range(sequences):
            self.fill(cache, sequence, context)
        times = []
        for i in range(steps + 1):
            start = time.perf_counter()
            self.run(cache, [(sequence, context + i, True) for sequence in range(sequences)])
            times.append(time.perf_counter() - start)
        llama_cpp.llama_free(cache)
        return sequences / float(np.median(times[1:]))


def main() -> None:
    """Jobs on standard input, results on standard output."""
    worker = Worker(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({"load_s": worker.load_s}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        value = getattr(worker, job.pop("job"))(**job)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"value": value, "peak_gib": peak}), flush=True)


if __name__ == "__main__":
    main()
