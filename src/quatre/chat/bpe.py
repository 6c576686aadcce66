"""Byte-level BPE vocabularies: those inside GGUF files and ``tokenizer.json``, through the ``tokenizers`` library.

Text never becomes a control token: only what the chat template itself writes does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from quatre.chat.pretokenize import PATTERNS, WHOLE_WORDS
from quatre.chat.template import ChatTemplate
from quatre.chat.tokenizer import Message
from quatre.errors import CheckpointError, RequestError

CONTROL, USER_DEFINED = 3, 4  # GGUF token types
TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<|end|>", "<|endoftext|>", "<end_of_turn>", "</s>")
"""Spellings of control tokens that end an assistant's turn, for files that name only the end of a text."""


class BPETokenizer:
    """Text ↔ ids of one vocabulary. ``controls`` are its control tokens by spelling."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        controls: Mapping[str, int],
        bos_id: int | None,
        add_bos: bool,
        end_ids: frozenset[int],
        template: str | None,
    ) -> None:
        self._tokenizer = tokenizer
        self._controls = dict(controls)
        self._add_bos = add_bos
        self._names = {token: text for text, token in tokenizer.get_vocab(with_added_tokens=True).items()}
        self._names |= {token: text for text, token in controls.items()}
        self._added = {token: added.content for token, added in tokenizer.get_added_tokens_decoder().items()}
        self._template = None if template is None else ChatTemplate(template)
        self.bos_id = bos_id
        self.vocab_size = max(self._names) + 1
        self.end_ids = end_ids | {self._controls[text] for text in TURN_ENDS if text in self._controls}

    def encode(self, text: str, *, bos: bool) -> list[int]:
        """Ids of plain text; spellings of control tokens stay text."""
        ids: list[int] = self._tokenizer.encode(_encodable(text), add_special_tokens=False).ids
        return [self.bos_id, *ids] if bos and self._add_bos and self.bos_id is not None else ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text without control tokens."""
        return b"".join(map(self.token_bytes, ids)).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """The bytes of one token; none for control tokens and for ids without a token."""
        name = self._names.get(token)
        if name is None or name in self._controls:
            return b""
        if token in self._added:
            return name.encode()
        return bytes(BYTE_OF[c] for c in name) if all(c in BYTE_OF for c in name) else name.encode()

    def token_name(self, token: int) -> str:
        """The text of a token, or how a control token is spelled."""
        name = self._names.get(token, f"<{token}>")
        return name if name in self._controls else self.token_bytes(token).decode(errors="replace")

    def chat_prompt(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        """The ids of a conversation in the checkpoint's own chat template."""
        if self._template is None:
            raise RequestError(
                "this checkpoint has no chat template; use /v1/completions or generate", param="messages"
            )
        if reasoning_effort not in (None, "none"):
            raise RequestError(
                f"reasoning_effort {reasoning_effort!r}: this checkpoint does not reason; leave it out",
                param="reasoning_effort",
            )
        if not messages:
            raise RequestError("messages is empty; send at least one message", param="messages")
        guard = _Guard(self._controls)
        bos = "" if self.bos_id is None else self._names[self.bos_id]
        text = self._template.render(
            guard.protect([_plain(message) for message in messages]),
            tools=guard.protect(list(tools)) if tools else None,
            add_generation_prompt=True,
            bos_token=bos,
            eos_token="",
        )
        ids = [
            i
            for piece in guard.split(text)
            for i in ([piece] if isinstance(piece, int) else self.encode(piece, bos=False))
        ]
        needs_bos = self._add_bos and self.bos_id is not None and ids[:1] != [self.bos_id]
        return [self.bos_id, *ids] if needs_bos and self.bos_id is not None else ids


class _Guard:
    """Keeps control tokens that messages spell apart from those that the template writes.

    Each such spelling in a message gets an unguessable mark behind its first character; whatever is still spelled
    whole after rendering was written by the template. The mark is then removed.
    """

    def __init__(self, controls: Mapping[str, int]) -> None:
        self._controls = sorted(controls.items(), key=lambda item: -len(item[0]))
        self._ids = controls
        self._mark = f"\ufdd0{secrets.token_hex(8)}\ufdd1"

    def protect(self, value: Any) -> Any:
        """The same messages, with the mark in every spelled control token."""
        if isinstance(value, str):
            for text, _ in self._controls:
                if text in value:
                    value = value.replace(text, text[0] + self._mark + text[1:])
            return value
        if isinstance(value, Mapping):
            return {self.protect(k): self.protect(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.protect(v) for v in value]
        return value

    def split(self, text: str) -> list[str | int]:
        """Rendered text as plain pieces and control ids."""
        pieces: list[str | int] = [text]
        for spelled, token in self._controls:
            pieces = [part for piece in pieces for part in _cut(piece, spelled, token)]
        return [p.replace(self._mark, "") if isinstance(p, str) else p for p in pieces if p != ""]


def _cut(piece: str | int, spelled: str, token: int) -> list[str | int]:
    if isinstance(piece, int) or spelled not in piece:
        return [piece]
    first, *rest = piece.split(spelled)
    return [first, *(part for text in rest for part in (token, text))]


def _plain(message: Message) -> dict[str, Any]:
    """A message as templates expect it: text content as one string."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, Mapping) and part.get("type") == "text"]
        if len(texts) != len(content) or not all(isinstance(text, str) for text in texts):
            raise RequestError("this checkpoint reads text only; remove images and other parts", param="messages")
        content = "".join(str(text) for text in texts)
    return {**message, "content": "" if content is None else content}


def _encodable(text: str) -> str:
    """Lone surrogates (which JSON can carry) have no UTF-8; they become U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text


# -- GGUF ----------------------------------------------------------------------------------------------------------


def from_gguf(metadata: Mapping[str, Any], where: str) -> BPETokenizer:
    """The tokenizer embedded in a GGUF file. CheckpointError if it is missing, damaged or of another kind."""
    kind = metadata.get("tokenizer.ggml.model")
    if kind != "gpt2":
        raise CheckpointError(
            f"{where}: tokenizers of kind {kind!r} are not supported, only byte-level BPE ('gpt2') is"
        )
    tokens = _texts(metadata, "tokens", where)
    types = metadata.get("tokenizer.ggml.token_type") or [1] * len(tokens)
    if len(types) != len(tokens) or len(set(tokens)) != len(tokens):
        raise CheckpointError(f"{where}: the embedded vocabulary is damaged (token types or repeated tokens)")
    controls = {text: i for i, (text, t) in enumerate(zip(tokens, types, strict=True)) if t == CONTROL}
    own = [text for text, t in zip(tokens, types, strict=True) if t == USER_DEFINED]
    vocab = {text: i for i, text in enumerate(tokens) if text not in controls}
    merges = [tuple(merge.split(" ", 1)) for merge in _texts(metadata, "merges", where)]
    tokenizer = _byte_level(vocab, merges, metadata.get("tokenizer.ggml.pre", "default"), where)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in own if text])
    return BPETokenizer(
        tokenizer,
        controls=controls,
        bos_id=_id(metadata, "bos", len(tokens)),
        add_bos=bool(metadata.get("tokenizer.ggml.add_bos_token", False)),
        end_ids=frozenset(
            end for name in ("eos", "eot", "eom") if (end := _id(metadata, name, len(tokens))) is not None
        ),
        template=metadata.get("tokenizer.chat_template"),
    )


def _byte_level(vocab: dict[str, int], merges: list[Any], pre: str, where: str) -> Tokenizer:
    if pre not in PATTERNS:
        raise CheckpointError(
            f"{where}: text is cut by rules named {pre!r}, which are not known; known are {', '.join(sorted(PATTERNS))}"
        )
    usable = [m for m in merges if len(m) == 2 and m[0] in vocab and m[1] in vocab and m[0] + m[1] in vocab]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=usable, ignore_merges=pre in WHOLE_WORDS))
    cuts: list[Any] = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[pre]]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [*cuts, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _texts(metadata: Mapping[str, Any], name: str, where: str) -> list[str]:
    values = metadata.get(f"tokenizer.ggml.{name}")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CheckpointError(f"{where}: the embedded vocabulary lacks tokenizer.ggml.{name}")
    return values


def _id(metadata: Mapping[str, Any], name: str, count: int) -> int | None:
    value = metadata.get(f"tokenizer.ggml.{name}_token_id")
    return value if isinstance(value, int) and 0 <= value < count else None


# -- tokenizer.json ------------------------------------------------------------------------------------------------


def from_folder(folder: Path, end_ids: frozenset[int]) -> BPETokenizer:
    """The tokenizer of a Hugging Face folder: tokenizer.json, tokenizer_config.json, chat_template.jinja."""
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises its own untyped exceptions
        raise CheckpointError(f"{path} cannot be read as a tokenizer: {str(error)[:160]}") from error
    tokenizer.encode_special_tokens = True
    added = tokenizer.get_added_tokens_decoder()
    controls = {token.content: i for i, token in added.items() if token.special}
    config = _config(folder)
    bos = config.get("bos_token")
    bos = bos.get("content") if isinstance(bos, dict) else bos
    bos_id = controls.get(bos) if isinstance(bos, str) else None
    return BPETokenizer(
        tokenizer,
        controls=controls,
        bos_id=bos_id,
        add_bos=bos_id is not None and tokenizer.encode("", add_special_tokens=True).ids[:1] == [bos_id],
        end_ids=end_ids,
        template=_template(folder, config),
    )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    if not path.exists():
        return {}
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: {str(error)[:120]}") from error
    return config if isinstance(config, dict) else {}


def _template(folder: Path, config: Mapping[str, Any]) -> str | None:
    path = folder / "chat_template.jinja"
    if path.exists():
        return path.read_text(errors="replace")
    template = config.get("chat_template")
    if isinstance(template, list):  # several, by name
        named = {t.get("name"): t.get("template") for t in template if isinstance(t, dict)}
        template = named.get("default")
    return template if isinstance(template, str) else None


# -- Bytes ---------------------------------------------------------------------------------------------------------


def _byte_of() -> dict[str, int]:
    """GPT-2's printable stand-in for each byte → the byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}


BYTE_OF = _byte_of()
