"""Logits at every position of a given text: for researchers, perplexity and parity tests."""

from __future__ import annotations

from array import array
from collections.abc import Sequence as Many

import numpy as np

from quatre.engine.config import EngineConfig
from quatre.engine.request import Event, Request, SamplingParams
from quatre.engine.runner import pack
from quatre.engine.sampler import Logits
from quatre.engine.scheduler import Chunk
from quatre.engine.sequence import Sequence, Tokens
from quatre.model.decoder import Decoder


def all_logits(model: Decoder, ids: Many[int], config: EngineConfig, prefill: int | None = None) -> Logits:
    """float32 ``[tokens, vocab]``; row i predicts token i + 1.

    The first ``prefill`` tokens (all by default) go through the model as a prompt does, in chunks of
    ``max_num_batched_tokens``; the others one at a time, as generated tokens do. Uses a cache of its own.
    """
    prefill = len(ids) if prefill is None else prefill
    pages = -(-len(ids) // config.page_size)
    cache = model.new_cache(pages, config.page_size)
    request = Request(id="logits", prompt=list(ids[:prefill]), params=SamplingParams())
    sequence = Sequence(request, _nobody, limit=len(ids), pages=array("i", range(pages)))
    sequence.tokens = Tokens(ids)
    rows = []
    while sequence.computed < len(ids):
        left = prefill - sequence.computed
        count = min(left, config.max_num_batched_tokens) if left > 0 else 1
        hidden = model.hidden(pack([Chunk(sequence, count)], config.page_size), cache)
        rows.append(model.ops.to_numpy(model.logits(hidden)))
        sequence.computed += count
    return np.concatenate(rows)


def _nobody(event: Event) -> None:
    """Nobody listens to a text that is only scored."""
