"""The input of a response as the items that clients list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc", "function_call_output": "fco"}


def input_items(given: str | Sequence[Any], response_id: str) -> list[dict[str, Any]]:
    """Each with an id and a type; texts of messages are lists of parts. ``given`` has been read without an error."""
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    return [_item(item, f"{response_id.removeprefix('resp_')}_{place}") for place, item in enumerate(items)]


def _item(item: Mapping[str, Any], mark: str) -> dict[str, Any]:
    kind = item.get("type") or "message"
    whole = {**item, "id": item.get("id") or f"{PREFIXES[kind]}_{mark}", "type": kind}
    whole["status"] = item.get("status") or "completed"
    content = item.get("content")
    if kind == "message" and isinstance(content, str):
        part = "output_text" if item.get("role") == "assistant" else "input_text"
        whole["content"] = [{"type": part, "text": content, **({"annotations": []} if part == "output_text" else {})}]
    return whole
