"""The marks that models put around their reasoning and their tool calls, and where a vocabulary has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto


class Mark(Enum):
    """What a mark means, however it is spelled."""

    THINK = auto()
    END_THINK = auto()
    CALL = auto()  # a call begins, and with it its name; or a list of calls in JSON
    CALL_ID = auto()
    ARGUMENTS = auto()
    END_CALL = auto()


SPELLINGS: Mapping[str, Mark] = {
    "[THINK]": Mark.THINK,
    "[/THINK]": Mark.END_THINK,
    "[TOOL_CALLS]": Mark.CALL,
    "[CALL_ID]": Mark.CALL_ID,
    "[ARGS]": Mark.ARGUMENTS,
    "<think>": Mark.THINK,
    "</think>": Mark.END_THINK,
    "<tool_call>": Mark.CALL,
    "</tool_call>": Mark.END_CALL,
}
"""Mistral's control tokens, and what Hermes began and many others took over."""


@dataclass(frozen=True)
class Markup:
    """The marks of one checkpoint: tokens, and texts for those that its vocabulary has no token for."""

    tokens: Mapping[int, Mark] = field(default_factory=dict)
    texts: Mapping[str, Mark] = field(default_factory=dict)

    def token(self, mark: Mark) -> int | None:
        """The token of a mark; None if it is spelled in text, or there is none."""
        return next((token for token, meant in self.tokens.items() if meant is mark), None)

    @property
    def knows_calls(self) -> bool:
        """Whether there is any way to call a tool."""
        return Mark.CALL in self.tokens.values() or Mark.CALL in self.texts.values()

    @property
    def closes_calls(self) -> bool:
        """Whether calls have a mark at their end, too; they are JSON objects then."""
        return Mark.END_CALL in self.tokens.values() or Mark.END_CALL in self.texts.values()

    @property
    def think(self) -> tuple[int, int] | None:
        """The tokens around reasoning."""
        opening, closing = self.token(Mark.THINK), self.token(Mark.END_THINK)
        return None if opening is None or closing is None else (opening, closing)


def opens_reasoning(prompt: Sequence[int], markup: Markup) -> bool:
    """Whether a prompt ends within a block of reasoning, which the answer goes on with."""
    think = markup.think
    last = next((token for token in reversed(prompt) if token in think), None) if think else None
    return think is not None and last == think[0]


def find_markup(token_of: Callable[[str], int | None], template: str = "") -> Markup:
    """The marks that a vocabulary has as tokens, and those that only its chat ``template`` spells."""
    tokens: dict[int, Mark] = {}
    texts: dict[str, Mark] = {}
    for spelling, mark in SPELLINGS.items():
        token = token_of(spelling)
        if token is not None:
            tokens[token] = mark
        elif spelling in template and spelling.startswith("<"):
            texts[spelling] = mark
    return Markup(tokens, texts)
