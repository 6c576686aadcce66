"""One streamed request, and the clock beside it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import httpx

from quatre.bench.workload import Ask

MOST_CHARACTERS = 300  # of a server's error that is shown


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where requests go, and what all of them say. ``chat`` sends messages instead of a prompt."""

    url: str
    model: str
    chat: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def body(self, ask: Ask) -> dict[str, Any]:
        """The request that is sent."""
        limit = {"max_completion_tokens" if self.chat else "max_tokens": ask.output_len}
        options = {"stream": True, "stream_options": {"include_usage": True}, **limit, **self.extra_body}
        if not self.chat:
            return {"model": self.model, "prompt": ask.prompt, **options}
        messages = [{"role": "user", "content": ask.prompt}] if isinstance(ask.prompt, str) else ask.prompt
        return {"model": self.model, "messages": messages, **options}


@dataclass(kw_only=True)
class Timing:
    """What one request met. Seconds; ``began`` on the clock of the whole run.

    ``ttft``: from sending to the first text. ``itl``: the gaps between pieces of text. ``latency``: from sending to the
    end. Tokens as the server counted them, or pieces if it does not count. ``error``: why it failed, if it did.
    """

    began: float
    ttft: float | None = None
    itl: list[float] = field(default_factory=list)
    latency: float = 0.0
    prompt_tokens: int = 0
    output_tokens: int = 0
    error: str | None = None

    @property
    def tpot(self) -> float | None:
        """Seconds per token after the first; None if there was no second."""
        if self.ttft is None or self.output_tokens < 2:
            return None
        return (self.latency - self.ttft) / (self.output_tokens - 1)


async def send(client: httpx.AsyncClient, target: Target, ask: Ask, start: float) -> Timing:
    """Ask, read the answer to its end, and say how it went; a failure is part of that. ``start``: the run's zero."""
    began = perf_counter()
    timing = Timing(began=began - start)
    try:
        async with client.stream("POST", target.url, json=target.body(ask), headers=target.headers) as response:
            if response.status_code == 200:
                await _read(_events(response), timing, began)
            else:
                text = (await response.aread()).decode(errors="replace")
                timing.error = f"{response.status_code}: {_message(text)}"
    except httpx.HTTPError as error:
        timing.error = f"{type(error).__name__}: {error}"
    timing.latency = perf_counter() - began
    return timing


async def _read(events: AsyncIterator[bytes], timing: Timing, began: float) -> None:
    last, pieces, complete = began, 0, False
    async for event in events:
        if event == b"[DONE]":
            complete = True
            continue
        now = perf_counter()
        try:
            data = json.loads(event)
        except ValueError:
            data = None
        if not isinstance(data, dict) or data.get("error"):
            timing.error = _message(event.decode(errors="replace"))
            return
        if usage := data.get("usage"):
            timing.prompt_tokens = usage.get("prompt_tokens") or 0
            timing.output_tokens = usage.get("completion_tokens") or 0
        if any(_has_text(choice) for choice in data.get("choices") or ()):
            pieces += 1
            if timing.ttft is None:
                timing.ttft = now - began
            else:
                timing.itl.append(now - last)
            last = now
    timing.output_tokens = timing.output_tokens or pieces
    if not complete:
        timing.error = "the stream ended without [DONE]"
    elif timing.ttft is None:
        timing.error = "the answer had no text"


def _has_text(choice: Mapping[str, Any]) -> bool:
    delta = choice.get("delta") or choice
    return any(delta.get(name) for name in ("text", "content", "reasoning_content", "reasoning", "tool_calls"))


async def _events(response: httpx.Response) -> AsyncIterator[bytes]:
    """What follows ``data:`` in each event."""
    rest = b""
    async for block in response.aiter_bytes():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()


def _message(text: str) -> str:
    """The sentence in an OpenAI error, or the beginning of whatever it is."""
    with suppress(ValueError, KeyError, TypeError):
        text = json.loads(text)["error"]["message"]
    return str(text)[:MOST_CHARACTERS]
