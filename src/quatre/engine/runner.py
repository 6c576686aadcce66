"""A step as arrays: chunks → one packed batch → hidden states → the logits that somebody wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Many
from itertools import accumulate, chain

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
        wanted = [_wanted(chunk, end) for chunk, end in zip(chunks, batch.starts[1:].tolist(), strict=True)]
        ends = list(accumulate(map(len, wanted)))
        hidden = self.model.hidden(batch, self.cache, np.fromiter(chain.from_iterable(wanted), np.int32, ends[-1]))
        last = [end - 1 for chunk, end in zip(chunks, ends, strict=True) if chunk.samples]
        prompts = {
            chunk.sequence: list(self._prompt_logprobs(chunk, hidden, end - chunk.count))
            for chunk, end in zip(chunks, ends, strict=True)
            if chunk.sequence.wants_prompt_logprobs
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
    counts = np.array([chunk.count for chunk in chunks], np.int32)
    first = np.array([chunk.sequence.computed for chunk in chunks], np.int32)
    contexts = first + counts
    starts = np.zeros(len(chunks) + 1, np.int32)
    np.cumsum(counts, out=starts[1:])
    ids = [chunk.sequence.tokens[chunk.sequence.computed : chunk.sequence.computed + chunk.count] for chunk in chunks]
    most = -(-int(contexts.max()) // page_size)
    tables = np.zeros((len(chunks), most), np.int32)
    for row, chunk in zip(tables, chunks, strict=True):
        row[: len(chunk.sequence.pages)] = chunk.sequence.pages[:most]
    return Batch(
        ids=np.fromiter(chain.from_iterable(ids), np.int32, starts[-1]),
        positions=np.arange(starts[-1], dtype=np.int32) + np.repeat(first - starts[:-1], counts),
        starts=starts,
        contexts=contexts,
        page_tables=tables,
        page_size=page_size,
        absorbed=np.array([chunk.generated for chunk in chunks]),
        vectors=tuple(_vectors(chunks, starts)),
    )


def _vectors(chunks: Many[Chunk], starts: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.int32], Array]]:
    """The parts of images in the chunks: their rows of the step, and what stands there."""
    for chunk, start in zip(chunks, starts, strict=False):
        first = chunk.sequence.computed
        for image in chunk.sequence.vectors:
            begin, end = np.searchsorted(image.places, (first, first + chunk.count))
            if begin < end:
                yield image.places[begin:end] + (start - first), image.values[begin:end]


def _wanted(chunk: Chunk, end: int) -> range:
    """The rows of the step, in which the chunk's tokens stop before ``end``, whose hidden states are read."""
    if chunk.sequence.wants_prompt_logprobs:
        return range(end - chunk.count, end)
    return range(end - 1 if chunk.samples else end, end)
