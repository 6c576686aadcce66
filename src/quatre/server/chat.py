"""POST /v1/chat/completions: OpenAI's fields and vLLM's, and the two forms of the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from quatre.engine.request import MAX_LOGPROBS, SamplingParams, TokenLogprobs
from quatre.errors import RequestError
from quatre.llm.answer import Answer
from quatre.server.asking import Asking, while_connected
from quatre.server.fields import CompletionFields, Count, Fields, Label, Text, is_text, naming, only
from quatre.server.logprobs import chat_logprobs, prompt_logprobs
from quatre.server.reply import Head, usage_of
from quatre.server.service import Service, service_of
from quatre.server.stream import EventStream

router = APIRouter()

MOST_MESSAGES = 10_000


def _text_or_parts(content: Any) -> Any:
    """A string, or a list of ``{"type": "text", "text": …}``; anything else is refused by its place and type."""
    if is_text(content):
        return content
    if not isinstance(content, list):
        raise PydanticCustomError("invalid_type", "must be a string or a list of text parts")
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str):
            raise PydanticCustomError("invalid_type", "part {place} is not an object with a type", {"place": place})
        if kind != "text":
            raise PydanticCustomError(
                "unsupported_value",
                "part {place} is of type {kind}, but this server takes text only",
                {"place": place, "kind": repr(kind[:50])},
            )
        if not is_text(part.get("text")):
            raise PydanticCustomError("invalid_type", "part {place} has no text", {"place": place})
    return content


class ChatMessage(Fields):
    """One message of the conversation. The tokenizer decides which orders of roles it accepts."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[Any, AfterValidator(_text_or_parts)]
    name: Text | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    refusal: Annotated[Any, only()] = None
    audio: Annotated[Any, only()] = None
    tool_calls: Annotated[Any, only([])] = None
    tool_call_id: Annotated[Any, only()] = None
    function_call: Annotated[Any, only()] = None
    prefix: Annotated[Any, only(False)] = None

    def known(self) -> dict[str, Any]:
        """The message without fields that nobody has heard of; a template could otherwise read them."""
        role = "system" if self.role == "developer" else self.role  # OpenAI's newer word for the same
        fields = ("content", "name", "reasoning_content", "reasoning")
        return {"role": role, **{name: value for name in fields if (value := getattr(self, name)) is not None}}


class ChatCompletionRequest(CompletionFields):
    """The body of POST /v1/chat/completions."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES, fail_fast=True)]
    max_completion_tokens: Count | None = None
    reasoning_effort: Label | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None

    metadata: Annotated[Any, only({})] = None
    store: Annotated[Any, only(False)] = None
    service_tier: Annotated[Any, only("auto", "default")] = None
    prompt_cache_options: Annotated[Any, only({})] = None
    prompt_cache_retention: Annotated[Any, only()] = None
    moderation: Annotated[Any, only()] = None
    modalities: Annotated[Any, only(["text"])] = None
    audio: Annotated[Any, only()] = None
    prediction: Annotated[Any, only()] = None
    verbosity: Annotated[Any, only("medium")] = None
    web_search_options: Annotated[Any, only()] = None
    tools: Annotated[Any, only([])] = None
    tool_choice: Annotated[Any, only("none", "auto")] = None
    parallel_tool_calls: Annotated[Any, only(True, False)] = None  # without tools either is kept
    functions: Annotated[Any, only([])] = None
    function_call: Annotated[Any, only("none", "auto")] = None
    echo: Annotated[Any, only(False)] = None
    add_generation_prompt: Annotated[Any, only(True)] = None
    continue_final_message: Annotated[Any, only(False)] = None
    add_special_tokens: Annotated[Any, only(False)] = None
    include_reasoning: Annotated[Any, only(True)] = None
    documents: Annotated[Any, only([])] = None
    chat_template: Annotated[Any, only()] = None
    chat_template_kwargs: Annotated[Any, only({})] = None
    mm_processor_kwargs: Annotated[Any, only({})] = None
    media_io_kwargs: Annotated[Any, only({})] = None

    @property
    def reasons(self) -> bool:
        """Whether the answer may think before it speaks."""
        return self.reasoning_effort not in (None, "none", "minimal")

    def check(self) -> None:
        """As above, and how logprobs and the two names of the token limit go together."""
        super().check()
        if self.top_logprobs is not None and not self.logprobs:
            raise RequestError("top_logprobs needs logprobs to be true", param="top_logprobs")
        if self.top_logprobs is not None and not 0 <= self.top_logprobs <= MAX_LOGPROBS:
            raise RequestError(
                f"top_logprobs must be from 0 to {MAX_LOGPROBS}, got {self.top_logprobs}", param="top_logprobs"
            )
        if None not in (self.max_tokens, self.max_completion_tokens) and self.max_tokens != self.max_completion_tokens:
            raise RequestError(
                "max_tokens and max_completion_tokens differ; send one of them", param="max_completion_tokens"
            )

    def params(self) -> SamplingParams:
        """How to choose the tokens."""
        limit = self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens
        with naming({"max_tokens": "max_completion_tokens"} if self.max_tokens is None else {}):
            return self.sampling(max_tokens=limit, logprobs=(self.top_logprobs or 0) if self.logprobs else None)


@router.post("/v1/chat/completions")
async def chat_completions(body: ChatCompletionRequest, request: Request) -> Response:
    """The next assistant message of a conversation."""
    service = service_of(request)
    service.check_model(body.model)
    body.check()
    params = body.params()
    messages = [message.known() for message in body.messages]
    runtime = service.runtime
    with naming({"prompt": "messages"}):
        prompt = await service.in_prompt_thread(
            lambda: service.tokenizer.chat_prompt(messages, reasoning_effort=body.reasoning_effort)
        )
        constraint = await service.constraint(body, reasoning=body.reasons)
        asking = Asking(runtime, [runtime.request(prompt, params, constraint, **body.terms())], body.labels())
    reply = ChatReply(service, body, asking)
    if body.stream:
        return EventStream(asking, reply.chunks())
    with asking:
        await while_connected(request.receive, asking.finished())
        return JSONResponse(reply.whole())


class ChatReply:
    """The answer as OpenAI shapes it: whole, or in chunks."""

    def __init__(self, service: Service, body: ChatCompletionRequest, asking: Asking) -> None:
        self._service = service
        self._asking = asking
        self._logprobs = bool(body.logprobs)
        self._include_usage = body.include_usage
        kind = "chat.completion.chunk" if body.stream else "chat.completion"
        self._head = Head(f"chatcmpl-{asking.answers[0].request.id}", kind, body.model)

    def whole(self) -> dict[str, Any]:
        """The body of answers that were not streamed."""
        answers = self._asking.answers
        return self._head.around(
            [self._choice(answer) for answer in answers],
            usage=usage_of(self._asking.usage),
            prompt_logprobs=prompt_logprobs(answers[0].prompt_choices()),
        )

    def _choice(self, answer: Answer) -> dict[str, Any]:
        return {
            "index": answer.index,
            "message": {"role": "assistant", "content": answer.text, "refusal": None},
            "logprobs": self._logprobs_of(answer.logprobs),
            "finish_reason": answer.finish_reason,
            "stop_reason": answer.stop_reason,
        }

    async def chunks(self) -> AsyncIterator[dict[str, Any] | None]:
        """Of each answer first the role, then the text as it comes, then why it ended; last the usage if asked for."""
        for answer in self._asking.answers:
            yield self._chunk(answer.index, {"role": "assistant", "content": ""})
        async for step in self._asking.deltas(self._service.config.sse_keep_alive_interval):
            if step is None:
                yield None
                continue
            index, delta = step
            if delta.text or (self._logprobs and delta.logprobs):
                yield self._chunk(index, {"content": delta.text}, logprobs=self._logprobs_of(delta.logprobs))
            if delta.finish_reason is not None:
                reason = self._asking.answers[index].stop_reason
                yield self._chunk(index, {}, finish_reason=delta.finish_reason, stop_reason=reason)
        if self._include_usage:
            yield self._head.around([], usage=usage_of(self._asking.usage))

    def _chunk(self, index: int, delta: dict[str, str], **more: Any) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None, **more}
        return self._head.around([choice], **({"usage": None} if self._include_usage else {}))

    def _logprobs_of(self, entries: Sequence[TokenLogprobs]) -> dict[str, Any] | None:
        return chat_logprobs(entries, self._service.tokenizer) if self._logprobs else None
