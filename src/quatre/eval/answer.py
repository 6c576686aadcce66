"""One request, sent and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx

from quatre.eval.cases import Case

CONNECT_S = 30
MOST_CHARACTERS = 300  # of a server's error that is shown


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. ``calls`` are (name, arguments as JSON text). ``error``: why nothing did.

    Tokens as the server counts them; ``reasoning_tokens`` are among ``completion_tokens``.
    """

    content: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    finish_reason: str = ""
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    seconds: float = 0.0
    error: str | None = None


def body(case: Case, model: str, effort: str, max_tokens: int, *, constrained: bool) -> dict[str, Any]:
    """The request. ``constrained``: the server is to see to the form of calls or JSON."""
    asked: dict[str, Any] = {
        "model": model,
        "messages": list(case.messages),
        "temperature": 0,
        "max_completion_tokens": max_tokens,
        "reasoning_effort": effort,
    }
    if case.tools:
        asked["tools"] = [_strict(tool) for tool in case.tools] if constrained else list(case.tools)
    if constrained and case.tools and case.response_format is None:
        asked["tool_choice"] = "required"
    if constrained and case.response_format is not None:
        asked["response_format"] = case.response_format
    return asked


def _strict(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {**tool, "function": {**tool["function"], "strict": True}}


async def ask(client: httpx.AsyncClient, url: str, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    """Send and wait, however long it takes; a failure is an answer with an error."""
    began = perf_counter()
    try:
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        response = await client.post(url, json=asked, headers=headers, timeout=timeout)
    except httpx.HTTPError as error:
        return Answer(error=f"{type(error).__name__}: {error}", seconds=perf_counter() - began)
    seconds = perf_counter() - began
    if response.status_code != 200:
        return Answer(error=f"{response.status_code}: {_message(response.text)}", seconds=seconds)
    try:
        return _read(response.json(), seconds)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Answer(error=f"no chat completion: {response.text[:MOST_CHARACTERS]}", seconds=seconds)


def _read(data: Mapping[str, Any], seconds: float) -> Answer:
    choice = data["choices"][0]
    message = choice["message"]
    usage = data.get("usage") or {}
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return Answer(
        content=message.get("content") or "",
        reasoning=message.get("reasoning_content") or message.get("reasoning") or "",
        calls=tuple((str(call["name"]), str(call["arguments"])) for call in calls),
        finish_reason=choice.get("finish_reason") or "",
        completion_tokens=usage.get("completion_tokens") or 0,
        reasoning_tokens=(usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0,
        seconds=seconds,
    )


def _message(text: str) -> str:
    """The sentence in an OpenAI error, or the beginning of whatever it is."""
    with suppress(ValueError, LookupError, TypeError):
        text = json.loads(text)["error"]["message"]
    return str(text)[:MOST_CHARACTERS]
