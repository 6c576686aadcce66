"""The three endpoints that hold conversations: how each is asked, and what each has said, whole or streamed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic_core import from_json

CONVERSATIONS = ("/v1/chat/completions", "/v1/responses", "/v1/messages")


@dataclass
class Said:
    """The sum of an answer. ``calls``: name and arguments; ``ids``: theirs. ``order``: of Anthropic's blocks."""

    content: str = ""
    reasoning: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    ended: Any = None
    usage: Any = None


def asked(path: str) -> dict[str, Any]:
    """The least that the endpoint takes."""
    messages = [{"role": "user", "content": "Hi"}]
    if path == "/v1/responses":
        return {"model": "fake", "input": "Hi", "store": False}
    return {"model": "fake", "messages": messages, **({"max_tokens": 500} if path == "/v1/messages" else {})}


def tool(path: str, name: str) -> dict[str, Any]:
    """A function with the text ``a``."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    if path == "/v1/messages":
        return {"name": name, "input_schema": schema}
    function = {"name": name, "parameters": schema}
    return {"type": "function", **(function if path == "/v1/responses" else {"function": function})}


def said(path: str, answer: httpx.Response) -> Said:
    """What the answer says."""
    if answer.headers["content-type"].startswith("application/json"):
        return WHOLE[path](answer.json())
    return STREAMED[path](events_of(answer.text))


def events_of(text: str) -> list[dict[str, Any]]:
    """The data of all events; comments and the end are none."""
    data = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    return [json.loads(one) for one in data if one != "[DONE]"]


# -- Chat completions --------------------------------------------------------------------------------------------------


def chat_whole(body: dict[str, Any]) -> Said:
    (choice,) = body["choices"]
    message = choice["message"]
    assert message.get("reasoning") == message.get("reasoning_content")
    calls = message.get("tool_calls") or []
    return Said(
        message["content"] or "",
        message.get("reasoning") or "",
        [(call["function"]["name"], call["function"]["arguments"]) for call in calls],
        [call["id"] for call in calls],
        ended=choice["finish_reason"],
        usage=body["usage"],
    )


def chat_streamed(events: list[dict[str, Any]]) -> Said:
    found = Said()
    names: list[str] = []
    arguments: defaultdict[int, str] = defaultdict(str)
    for event in events:
        found.usage = event.get("usage") or found.usage
        for choice in event["choices"]:
            assert found.ended is None
            delta = choice["delta"]
            found.ended = choice["finish_reason"]
            found.content += delta.get("content") or ""
            assert delta.get("reasoning") == delta.get("reasoning_content")
            found.reasoning += delta.get("reasoning") or ""
            for call in delta.get("tool_calls", []):
                if "id" in call:
                    assert call["index"] == len(names)
                    names.append(call["function"]["name"])
                    found.ids.append(call["id"])
                arguments[call["index"]] += call["function"]["arguments"]
    found.calls = [(name, arguments[place]) for place, name in enumerate(names)]
    return found


# -- Responses ---------------------------------------------------------------------------------------------------------


def responses_whole(body: dict[str, Any]) -> Said:
    found = Said(ended=body["status"], usage=body["usage"])
    for item in body["output"]:
        texts = "".join(part["text"] for part in item.get("content", []))
        if item["type"] == "message":
            found.content += texts
        elif item["type"] == "reasoning":
            found.reasoning += texts
        else:
            found.calls.append((item["name"], item["arguments"]))
            found.ids.append(item["call_id"])
    return found


def responses_streamed(events: list[dict[str, Any]]) -> Said:
    """From the pieces alone; the last event, which has everything once more, must agree with them."""
    found = Said()
    names: list[str] = []
    arguments: defaultdict[str, str] = defaultdict(str)
    item_ids: list[str] = []
    for number, event in enumerate(events):
        assert event["sequence_number"] == number
        kind = event["type"].removeprefix("response.")
        if kind == "output_text.delta":
            found.content += event["delta"]
        elif kind == "reasoning_text.delta":
            found.reasoning += event["delta"]
        elif kind == "function_call_arguments.delta":
            arguments[event["item_id"]] += event["delta"]
        elif kind == "output_item.added" and event["item"]["type"] == "function_call":
            names.append(event["item"]["name"])
            found.ids.append(event["item"]["call_id"])
            item_ids.append(event["item"]["id"])
    found.calls = [(name, arguments[item]) for name, item in zip(names, item_ids, strict=True)]
    last = events[-1]["response"]
    found.ended, found.usage = last["status"], last["usage"]
    assert responses_whole(last) == found
    return found


# -- Messages ----------------------------------------------------------------------------------------------------------


def messages_whole(body: dict[str, Any]) -> Said:
    found = Said(ended=(body["stop_reason"], body["stop_sequence"]), usage=body["usage"])
    for block in body["content"]:
        found.order.append(block["type"])
        if block["type"] == "text":
            found.content += block["text"]
        elif block["type"] == "thinking":
            found.reasoning += block["thinking"]
        else:
            found.calls.append((block["name"], json.dumps(block["input"])))
            found.ids.append(block["id"])
    return found


def messages_streamed(events: list[dict[str, Any]]) -> Said:
    """The blocks as Anthropic's client puts them together."""
    assert [events[0]["type"], events[-1]["type"]] == ["message_start", "message_stop"]
    blocks: list[dict[str, Any]] = []
    texts: list[str] = []
    for event in events:
        if event["type"] == "content_block_start":
            assert event["index"] == len(blocks)
            blocks.append(dict(event["content_block"]))
            texts.append("")
        elif event["type"] == "content_block_delta":
            assert event["index"] == len(blocks) - 1
            delta = event["delta"]
            texts[-1] += delta.get("text") or delta.get("thinking") or delta.get("partial_json") or ""
    for block, text in zip(blocks, texts, strict=True):
        if block["type"] == "tool_use":
            block["input"] = arguments_of(text)
        else:
            block[block["type"]] = text
    (end,) = [event for event in events if event["type"] == "message_delta"]
    return messages_whole({"content": blocks, "usage": end["usage"], **end["delta"]})


def arguments_of(text: str) -> dict[str, Any]:
    """What Anthropic's client has read so far of arguments that come in pieces; it knows objects only."""
    try:
        value = from_json(text, allow_partial=True)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


WHOLE = dict(zip(CONVERSATIONS, (chat_whole, responses_whole, messages_whole), strict=True))
STREAMED = dict(zip(CONVERSATIONS, (chat_streamed, responses_streamed, messages_streamed), strict=True))
