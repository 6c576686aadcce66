"""A checkpoint → its tokenizer. Each library is imported only for the kind of file that needs it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quatre.chat.pretokenize import CUTTINGS
from quatre.chat.tokenizer import Tokenizer
from quatre.checkpoint.gguf_parts import folders_beside
from quatre.errors import ConfigError
from quatre.model.pixtral import PixtralConfig

log = logging.getLogger(__name__)

NO_TOKENIZER = ("none", "no_vocab")


def open_tokenizer(
    path: Path,
    gguf_metadata: Mapping[str, Any] | None,
    vision: PixtralConfig | None = None,
    template: str | None = None,
) -> Tokenizer | None:
    """The tokenizer of a checkpoint (a folder or a GGUF file): tekken.json, else tokenizer.json, else the GGUF's own.

    Next to a GGUF file only a tekken.json counts that has as many tokens as the file's metadata; it may lie above a
    folder of one quantisation. None if there is no tokenizer, or, with a warning, one of a kind that cannot be read
    exactly: guessing would give the model ids that it never saw, and token ids work in any case. ``vision``: the image
    encoder that templates may write places for.
    ``template``: instead of the checkpoint's own chat template. CheckpointError for a damaged file, ConfigError if the
    prompts of this tokenizer are not written by a template.
    """
    tokens = (gguf_metadata or {}).get("tokenizer.ggml.tokens", ())
    for folder in folders_beside(path):
        if not (folder / "tekken.json").exists() or (folder != path and not tokens):
            continue
        tokenizer = _tekken(folder / "tekken.json")
        if not tokens or tokenizer.vocab_size == len(tokens):
            if template is not None:
                raise ConfigError("this model's prompts are written by mistral-common; leave the chat template out")
            return tokenizer
    if path.is_dir() and (path / "tokenizer.json").exists():
        return _hf(path, vision, template)
    return None if gguf_metadata is None else _gguf(gguf_metadata, path.name, vision, template)


def _tekken(path: Path) -> Tokenizer:
    from quatre.chat.tekken import TekkenTokenizer

    return TekkenTokenizer(path)


def _hf(folder: Path, vision: PixtralConfig | None, template: str | None) -> Tokenizer | None:
    from quatre.chat.hf_bpe import hf_tokenizer

    tokenizer = hf_tokenizer(folder, template)
    if tokenizer is None:
        log.warning("%s is not a byte-level BPE vocabulary and is not read: token ids only", folder / "tokenizer.json")
    else:
        tokenizer.see(vision)
    return tokenizer


def _gguf(
    metadata: Mapping[str, Any], where: str, vision: PixtralConfig | None, template: str | None
) -> Tokenizer | None:
    model = metadata.get("tokenizer.ggml.model", "none")
    pre = metadata.get("tokenizer.ggml.pre", "default")
    if model in NO_TOKENIZER:
        return None
    if model != "gpt2":
        log.warning("%s has a vocabulary of kind %.50r, read are gpt2 (byte-level BPE): token ids only", where, model)
        return None
    if not isinstance(pre, str) or pre not in CUTTINGS:
        log.warning(
            "%s cuts text as %.50r, which is not known; known are %s: token ids only", where, pre, ", ".join(CUTTINGS)
        )
        return None
    from quatre.chat.gguf_bpe import TEMPLATE, gguf_tokenizer

    tokenizer = gguf_tokenizer(metadata if template is None else {**metadata, TEMPLATE: template}, where)
    tokenizer.see(vision)
    return tokenizer
