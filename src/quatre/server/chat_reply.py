"""The answer to a conversation as OpenAI shapes it: whole, or in chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from quatre.chat.reply import Piece, ToolCall
from quatre.engine.request import FinishReason, TokenLogprobs
from quatre.llm.answer import Answer, Delta
from quatre.server.asking import Asking
from quatre.server.logprobs import chat_logprobs, prompt_logprobs
from quatre.server.reply import Head, usage_of
from quatre.server.service import Service


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the client wants to see. ``named``: it chose the function itself, so that a call is no news to it.

    ``whole_calls``: a stream has each tool call in one piece. ``thinking_parts``: reasoning is a part of the content,
    which is where Mistral's own clients look for it, and the only place.
    """

    logprobs: bool
    reasoning: bool
    usage: bool
    continuous_usage: bool = False
    named: bool
    whole_calls: bool
    thinking_parts: bool = False
    token_ids: bool = False


class ChatReply:
    """The answers of ``asking``. Reasoning goes out under both names that servers use."""

    def __init__(self, service: Service, asking: Asking, model: str, shown: Shown, *, streams: bool) -> None:
        self._service = service
        self._asking = asking
        self._shown = shown
        kind = "chat.completion.chunk" if streams else "chat.completion"
        self._head = Head(f"chatcmpl-{asking.answers[0].request.id}", kind, model)

    def whole(self) -> dict[str, Any]:
        """The body of answers that were not streamed."""
        answers = self._asking.answers
        return self._head.around(
            [self._choice(answer) for answer in answers],
            usage=usage_of(self._asking.usage),
            prompt_logprobs=prompt_logprobs(answers[0].prompt_choices()),
            **self._prompt_ids,
        )

    def _choice(self, answer: Answer) -> dict[str, Any]:
        reply = answer.reply
        calls = [_call(call) for call in reply.calls]
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if calls and not reply.content else reply.content,
            "refusal": None,
        }
        if reply.reasoning and self._shown.reasoning:
            message |= self._reasoning(reply.reasoning)
            if self._shown.thinking_parts and reply.content:
                message["content"].append({"type": "text", "text": reply.content})
        if calls:
            message["tool_calls"] = calls
        return {
            "index": answer.index,
            "message": message,
            "logprobs": self._logprobs_of(answer.logprobs),
            "finish_reason": self._finish_reason(answer),
            "stop_reason": answer.stop_reason,
            **self._ids(answer.token_ids),
        }

    @property
    def _prompt_ids(self) -> dict[str, Any]:
        return {"prompt_token_ids": list(self._asking.answers[0].request.prompt)} if self._shown.token_ids else {}

    def _ids(self, tokens: Sequence[int]) -> dict[str, Any]:
        return {"token_ids": list(tokens)} if self._shown.token_ids else {}

    def _finish_reason(self, answer: Answer) -> str | None:
        called = bool(answer.reply.calls) and answer.finish_reason is FinishReason.STOP
        return "tool_calls" if called and not self._shown.named else answer.finish_reason

    async def chunks(self) -> AsyncIterator[dict[str, Any] | None]:
        """Of each answer first the role, then the pieces as they come, then why it ended; last the usage if asked."""
        for answer in self._asking.answers:
            yield {**self._chunk(answer.index, {"role": "assistant", "content": ""}), **self._prompt_ids}
        async for step in self._asking.deltas(self._service.config.sse_keep_alive_interval):
            if step is None:
                yield None
                continue
            index, delta = step
            for chunk in self._pieces(index, delta):
                yield chunk
            if delta.finish_reason is not None:
                answer = self._asking.answers[index]
                if self._shown.whole_calls and answer.reply.calls:
                    calls = [{"index": place, **_call(call)} for place, call in enumerate(answer.reply.calls)]
                    yield self._chunk(index, {"tool_calls": calls})
                reason = self._finish_reason(answer)
                yield self._chunk(index, {}, finish_reason=reason, stop_reason=answer.stop_reason)
        if self._shown.usage:
            yield self._head.around([], usage=usage_of(self._asking.usage))

    def _pieces(self, index: int, delta: Delta) -> list[dict[str, Any]]:
        """A chunk for each piece; ids and probabilities of all tokens come with the first."""
        shown = [self._delta(piece) for piece in delta.pieces if self._shows(piece)]
        if not shown and delta.tokens and (self._shown.logprobs or self._shown.token_ids):
            shown = [{"content": ""}]
        chunks = [self._chunk(index, fields) for fields in shown]
        if chunks:
            first = chunks[0]["choices"][0]
            first |= {"logprobs": self._logprobs_of(delta.logprobs), **self._ids(delta.tokens)}
        return chunks

    def _shows(self, piece: Piece) -> bool:
        if piece.kind == "reasoning":
            return self._shown.reasoning
        return piece.kind == "content" or not self._shown.whole_calls

    def _chunk(self, index: int, delta: dict[str, Any], **more: Any) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None, **more}
        if not self._shown.usage:
            return self._head.around([choice])
        usage = usage_of(self._asking.usage) if self._shown.continuous_usage else None
        return self._head.around([choice], usage=usage)

    def _logprobs_of(self, entries: Sequence[TokenLogprobs]) -> dict[str, Any] | None:
        return chat_logprobs(entries, self._service.tokenizer) if self._shown.logprobs else None

    def _reasoning(self, text: str) -> dict[str, Any]:
        if self._shown.thinking_parts:
            return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}
        return {"reasoning_content": text, "reasoning": text}

    def _delta(self, piece: Piece) -> dict[str, Any]:
        """A call's id, type and name come once; clients would overwrite them with what comes later."""
        if piece.kind == "content":
            return {"content": piece.text}
        if piece.kind == "reasoning":
            return self._reasoning(piece.text)
        if piece.kind == "arguments":
            return {"tool_calls": [{"index": piece.index, "function": {"arguments": piece.text}}]}
        return {"tool_calls": [{"index": piece.index, **_call(ToolCall(piece.id, piece.text, ""))}]}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
