"""Anthropic's messages, tools and settings in OpenAI's form, which is what prompts are written from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quatre.chat.history import without_empty_answers
from quatre.chat.tokenizer import Message
from quatre.errors import RequestError

KINDS = {
    "user": ("text", "image", "tool_result"),
    "assistant": ("text", "thinking", "redacted_thinking", "tool_use"),
    "system": ("text",),
}


TOOL_FIELDS: dict[str, tuple[Any, ...]] = {
    "allowed_callers": ([], ["direct"]),
    "defer_loading": (False,),
    "input_examples": ([],),
}
"""Of Anthropic's tools, what cannot act here, and the values that change nothing."""


def chat_messages(system: Any, messages: Sequence[Any]) -> tuple[list[Message], list[str]]:
    """The messages, and where each of them was written, without those of the assistant that say nothing. A last one of
    the assistant's is one to go on with.

    RequestError names the message that cannot be read.
    """
    told: list[dict[str, Any]] = []
    places: list[str] = []
    if system is not None and (parts := _system(system)):
        told.append({"role": "system", "content": parts})
        places.append("system")
    for place, message in enumerate(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        if not isinstance(role, str) or role not in KINDS:
            raise _wrong(place, f"has the role {role!r:.50}; expected user or assistant")
        blocks = list(_blocks(message.get("content"), f"messages[{place}]", KINDS[role]))
        told += _turns(role, blocks, place)
        places += [f"messages[{place}]"] * (len(told) - len(places))
    if told and told[-1]["role"] == "assistant":
        told[-1]["prefix"] = True
    return without_empty_answers(told, places)


def _system(system: Any) -> list[dict[str, Any]]:
    return [_text(block) for block in _blocks(system, "system", KINDS["system"])]


def _blocks(content: Any, where: str, kinds: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, str):
        yield {"type": "text", "text": content}
        return
    if not isinstance(content, list):
        raise RequestError(f"{where}: content must be text or a list of blocks", param=where)
    for place, block in enumerate(content):
        kind = block.get("type") if isinstance(block, Mapping) else None
        if kind not in kinds:
            raise RequestError(
                f"{where}.content[{place}] is of type {kind!r:.50}; this server takes {', '.join(kinds)} there",
                param=where,
            )
        if kind == "text" and not isinstance(block.get("text"), str):
            raise RequestError(f"{where}.content[{place}] has no text", param=where)
        yield block


def _turns(role: str, blocks: Sequence[Mapping[str, Any]], place: int) -> Iterator[dict[str, Any]]:
    """The results of tools are messages of their own, in front of what the user says."""
    if role != "assistant":
        results = [block for block in blocks if block["type"] == "tool_result"]
        parts = [_part(block, place) for block in blocks if block["type"] != "tool_result"]
        yield from (_result(block, place) for block in results)
        if parts or not results:
            yield {"role": role, "content": parts}
        return
    parts = [_text(block) for block in blocks if block["type"] == "text"]
    thinking = [
        {"type": "thinking", "thinking": block.get("thinking")} for block in blocks if block["type"] == "thinking"
    ]
    calls = [_call(block, place) for block in blocks if block["type"] == "tool_use"]
    yield {"role": role, "content": [*thinking, *parts], **({"tool_calls": calls} if calls else {})}


def _text(block: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": block["text"]}


def _part(block: Mapping[str, Any], place: int) -> dict[str, Any]:
    return _image(block, place) if block["type"] == "image" else _text(block)


def _image(block: Mapping[str, Any], place: int) -> dict[str, Any]:
    source = block.get("source")
    if block.get("transformations"):
        raise _wrong(place, "has an image with transformations, which are not supported here")
    match dict(source) if isinstance(source, Mapping) else {}:
        case {"type": "base64", "media_type": str(kind), "data": str(data)}:
            url = f"data:{kind};base64,{data}"
        case {"type": "url", "url": str(url)}:
            pass
        case _:
            raise _wrong(place, 'has an image whose source is neither {"type": "base64", …} nor {"type": "url", …}')
    return {"type": "image_url", "image_url": {"url": url}}


def _result(block: Mapping[str, Any], place: int) -> dict[str, Any]:
    content = block.get("content")
    parts = [] if content is None else _blocks(content, f"messages[{place}]", ("text", "image"))
    failed = [{"type": "text", "text": "Error: "}] if block.get("is_error") else []  # the model has no mark for it
    said = [*failed, *(_part(part, place) for part in parts)]
    return {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": said}


def _call(block: Mapping[str, Any], place: int) -> dict[str, Any]:
    name, arguments = block.get("name"), block.get("input")
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        raise _wrong(place, "has a tool_use without a name, or whose input is no object")
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return {"id": block.get("id"), "type": "function", "function": function}


def chat_tools(tools: Sequence[Any] | None) -> list[dict[str, Any]] | None:
    """Functions of the client's. Anthropic's own tools, which run on its servers, are refused."""
    return None if tools is None else [_tool(place, tool) for place, tool in enumerate(tools)]


def _tool(place: int, tool: Any) -> dict[str, Any]:
    if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
        raise RequestError(f"tools[{place}] has no name", param="tools")
    if tool.get("type") not in (None, "custom"):
        raise RequestError(
            f"tools[{place}] is of type {tool['type']!r:.50}, which this server does not have", param="tools"
        )
    for field, neutral in TOOL_FIELDS.items():
        if tool.get(field) not in (None, *neutral):
            raise RequestError(f"tools[{place}].{field} is not supported here; leave it out", param="tools")
    function = {"name": tool["name"], "description": tool.get("description") or ""}
    function |= {"parameters": tool.get("input_schema") or {}, "strict": tool.get("strict")}
    return {"type": "function", "function": function}


def chat_choice(choice: Mapping[str, Any] | None) -> tuple[Any, bool]:
    """OpenAI's ``tool_choice`` and ``parallel_tool_calls``."""
    if choice is None:
        return None, True
    kind, parallel = choice.get("type"), not choice.get("disable_parallel_tool_use")
    if kind in ("auto", "any", "none"):
        return kind, parallel
    if kind == "tool":
        return {"type": "function", "function": {"name": choice.get("name")}}, parallel
    raise RequestError(f"tool_choice.type must be auto, any, tool or none, got {kind!r:.50}", param="tool_choice")


def _wrong(place: int, what: str) -> RequestError:
    return RequestError(f"messages[{place}] {what}", param="messages")
