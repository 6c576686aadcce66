"""A step as arrays: chunks → one packed batch → hidden states → the logits that somebody wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Many

import numpy as np
from numpy.typing import NDArray

from quatre.engine.request import TokenLogprobs
from quatre.engine.sampler import Logits, token_logprobs
from quatre.engine.scheduler import Chunk, Copy
from quatre.engine.sequence import Sequence
from quatre.model.decoder import Decoder
from quatre.ops.interface import Array, Batch, LayerCache

LOGIT_ROWS = 64  # rows of logits held at once when every prompt token wants some: 32 MB for a vocabulary of 131,072


class Runner:
    """Owns the cache arrays and feeds the model."""

    def __init__(self, model: Decoder, pages: int, page_size: int) -> None:
        self.model = model
        self.page_size = page_size
        self.cache: list[LayerCache] = model.new_cache(pages, page_size)

    def run(self, chunks: list[Chunk]) -> tuple[Logits, dict[Sequence, list[TokenLogprobs]]]:
        """Compute the chunks; their sequences' ``computed`` is left to the caller.

        Returns the logits ``[chunks that sample, vocab]`` in order, and, for the sequences that asked for prompt
        logprobs, those of the tokens *after* each computed prompt token.
        """
        batch = pack(chunks, self.page_size)
        wanted = [_wanted(chunk) for chunk in chunks]
        offsets = np.concatenate([[0], np.cumsum([len(w) for w in wanted])])
        rows = np.concatenate([start + w for start, w in zip(batch.starts, wanted, strict=False)]).astype(np.int32)
        hidden = self.model.hidden(batch, self.cache, rows)
        last = [int(offsets[i + 1]) - 1 for i, chunk in enumerate(chunks) if chunk.samples]
        prompts = {
            chunk.sequence: list(self._prompt_logprobs(chunk, hidden, int(offsets[i])))
            for i, chunk in enumerate(chunks)
            if _wants_prompt(chunk)
        }
        return self._logits(hidden, np.array(last, np.int32)), prompts

    def copy(self, pages: Iterable[Copy]) -> None:
        """Write contents of pages to other pages, in every layer."""
        for copy in pages:
            for layer in self.cache:
                self.model.ops.copy_page(layer, copy.source, copy.target)

    def _prompt_logprobs(self, chunk: Chunk, hidden: Array, row: int) -> Iterator[TokenLogprobs]:
        sequence, count = chunk.sequence, chunk.sequence.request.params.prompt_logprobs
        following = sequence.tokens[sequence.computed + 1 : sequence.computed + chunk.count + 1]
        for lo in range(0, len(following), LOGIT_ROWS):
            block = following[lo : lo + LOGIT_ROWS]
            logits = self._logits(hidden, np.arange(row + lo, row + lo + len(block), dtype=np.int32))
            for values, token in zip(logits, block, strict=True):
                yield token_logprobs(values, token, count or 0)

    def _logits(self, hidden: Array, rows: NDArray[np.int32]) -> Logits:
        ops = self.model.ops
        if not len(rows):
            return np.empty((0, self.model.vocab_size), np.float32)
        return ops.to_numpy(self.model.logits(ops.rows(hidden, rows)))


def pack(chunks: Many[Chunk], page_size: int) -> Batch:
    """The chunks as the arrays that models read."""
    counts = [chunk.count for chunk in chunks]
    first = [chunk.sequence.computed for chunk in chunks]
    ids = [chunk.sequence.tokens[at : at + n] for chunk, at, n in zip(chunks, first, counts, strict=True)]
    contexts = [at + n for at, n in zip(first, counts, strict=True)]
    most = max(-(-context // page_size) for context in contexts)
    tables = np.zeros((len(chunks), most), np.int32)
    for row, chunk in zip(tables, chunks, strict=True):
        row[: len(chunk.sequence.pages)] = chunk.sequence.pages[:most]
    return Batch(
        ids=np.concatenate([np.array(i, np.int32) for i in ids]),
        positions=np.concatenate([np.arange(at, at + n, dtype=np.int32) for at, n in zip(first, counts, strict=True)]),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        contexts=np.array(contexts, np.int32),
        page_tables=tables,
        page_size=page_size,
        absorbed=np.array([not chunk.sequence.in_prompt for chunk in chunks]),
    )


def _wants_prompt(chunk: Chunk) -> bool:
    return chunk.sequence.wants_prompt_logprobs


def _wanted(chunk: Chunk) -> NDArray[np.int64]:
    """The chunk's tokens, counted from its first, whose hidden states are read."""
    if _wants_prompt(chunk):
        return np.arange(chunk.count)
    return np.array([chunk.count - 1] if chunk.samples else [], np.int64)
