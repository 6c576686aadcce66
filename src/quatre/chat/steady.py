"""System prompts without what agents change in them at every turn, so that prompts go on beginning alike.

Claude Code heads its system prompt with a billing line whose hash is new in each request, and counts down the tokens
that it has left, in the system prompt or in system messages between the turns, where stale copies pile up. Either makes
the whole conversation behind it look new to the cache. Only messages of the system are touched, never a user's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from quatre.chat.tokenizer import Message

BILLING = "x-anthropic-billing-header:"
COUNTER = re.compile(r"<total_tokens>[^<>]{0,200}</total_tokens>")


def steady(messages: Sequence[Message]) -> tuple[list[Message], list[str]]:
    """The conversation without the billing line, and with the last counter alone, at the end of what was said last.

    Beside it, what was found: "billing line" and "token counter".
    """
    found: dict[str, None] = {}
    counters: list[str] = []
    kept: list[Message] = []
    for message in messages:
        if message.get("role") in ("system", "developer"):
            content = _settled(message.get("content"), found, counters)
            if content is not message.get("content"):
                if not content:
                    continue  # there was nothing else in it
                message = {**message, "content": content}
        kept.append(message)
    if counters and kept:
        _append(kept, counters[-1])
    return kept, list(found)


def without_cache_marks(tools: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]] | None:
    """Tools without ``cache_control``, which wanders from turn to turn and which templates would write into prompts."""
    if tools is None:
        return None
    return [
        {name: _unmarked(value) if name == "function" else value for name, value in _unmarked(tool).items()}
        if isinstance(tool, Mapping)
        else tool
        for tool in tools
    ]


def _unmarked(value: Any) -> Any:
    if not isinstance(value, Mapping) or "cache_control" not in value:
        return value
    return {name: one for name, one in value.items() if name != "cache_control"}


def _settled(content: Any, found: dict[str, None], counters: list[str]) -> Any:
    """Text, or parts of which some are text; the same object if there was nothing to take out."""
    if isinstance(content, str):
        return _settled_text(content, found, counters)
    if not isinstance(content, list):
        return content
    parts = []
    for part in content:
        text = part.get("text") if isinstance(part, Mapping) else None
        settled = _settled_text(text, found, counters) if isinstance(text, str) else text
        if settled is text:
            parts.append(part)
        elif settled:
            parts.append({**part, "text": settled})
    return content if list(map(id, parts)) == list(map(id, content)) else parts


def _settled_text(text: str, found: dict[str, None], counters: list[str]) -> str:
    if text.lstrip().startswith(BILLING):
        found["billing line"] = None
        text = text.lstrip().partition("\n")[2].lstrip("\n")
    if "<total_tokens>" in text and (counts := COUNTER.findall(text)):
        found["token counter"] = None
        counters += counts
        *before, last = COUNTER.split(text)
        text = ("".join(piece.rstrip() for piece in before) + last).rstrip()
    return text


def _append(messages: list[Message], counter: str) -> None:
    """Put the counter behind all that may be computed already: behind the last words that are not the assistant's."""
    place = len(messages) - 1
    while place > 0 and messages[place].get("role") == "assistant":
        place -= 1
    message = messages[place]
    content = message.get("content")
    if isinstance(content, list):
        content = [*content, {"type": "text", "text": counter}]
    else:
        content = f"{content}\n\n{counter}" if content else counter
    messages[place] = {**message, "content": content}
