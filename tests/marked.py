"""A tokenizer of bytes with Mistral's marks, and an engine that says what a test writes down in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fakes import BOS, END, ByteTokenizer, FakeEngine
from quatre.chat.markup import find_markup
from quatre.chat.messages import read_messages
from quatre.errors import RequestError

MARKS = ("[THINK]", "[/THINK]", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]")
FIRST = 260
SPELLED = re.compile("|".join(map(re.escape, MARKS)))


class MarkedTokenizer(ByteTokenizer):
    """Writes prompts as ``role: text`` lines, with marks as tokens."""

    vocab_size = FIRST + len(MARKS)
    efforts = ("none", "high")
    markup = find_markup({name: FIRST + place for place, name in enumerate(MARKS)}.get)

    def token_name(self, token: int) -> str:
        return MARKS[token - FIRST] if token >= FIRST else super().token_name(token)

    def chat_prompt(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        if reasoning_effort not in (None, "none", "high"):
            raise RequestError(f"no effort {reasoning_effort!r}", param="reasoning_effort")
        turns = read_messages(messages)
        lines = [f"tools: {len(tools or ())}", f"effort: {reasoning_effort}"]
        for turn in turns:
            thoughts = [part for part in turn.parts if part.kind == "thinking"]
            thought = "".join("[THINK]" + part.text + "[/THINK]" * part.closed for part in thoughts)
            calls = "".join(f"[TOOL_CALLS]{call.name}[ARGS]{call.arguments}" for call in turn.calls)
            lines.append(f"{turn.role}: {thought}{turn.text(join='')}{calls}" + "." * (not turn.prefix))
        return [BOS, *tokens_of("\n".join(lines))]


def tokens_of(text: str) -> list[int]:
    ids: list[int] = []
    at = 0
    for match in SPELLED.finditer(text):
        ids += [*text[at : match.start()].encode(), FIRST + MARKS.index(match[0])]
        at = match.end()
    return [*ids, *text[at:].encode()]


class MarkedEngine(FakeEngine):
    """Answers every prompt with ``said``, in which marks are tokens."""

    vocab_size = FIRST + len(MARKS)
    max_model_len = 4096

    def say(self, said: str) -> None:
        self.answer = [*tokens_of(said), END]

    def prompt(self) -> str:
        """The last prompt as text."""
        tokenizer = MarkedTokenizer()
        return "".join(tokenizer.token_name(token) for token in self.requests[-1].prompt[1:])
