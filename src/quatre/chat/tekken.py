"""Mistral's tekken vocabularies and prompt format, through mistral-common (model.md 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from quatre.chat.tokenizer import Message
from quatre.errors import CheckpointError, RequestError

THINKING_FIELDS = ("reasoning_content", "reasoning")  # both spellings are in use among clients


class TekkenTokenizer:
    """A ``tekken.json``. Importing mistral-common takes a third of a second, so it waits until one is opened."""

    def __init__(self, path: Path) -> None:
        from mistral_common.protocol.instruct.validator import ValidationMode
        from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer

        try:
            self._mistral = MistralTokenizer.from_file(str(path), mode=ValidationMode.test)
        except Exception as error:  # whatever a damaged file makes the library raise
            raise CheckpointError(f"{path} cannot be read as a tekken tokenizer: {_line(error)}") from error
        tekken = self._mistral.instruct_tokenizer.tokenizer
        if not isinstance(tekken, Tekkenizer):
            raise CheckpointError(f"{path} is not a tekken tokenizer")
        self._tekken = tekken
        self.vocab_size: int = tekken.n_words
        self.bos_id: int | None = tekken.bos_id
        self.end_ids = frozenset({tekken.eos_id})

    def encode(self, text: str, *, bos: bool) -> list[int]:
        """Ids of plain text; spellings of control tokens stay text."""
        return list(self._tekken.encode(text, bos=bos, eos=False))

    def decode(self, ids: Sequence[int]) -> str:
        """Text without control tokens."""
        return b"".join(map(self.token_bytes, ids)).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """The bytes of one token; none for control tokens."""
        if not self._tekken.num_special_tokens <= token < self.vocab_size:
            return b""
        return bytes(self._tekken.id_to_byte_piece(token))

    def token_name(self, token: int) -> str:
        """The text of a token, or how a control token is spelled."""
        if not 0 <= token < self.vocab_size:
            return f"<{token}>"
        return str(self._tekken.id_to_piece(token))

    def chat_prompt(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        """The ids of a conversation; errors of mistral-common become RequestError."""
        from mistral_common.exceptions import MistralCommonException
        from mistral_common.protocol.instruct.request import ChatCompletionRequest
        from pydantic import ValidationError

        fields: dict[str, Any] = {"messages": [_message(m) for m in messages]}
        if tools:
            fields["tools"] = [dict(tool) for tool in tools]
        if reasoning_effort is not None and self._has_efforts():
            fields["reasoning_effort"] = reasoning_effort
        elif reasoning_effort not in (None, "none"):
            raise RequestError(
                f"reasoning_effort {reasoning_effort!r}: this checkpoint's prompt format has no such setting",
                param="reasoning_effort",
            )
        try:
            request = ChatCompletionRequest.from_openai(**fields)
            return list(self._mistral.encode_chat_completion(request).tokens)
        except (MistralCommonException, ValidationError, ValueError, TypeError, KeyError, AssertionError) as error:
            param = "reasoning_effort" if "reasoning_effort" in str(error) else "messages"
            raise RequestError(
                f"the conversation cannot be put into the model's format: {_line(error)}", param=param
            ) from error

    def _has_efforts(self) -> bool:
        return self._tekken.model_settings_builder is not None


def _message(message: Message) -> dict[str, Any]:
    """A message in the spelling of mistral-common: thinking as a chunk, ``developer`` as ``system``."""
    plain = {key: value for key, value in message.items() if key not in THINKING_FIELDS and value is not None}
    if plain.get("role") == "developer":
        plain["role"] = "system"
    content = plain.get("content")
    if isinstance(content, list) and any(
        isinstance(c, Mapping) and c.get("type") in ("image", "image_url") for c in content
    ):
        raise RequestError("this version reads text only; remove images", param="messages")
    thinking = next((message[field] for field in THINKING_FIELDS if message.get(field)), None)
    if thinking is not None and plain.get("role") == "assistant":
        chunks: list[Any] = [
            {"type": "thinking", "thinking": [{"type": "text", "text": str(thinking)}], "closed": True}
        ]
        chunks += [{"type": "text", "text": content}] if isinstance(content, str) and content else content or []
        plain["content"] = chunks
    return plain


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines)[:300] or type(error).__name__
