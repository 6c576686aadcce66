"""What the workers of llama.cpp and of its fork share; needs nothing of ours.

The fork branched off before llama.cpp renamed parts of its interface, so each worker says how it makes a context and
how it forgets tokens, and lends its bindings.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from peers.answering import answers_only, serve
from peers.prompts import token_ids


class LlamaWorker:
    """A loaded model, one context at a time, and how many tokens of each sequence that context holds."""

    name: str
    lib: Any
    """The bindings: a module with the functions of llama.h."""

    def __init__(self, path: str, threads: int, chunk: int) -> None:
        self.threads, self.chunk = threads, chunk
        self.context: Any = None
        self.room = self.sequences = 0
        start = time.perf_counter()
        self.lib.llama_backend_init()
        self.model = self.lib.llama_model_load_from_file(path.encode(), self.model_params())
        if not self.model:
            raise SystemExit(f"{self.name} cannot load {path}")
        self.open(chunk, 1)
        self.decode_step([0], 0)
        self.load_s = time.perf_counter() - start

    def engine(self) -> tuple[str, str]:
        """Name with version, and what it was built for."""
        raise NotImplementedError

    def model_params(self) -> Any:
        """How to load."""
        return self.lib.llama_model_default_params()

    def context_params(self, tokens: int, sequences: int) -> Any:
        """For one cache that ``sequences`` share, ``tokens`` in all."""
        raise NotImplementedError

    def wait(self) -> None:
        """Until a step is done, should it run behind our back."""
        raise NotImplementedError

    def remove(self, sequence: int, first: int) -> None:
        """Forget a sequence's tokens from position ``first`` on."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """What was measured."""
        engine, features = self.engine()
        return {"engine": engine, "features": features, "load_s": self.load_s}

    def open(self, tokens: int, sequences: int) -> None:
        """A context with room for ``tokens`` per sequence; the present one if it has that."""
        if self.sequences == sequences and self.room >= tokens:
            return
        if self.context:
            self.lib.llama_free(self.context)
        params = self.context_params(tokens * sequences, sequences)
        params.n_batch = params.n_ubatch = self.chunk
        params.n_threads = params.n_threads_batch = self.threads
        self.context = self.lib.llama_init_from_model(self.model, params)
        if not self.context:
            raise SystemExit(f"{self.name} has no room for {sequences} sequences of {tokens} tokens")
        self.room, self.sequences, self.held = tokens, sequences, 0

    def run(self, entries: list[tuple[int, int, int, bool]]) -> float:
        """Seconds of one llama_decode of (token, sequence, position, wants logits) entries."""
        step = self.lib.llama_batch_init(len(entries), 0, 1)
        step.n_tokens = len(entries)
        for i, (token, sequence, position, logits) in enumerate(entries):
            step.token[i], step.pos[i], step.n_seq_id[i] = token, position, 1
            step.seq_id[i][0], step.logits[i] = sequence, logits
        start = time.perf_counter()
        failed = self.lib.llama_decode(self.context, step)
        self.wait()
        took = time.perf_counter() - start
        self.lib.llama_batch_free(step)
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
        for sequence in range(self.sequences):
            self.remove(sequence, self.held)

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


def answer(kind: type[LlamaWorker], path: str, threads: str, chunk: str) -> None:
    """Answer jobs about the model at ``path`` until there are no more."""
    answers = answers_only()
    worker = kind(path, int(threads), int(chunk))
    serve({"about": worker.about, "prefill": worker.prefill, "decode": worker.decode}, answers)
