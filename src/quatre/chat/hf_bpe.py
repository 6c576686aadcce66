"""The byte-level BPE vocabulary of a Hugging Face folder: ``tokenizer.json`` and the files around it.

Imported only when there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from quatre.chat.bpe import BPETokenizer, Prompting, Vocabulary
from quatre.checkpoint.files import refuse_pointer
from quatre.checkpoint.jsonfile import read_object
from quatre.errors import CheckpointError


def hf_tokenizer(folder: Path, template: str | None = None) -> BPETokenizer | None:
    """The tokenizer of a folder, or None if it is of a kind that cannot be read. CheckpointError if it is damaged.

    ``template``: instead of the folder's own.
    """
    tokenizer = _tokenizer(folder / "tokenizer.json")
    if b'"ByteLevel"' not in (tokenizer.decoder.__getstate__() if tokenizer.decoder else b""):
        return None
    config = _object(folder / "tokenizer_config.json")
    template = _template(folder, config) if template is None else template
    special = _special(folder, config)
    vocabulary = _vocabulary(tokenizer, template, special, config, _object(folder / "generation_config.json"))
    return BPETokenizer(vocabulary, Prompting(source=template, where=folder.name, special=special))


def _tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library has no type of its own for a file that it cannot parse
        refuse_pointer(path)
        raise CheckpointError(f"{path} is damaged: {str(error)[:200]}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # in text, special tokens are text
    return tokenizer


def _vocabulary(
    tokenizer: Tokenizer,
    template: str | None,
    special: Mapping[str, str],
    config: Mapping[str, Any],
    generation: Mapping[str, Any],
) -> Vocabulary:
    added = tokenizer.get_added_tokens_decoder()
    hidden = {token: text.content for token, text in added.items() if text.special}
    visible = {token: text.content for token, text in added.items() if not text.special}
    # Tokens that the template writes are structure, whatever the file calls them; the model's own stay visible.
    own = {token: text for token, text in visible.items() if template and text in template}
    tokenizer.add_special_tokens([_as_special(added[token]) for token in own])
    controls = {text: token for token, text in (hidden | own).items()}
    _check_text_stays_text(tokenizer, controls)
    ends = generation.get("eos_token_id")
    ends = ends if isinstance(ends, list) else [ends]
    eos = tokenizer.token_to_id(special["eos_token"]) if "eos_token" in special else None
    return Vocabulary(
        tokenizer=tokenizer,
        size=max(tokenizer.get_vocab_size(with_added_tokens=True), *(token + 1 for token in added), 1),
        controls=controls,
        hidden=frozenset(hidden),
        literal=frozenset(visible),
        bos_id=_bos_id(tokenizer, special, config),
        end_ids=frozenset(end for end in (*ends, eos) if isinstance(end, int)),
    )


def _check_text_stays_text(tokenizer: Tokenizer, controls: Mapping[str, int]) -> None:
    """CheckpointError for a vocabulary whose words or merges make a control token of text that spells it."""
    for text, token in controls.items():
        if token in tokenizer.encode(text, add_special_tokens=False).ids:
            raise CheckpointError(f"tokenizer.json makes its control token {text!r:.80} of plain text; it is not safe")


def _as_special(token: AddedToken) -> AddedToken:
    return AddedToken(token.content, lstrip=token.lstrip, rstrip=token.rstrip, normalized=False, special=True)


def _bos_id(tokenizer: Tokenizer, special: Mapping[str, str], config: Mapping[str, Any]) -> int | None:
    """The begin token, if texts begin with one: tokenizer_config.json may say so, else what tokenizer.json does."""
    bos: int | None = tokenizer.token_to_id(special["bos_token"]) if "bos_token" in special else None
    begins = config.get("add_bos_token")
    if not isinstance(begins, bool):
        begins = tokenizer.encode("", add_special_tokens=True).ids[:1] == [bos]
    return bos if begins else None


# -- The files around it -----------------------------------------------------------------------------------------------


def _special(folder: Path, config: Mapping[str, Any]) -> dict[str, str]:
    """``bos_token`` and the like, each a text or an object with one."""
    words = {**_object(folder / "special_tokens_map.json"), **config}
    special = {}
    for name, word in words.items():
        text = word.get("content") if isinstance(word, dict) else word
        if name.endswith("_token") and isinstance(text, str):
            special[name] = text
    return special


def _template(folder: Path, config: Mapping[str, Any]) -> str | None:
    path = folder / "chat_template.jinja"
    template = _text(path) if path.exists() else config.get("chat_template")
    if template is None:
        template = _object(folder / "chat_template.json").get("chat_template")
    if isinstance(template, list):  # several by name
        named = {entry.get("name"): entry.get("template") for entry in template if isinstance(entry, dict)}
        template = named.get("default")
    if not isinstance(template, str | None):
        raise CheckpointError(f"{folder / 'tokenizer_config.json'} is damaged: chat_template is no text")
    return template


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error


def _object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if there is no such file."""
    return read_object(path) if path.exists() else {}
