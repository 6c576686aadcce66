"""A checkpoint → its tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quatre.chat.tokenizer import Tokenizer


def open_tokenizer(
    path: Path, gguf_metadata: Mapping[str, Any] | None = None, end_ids: frozenset[int] = frozenset()
) -> Tokenizer | None:
    """The tokenizer that belongs to a checkpoint, or None if it has none (logits need only ids).

    ``tekken.json`` wins over ``tokenizer.json`` in a folder; a GGUF file carries its own. ``end_ids`` are the
    end tokens that the model's header names. CheckpointError for a damaged file.
    """
    if gguf_metadata is not None:
        if "tokenizer.ggml.model" not in gguf_metadata:
            return None
        from quatre.chat.bpe import from_gguf

        return from_gguf(gguf_metadata, str(path))
    if (path / "tekken.json").exists():
        from quatre.chat.tekken import TekkenTokenizer

        return TekkenTokenizer(path / "tekken.json")
    if (path / "tokenizer.json").exists():
        from quatre.chat.bpe import from_folder

        return from_folder(path, end_ids)
    return None
