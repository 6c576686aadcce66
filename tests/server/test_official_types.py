"""What is answered has the types of the official clients, which check nothing and then lack fields or read none."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from anthropic.types import Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent
from mistralai.client import models as mistral
from openai.types import Completion, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter
from shapes import asked, events_of, tool

from marked import MarkedEngine

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
MISTRALS = {"user-agent": "mistral-client-python/3"}
SAID = '[THINK]so[/THINK]é ok[TOOL_CALLS]f[ARGS]{"a": "x"}'


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


LOGPROBS: dict[str, dict[str, Any]] = {
    CHAT: {"logprobs": True, "top_logprobs": 2},
    RESPONSES: {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
    MESSAGES: {},
}


@pytest.mark.parametrize("more", [{}, {"tools": True}, {"logprobs": True}, {"short": True}])
@pytest.mark.parametrize(
    ("path", "whole", "event", "headers"),
    [
        (CHAT, ChatCompletion, ChatCompletionChunk, {}),
        (CHAT, mistral.ChatCompletionResponse, mistral.CompletionChunk, MISTRALS),
        (RESPONSES, Response, ResponseStreamEvent, {}),
        (MESSAGES, Message, RawMessageStreamEvent, {}),
    ],
)
def test_answers(
    http: httpx.Client, engine: MarkedEngine, path: str, whole: Any, event: Any, headers: Any, more: dict[str, bool]
) -> None:
    engine.say(SAID if "tools" in more else "[THINK]so[/THINK]é ok")
    body = {**asked(path), **({"tools": [tool(path, "f")]} if "tools" in more else {})}
    if "logprobs" in more:
        body |= LOGPROBS[path]
    if "short" in more:
        body["max_output_tokens" if path == RESPONSES else "max_tokens"] = 2
    TypeAdapter(whole).validate_python(http.post(path, json=body, headers=headers).json())
    events = events_of(http.post(path, json={**body, "stream": True}, headers=headers).text)
    assert events
    for one in events:
        TypeAdapter(event).validate_python(one)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/completions", {"prompt": "a", "logprobs": 1}, Completion),
        ("/v1/fim/completions", {"prompt": "a", "suffix": "b"}, mistral.FIMCompletionResponse),
        ("/v1/messages/count_tokens", {"messages": [{"role": "user", "content": "a"}]}, MessageTokensCount),
    ],
)
def test_other_answers(http: httpx.Client, engine: MarkedEngine, path: str, body: dict[str, Any], kind: Any) -> None:
    engine.say("ok")
    TypeAdapter(kind).validate_python(http.post(path, json={"model": "fake", **body}).json())


@pytest.mark.parametrize(
    ("headers", "kind"), [({}, Model), ({}, mistral.BaseModelCard), ({"anthropic-version": "2023-06-01"}, ModelInfo)]
)
def test_cards(http: httpx.Client, headers: dict[str, str], kind: Any) -> None:
    (card,) = http.get("/v1/models", headers=headers).json()["data"]
    TypeAdapter(kind).validate_python(card)
