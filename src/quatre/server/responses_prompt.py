"""The items and settings of OpenAI's Responses API as messages and tools of a chat completion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quatre.errors import RequestError

TEXTS = ("input_text", "output_text", "text", "reasoning_text", "summary_text")


def chat_messages(given: str | Sequence[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The messages, and where each of them begins. What the assistant thought, said and called in a row is one.

    RequestError names the item that cannot be read.
    """
    if isinstance(given, str):
        return [{"role": "user", "content": given}], ["input"]
    messages: list[dict[str, Any]] = []
    places: list[str] = []
    for place, item in enumerate(given):
        if not isinstance(item, Mapping):
            raise _wrong(place, "is no object")
        _add(messages, item, place)
        places += [f"input[{place}]"] * (len(messages) - len(places))
    return messages, places


def _add(messages: list[dict[str, Any]], item: Mapping[str, Any], place: int) -> None:
    kind = item.get("type") or "message"
    if kind == "message":
        content = list(_parts(item.get("content"), place))
        if item.get("role") == "assistant":
            _assistant(messages, after=("reasoning",))["content"] = content
        else:
            messages.append({"role": item.get("role"), "content": content})
    elif kind == "reasoning":
        parts = [*_parts(item.get("content") or item.get("summary") or [], place)]
        message = _assistant(messages, after=())
        message["reasoning"] = "\n".join(part["text"] for part in parts if part["type"] == "text")
    elif kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        message = _assistant(messages, after=("reasoning", "content", "tool_calls"))
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        message.setdefault("tool_calls", []).append(call)
    elif kind == "function_call_output":
        content = list(_parts(item.get("output"), place))
        messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": content})
    else:
        raise _wrong(place, f"is of type {kind!r:.50}; known are message, reasoning, function_call and its output")


def _assistant(messages: list[dict[str, Any]], after: Sequence[str]) -> dict[str, Any]:
    """The last message, if it is the assistant's and has nothing but these fields; else a new one."""
    last = messages[-1] if messages else {}
    if last.get("role") != "assistant" or not after or not set(last) - {"role"} <= set(after):
        messages.append({"role": "assistant"})
    return messages[-1]


def _parts(content: Any, place: int) -> Iterator[dict[str, Any]]:
    if isinstance(content, str):
        yield {"type": "text", "text": content}
        return
    if not isinstance(content, list):
        raise _wrong(place, "has content that is neither text nor a list of parts")
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind in TEXTS and isinstance(part.get("text"), str):
            yield {"type": "text", "text": part["text"]}
        elif kind == "input_image" and isinstance(part.get("image_url"), str):
            yield {"type": "image_url", "image_url": {"url": part["image_url"], "detail": part.get("detail")}}
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            yield {"type": "text", "text": part["refusal"]}
        else:
            raise _wrong(place, f"has a part of type {kind!r:.50} that this server cannot read")


def chat_tools(tools: Sequence[Any] | None) -> list[dict[str, Any]] | None:
    """Functions, whose fields stand one level deeper in chat completions. Hosted and freeform tools are refused."""
    return None if tools is None else [_tool(place, tool) for place, tool in enumerate(tools)]


def _tool(place: int, tool: Any) -> dict[str, Any]:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    if kind != "function":
        raise RequestError(f"tools[{place}] is of type {kind!r:.50}; this server calls functions only", param="tools")
    fields = ("name", "description", "parameters", "strict")
    return {"type": "function", "function": {name: tool[name] for name in fields if tool.get(name) is not None}}


def _wrong(place: int, what: str) -> RequestError:
    return RequestError(f"input[{place}] {what}", param="input")
