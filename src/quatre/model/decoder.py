"""What the engine may ask of a model, whatever its family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from quatre.model.header import Header
from quatre.model.table import Row
from quatre.ops.interface import Array, Batch, LayerCache, Ops, Weight


class Decoder(Protocol):
    """A loaded decoder-only language model."""

    ops: Ops
    vocab_size: int
    max_positions: int  # positions that the checkpoint was made for
    cache_bytes_per_token: int
    one_form: bool  # whether decoding and prefill leave the same numbers in the cache, see Batch.absorbed

    def new_cache(self, pages: int, page_size: int) -> list[LayerCache]:
        """One paged cache per layer."""
        ...

    def hidden(self, batch: Batch, cache: list[LayerCache], wanted: NDArray[np.int32] | None = None) -> Array:
        """Run the tokens of a step and write their cache entries.

        Returns the final-normed hidden states ``[len(wanted), dim]`` of the packed tokens ``wanted`` (all by default).
        """
        ...

    def logits(self, hidden: Array) -> Array:
        """``[n, dim]`` → ``[n, vocab]``."""
        ...


def embed(ops: Ops, table: Weight, batch: Batch) -> Array:
    """What the first layer reads: ``[tokens, dim]``, the tokens' rows of the table or the parts of images instead."""
    x = ops.embed(table, batch.ids)
    for index, vectors in batch.vectors:
        x = ops.place(x, index, vectors)
    return x


class Family(Protocol):
    """One model family: which headers announce it, and how to make its decoder."""

    name: str
    hf_model_types: frozenset[str]
    gguf_architectures: frozenset[str]

    def config_from_hf(self, header: Header) -> Any:
        """The frozen configuration that a text ``config.json`` describes. ConfigError for what is not supported."""
        ...

    def config_from_gguf(self, header: Header) -> Any:
        """The same from GGUF metadata."""
        ...

    def config_from_native(self, header: Header) -> Any:
        """The same from Mistral's own ``params.json``."""
        ...

    def is_native(self, params: Mapping[str, Any]) -> bool:
        """Whether a ``params.json``, which names no family, describes a model of this one."""
        ...

    def table(self, config: Any) -> Iterable[Row]:
        """Every tensor of a model with this configuration."""
        ...

    def build(self, config: Any, weights: Mapping[str, Weight], ops: Ops) -> Decoder:
        """The decoder over prepared weights, keyed by row name."""
        ...
