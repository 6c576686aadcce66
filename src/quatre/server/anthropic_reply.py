"""The answer to a conversation as Anthropic shapes it: whole, or as events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from pydantic_core import from_json

from quatre.chat.reply import Piece
from quatre.engine.request import FinishReason
from quatre.llm.answer import Answer, Delta
from quatre.server.asking import Asking
from quatre.server.service import Service

BLOCK_OF = {"content": "text", "reasoning": "thinking", "call": "tool_use", "arguments": "tool_use"}
EMPTY: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}


class AnthropicReply:
    """The one answer of ``asking``. ``thinking``: whether to show what was thought."""

    def __init__(self, service: Service, asking: Asking, model: str, *, thinking: bool = True) -> None:
        self._service = service
        self._asking = asking
        self._model = model
        self._thinking = thinking
        (self._answer,) = asking.answers
        self._block = -1  # index of the block that is open, or was last
        self._open: str | None = None

    async def whole(self) -> dict[str, Any]:
        """The body of an answer that is not streamed: the blocks that its events would tell of."""
        blocks: list[dict[str, Any]] = []
        texts: list[list[str]] = []
        async for step in self._asking.deltas():
            for piece in self._shown(step[1]) if step is not None else ():
                if self._begins(piece):
                    blocks.append(_begun(piece))
                    texts.append([])
                if piece.kind != "call":
                    texts[-1].append(piece.text)
        content = [_filled(block, "".join(text)) for block, text in zip(blocks, texts, strict=True)]
        return {**self._head(content), **_ending(self._answer), "usage": self._usage()}

    async def events(self) -> AsyncIterator[dict[str, Any] | None]:
        """The message begins; block after block begins, grows and stops; the message ends."""
        start = {**self._head([]), "stop_reason": None, "stop_sequence": None, "usage": self._usage()}
        yield {"type": "message_start", "message": start}
        async for step in self._asking.deltas(self._service.config.sse_keep_alive_interval):
            if step is None:
                yield {"type": "ping"}
                continue
            for piece in self._shown(step[1]):
                for event in self._piece(piece):
                    yield event
        if self._open is not None:
            yield self._end()
        yield {"type": "message_delta", "delta": _ending(self._answer), "usage": self._usage()}
        yield {"type": "message_stop"}

    def _shown(self, delta: Delta) -> Iterator[Piece]:
        return (piece for piece in delta.pieces if self._thinking or piece.kind != "reasoning")

    def _begins(self, piece: Piece) -> bool:
        """Whether the piece is the first of a block, which is open from then on."""
        kind, before = BLOCK_OF[piece.kind], self._open
        self._open = kind
        return piece.kind == "call" or kind != before

    def _piece(self, piece: Piece) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        was_open = self._open is not None
        if self._begins(piece):
            events += [self._end()] if was_open else []
            self._block += 1
            events.append({"type": "content_block_start", "index": self._block, "content_block": _begun(piece)})
        if piece.kind != "call":
            events.append({"type": "content_block_delta", "index": self._block, "delta": _delta(piece)})
        return events

    def _end(self) -> dict[str, Any]:
        return {"type": "content_block_stop", "index": self._block}

    def _head(self, content: list[dict[str, Any]]) -> dict[str, Any]:
        head = {"id": f"msg_{self._answer.request.id}", "type": "message", "role": "assistant"}
        return {**head, "model": self._model, "content": content}

    def _usage(self) -> dict[str, Any]:
        """What was found in the cache is no input, says Anthropic."""
        usage = self._asking.usage
        return {
            "input_tokens": usage.prompt_tokens - usage.cached_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.cached_tokens,
            "output_tokens": usage.completion_tokens,
        }


def _delta(piece: Piece) -> dict[str, Any]:
    if piece.kind == "content":
        return {"type": "text_delta", "text": piece.text}
    if piece.kind == "reasoning":
        return {"type": "thinking_delta", "thinking": piece.text}
    return {"type": "input_json_delta", "partial_json": piece.text}


def _ending(answer: Answer) -> dict[str, Any]:
    is_word = isinstance(answer.stop_reason, str)
    return {"stop_reason": _stop_reason(answer), "stop_sequence": answer.stop_reason if is_word else None}


def _stop_reason(answer: Answer) -> str:
    if answer.finish_reason is FinishReason.LENGTH:
        limit = answer.request.params.max_tokens
        used_up = limit is not None and len(answer.token_ids) >= limit
        return "max_tokens" if used_up else "model_context_window_exceeded"
    if isinstance(answer.stop_reason, str):
        return "stop_sequence"
    return "tool_use" if answer.reply.calls else "end_turn"


def _begun(piece: Piece) -> dict[str, Any]:
    """The block that begins with this piece, empty."""
    if BLOCK_OF[piece.kind] == "tool_use":
        return {"type": "tool_use", "id": piece.id, "name": piece.text, "input": {}}
    return dict(EMPTY[BLOCK_OF[piece.kind]])


def _filled(block: dict[str, Any], text: str) -> dict[str, Any]:
    if block["type"] == "tool_use":
        return {**block, "input": _object(text)}
    return {**block, block["type"]: text}


def _object(arguments: str) -> dict[str, Any]:
    """Arguments that were cut off are no JSON: of them what is complete, as Anthropic's client reads a stream."""
    try:
        value = from_json(arguments, allow_partial=True)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
