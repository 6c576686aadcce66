"""The input of a response as the items that clients list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from quatre.errors import RequestError

PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc", "function_call_output": "fco"}


def with_referenced(given: str | Sequence[Any], known: Callable[[], Mapping[str, Any]]) -> str | list[Any]:
    """The input with the items that it refers to by their ids (``item_reference``), looked up among those ``known``.

    RequestError names the reference that leads nowhere.
    """
    if isinstance(given, str):
        return given
    listed: list[Any] = list(given)
    items = dict(known()) if any(map(_is_reference, listed)) else {}
    return [_found(items, item.get("id"), place) if _is_reference(item) else item for place, item in enumerate(listed)]


def _found(items: dict[str, Any], name: Any, place: int) -> Any:
    """Takes it out: an item that could be had again and again would make a long prompt of a short request."""
    found = items.pop(name, None) if isinstance(name, str) else None
    if found is None:
        raise RequestError(
            f"input[{place}] refers to the item {name!r:.100}, which is not known, or was referred to before; items "
            "are known while their response is stored",
            param="input",
            code="item_not_found",
        )
    return found


def _is_reference(item: Any) -> bool:
    """OpenAI's type may be left out, or null."""
    if not isinstance(item, Mapping):
        return False
    return item.get("type") == "item_reference" or (item.get("type") is None and set(item) - {"type"} == {"id"})


def input_items(given: str | Sequence[Any], key: str) -> list[dict[str, Any]]:
    """Each with an id and a type; texts of messages are lists of parts. ``given`` has been read without an error.

    ``key`` makes ids unlike those of other responses.
    """
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    return [_item(item, f"{key}_in{place}") for place, item in enumerate(items)]


def _item(item: Mapping[str, Any], mark: str) -> dict[str, Any]:
    kind = item.get("type") or "message"
    name = item.get("id")
    whole = {**item, "id": name if name and isinstance(name, str) else f"{PREFIXES[kind]}_{mark}", "type": kind}
    whole["status"] = item.get("status") or "completed"
    content = item.get("content")
    if kind == "message" and isinstance(content, str):
        part = "output_text" if item.get("role") == "assistant" else "input_text"
        whole["content"] = [{"type": part, "text": content, **({"annotations": []} if part == "output_text" else {})}]
    return whole
