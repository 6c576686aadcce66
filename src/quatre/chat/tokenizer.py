"""What the rest of Quatre may ask of a tokenizer; one sibling file per kind of vocabulary file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from quatre.chat.markup import Markup

Message = Mapping[str, Any]
"""A chat message in OpenAI's form: ``role``, ``content`` and, by role, ``tool_calls``, ``tool_call_id``, …"""


class Tokenizer(Protocol):
    """Text ↔ token ids for one checkpoint."""

    vocab_size: int
    bos_id: int | None
    end_ids: frozenset[int]  # tokens that end an answer

    @property
    def efforts(self) -> tuple[str, ...] | None:
        """The reasoning efforts that the model knows; empty if it has no such setting, None if nobody can tell."""
        ...

    @property
    def markup(self) -> Markup:
        """How the model marks reasoning and tool calls."""
        ...

    @property
    def template(self) -> str | None:
        """The chat template that prompts are written by; None if it is not a template that writes them."""
        ...

    def encode(self, text: str, *, bos: bool) -> list[int]:
        """Ids of plain text. Text that spells a control token stays text; ``bos`` puts the begin token in front."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids without control tokens; bytes that are not UTF-8 become U+FFFD."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes that a token stands for; empty for control tokens. Their concatenation is the text."""
        ...

    def vocabulary(self) -> list[bytes]:
        """``token_bytes`` of every token, in order."""
        ...

    def token_name(self, token: int) -> str:
        """A printable name for one token: its text, or the spelling of a control token (logprobs, errors)."""
        ...

    def chat_prompt(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        """The ids that ask for the next assistant message. Raises RequestError for a conversation that is refused."""
        ...

    def fim_prompt(self, prompt: str, suffix: str) -> list[int]:
        """The ids that ask for what stands between two texts. RequestError if the vocabulary has no marks for that."""
        ...
