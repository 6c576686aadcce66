"""POST /v1/responses: OpenAI's newer API, with items instead of messages and with conversations that are remembered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from time import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from quatre.chat.effort import agreed
from quatre.chat.history import with_sound_calls, without_empty_answers
from quatre.chat.messages import read_messages
from quatre.chat.tools import read_calls
from quatre.engine.request import MAX_LOGPROBS, FinishReason, SamplingParams
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import QuatreError, RequestError
from quatre.grammar.schema import plain_tools
from quatre.llm.answer import Delta
from quatre.server.asking import Asking, while_connected
from quatre.server.conversation import Conversation, ask, effort_of
from quatre.server.errors import OR_EVENTS, failure_of
from quatre.server.fields import CommonFields, Count, Fields, Label, naming, only, placing
from quatre.server.logprobs import chat_logprobs
from quatre.server.paging import page
from quatre.server.responses_items import input_items, with_referenced
from quatre.server.responses_output import Event, Output
from quatre.server.responses_prompt import chat_messages, chat_tools
from quatre.server.service import Service, service_of
from quatre.server.stream import NAMED_EVENTS, EventStream

router = APIRouter()


class Reasoning(Fields):
    """How much to think. There are no summaries: the reasoning itself is sent."""

    effort: Label | None = None
    summary: Annotated[Any, only("auto")] = None
    generate_summary: Annotated[Any, only("auto")] = None
    mode: Annotated[Any, only()] = None
    context: Annotated[Any, only()] = None


class TextOptions(Fields):
    """The form of the answer."""

    format: dict[str, Any] | None = None
    verbosity: Annotated[Any, only("medium")] = None

    def structure(self) -> StructuredOutputsParams | None:
        """None for free text."""
        kind = (self.format or {}).get("type", "text")
        if kind == "text":
            return None
        if kind == "json_object":
            return StructuredOutputsParams(json_object=True)
        schema = (self.format or {}).get("schema")
        if kind != "json_schema" or not isinstance(schema, dict):
            raise RequestError(
                'text.format must be {"type": "json_schema", "name": …, "schema": …} or of type text or json_object',
                param="text",
            )
        return StructuredOutputsParams(json=schema)


class ResponsesRequest(CommonFields):
    """The body of POST /v1/responses: OpenAI's fields, and those of vLLM that choose tokens."""

    model: str
    input: Annotated[str | list[Any], Field(min_length=1, max_length=1 << 24)]
    instructions: str | None = None
    previous_response_id: Label | None = None
    store: bool | None = None
    stream: bool | None = None
    max_output_tokens: Count | None = None
    reasoning: Reasoning | None = None
    text: TextOptions | None = None
    structured_outputs: dict[str, Any] | None = None  # vLLM's
    tools: list[Any] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    # Reasoning goes out in the open, so there is nothing to encrypt; agents ask for it all the same.
    include: list[Literal["reasoning.encrypted_content", "message.output_text.logprobs"]] | None = None
    top_logprobs: Annotated[int | None, Field(ge=0, le=MAX_LOGPROBS)] = None
    metadata: dict[str, str] | None = None

    access_programs: Annotated[Any, only()] = None
    background: Annotated[Any, only(False)] = None
    background_options: Annotated[Any, only()] = None
    context_management: Annotated[Any, only([])] = None
    conversation: Annotated[Any, only()] = None
    image: Annotated[Any, only()] = None
    max_tool_calls: Annotated[Any, only()] = None
    moderation: Annotated[Any, only()] = None
    prompt: Annotated[Any, only()] = None
    prompt_cache_options: Annotated[Any, only({})] = None
    prompt_cache_retention: Annotated[Any, only("in_memory")] = None
    return_token_ids: Annotated[Any, only(False)] = None
    service_tier: Annotated[Any, only("auto", "default")] = None
    stream_options: Annotated[Any, only({}, {"include_obfuscation": False})] = None
    truncation: Annotated[Any, only("disabled")] = None

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, data: Any) -> Any:
        """Much of a request is sent back, and half of a surrogate pair cannot be."""
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise PydanticCustomError("invalid_type", "must be valid Unicode text") from error
        return data

    @property
    def structure_field(self) -> str:
        """The field that says which form the answer must have."""
        return "text" if self.structured_outputs is None else "structured_outputs"

    def params(self) -> SamplingParams:
        """How to choose the tokens."""
        with naming({"max_tokens": "max_output_tokens", "structured_outputs": self.structure_field}):
            structure = self.text.structure() if self.text else None
            if self.structured_outputs is not None:
                if structure is not None:
                    raise RequestError("text and structured_outputs each ask for a form; send one", param="text")
                structure = StructuredOutputsParams.of(self.structured_outputs)
            return SamplingParams(
                structured_outputs=structure,
                max_tokens=self.max_output_tokens,
                logprobs=(self.top_logprobs or 0) if self.wants_logprobs else None,
                **self.chosen(),
            )

    @property
    def wants_logprobs(self) -> bool:
        """Whether the text of messages comes with the probabilities of its tokens."""
        return bool(self.top_logprobs) or "message.output_text.logprobs" in (self.include or ())

    def answered(self, messages: list[dict[str, Any]], places: Sequence[str], effort: str | None) -> Conversation:
        """All that matters for the answer. ``messages``: the conversation without the instructions, from ``places``."""
        told = [{"role": "system", "content": self.instructions}] if self.instructions else []
        said, places = without_empty_answers([*told, *messages], [*["instructions"] * len(told), *places])
        with naming({"messages": "input"}), placing(places):
            with_sound_calls(read_messages(said))
        tools = plain_tools(chat_tools(self.tools))
        calls = read_calls(tools, self.tool_choice, parallel=self.parallel_tool_calls is not False)
        return Conversation(
            messages=said,
            params=self.params(),
            tools=tools,
            calls=calls,
            effort=effort,
            structure_field=self.structure_field,
            places=places,
            labels=self.labels(),
            terms=self.terms(),
        )


@router.post("/v1/responses", responses=OR_EVENTS)
async def responses(body: ResponsesRequest, request: Request) -> Response:
    """The model's response to some input, and to what was said before."""
    service = service_of(request)
    service.check_model(body.model)
    given = with_referenced(body.input, service.responses.items)
    messages, places = chat_messages(given)
    items: list[dict[str, Any]] = []
    if body.previous_response_id is not None:
        earlier = service.responses.find(body.previous_response_id, "previous_response_id")
        messages = earlier.messages + messages
        places = ["previous_response_id"] * len(earlier.messages) + places
        items = [*earlier.items, *earlier.body["output"]]
    asked = body.reasoning.effort if body.reasoning else None
    effort, headers = effort_of(service, agreed([("reasoning.effort", asked)]))
    with naming({"messages": "input"}):
        asking = await while_connected(request.receive, ask(service, body.answered(messages, places, effort)))
    reply = ResponsesReply(service, asking, body, messages, [*items, *input_items(given, asking.answers[0].request.id)])
    if body.stream:
        return EventStream(asking, reply.events(), headers, NAMED_EVENTS)
    with asking:
        return JSONResponse(await while_connected(request.receive, reply.whole()), headers=headers)


@router.get("/v1/responses/{response_id}")
async def response(response_id: str, request: Request, stream: bool | None = None) -> dict[str, Any]:
    """A response that was stored, as a whole."""
    if stream:
        raise RequestError("stream: a response that was stored is not streamed again; leave it out", param="stream")
    return service_of(request).responses.find(response_id).body


@router.get("/v1/responses/{response_id}/input_items")
async def items_of(
    response_id: str,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: str | None = None,
) -> dict[str, Any]:
    """What a response that was stored answered: its input, and the conversation before, the newest first."""
    items = service_of(request).responses.find(response_id).items
    return page(items if order == "asc" else items[::-1], limit, after)


@router.delete("/v1/responses/{response_id}")
async def forget(response_id: str, request: Request) -> dict[str, Any]:
    """Forget a response that was stored."""
    service_of(request).responses.forget(response_id)
    return {"id": response_id, "object": "response", "deleted": True}


class ResponsesReply:
    """The one answer of ``asking``, whole or as events; both are made of the same items.

    ``messages``, and the same as ``items``: what is answered, with the conversation before, without the instructions.
    """

    def __init__(
        self,
        service: Service,
        asking: Asking,
        body: ResponsesRequest,
        messages: list[dict[str, Any]],
        items: list[dict[str, Any]],
    ) -> None:
        self._service = service
        self._asking = asking
        self._body = body
        self._messages = messages
        self._items = items
        (self._answer,) = asking.answers
        self._output = Output(self._answer.request.id)
        self._created = int(time())

    async def whole(self) -> dict[str, Any]:
        """The response, complete."""
        async for step in self._asking.deltas():
            if step is not None:
                self._add(step[1])
        self._output.close(self._status)
        return self._kept()

    async def events(self) -> AsyncIterator[dict[str, Any] | None]:
        """Everything that happens, numbered."""
        number = 0
        async for event in self._unnumbered():
            yield None if event is None else {**event, "sequence_number": number}
            number += event is not None

    async def _unnumbered(self) -> AsyncIterator[dict[str, Any] | None]:
        for name in ("created", "in_progress"):
            yield {"type": f"response.{name}", "response": self._response("in_progress")}
        try:
            async for step in self._asking.deltas(self._service.config.sse_keep_alive_interval):
                for event in [None] if step is None else self._add(step[1]):
                    yield event
        except QuatreError as error:
            failed = {"code": "server_error", "message": failure_of(error).message}
            yield {"type": "response.failed", "response": {**self._response("failed"), "error": failed}}
            return
        for event in self._output.close(self._status):
            yield event
        yield {"type": f"response.{self._status}", "response": self._kept()}

    def _add(self, delta: Delta) -> list[Event]:
        tokenizer = self._service.tokenizer
        texts = [entry for entry in delta.logprobs if tokenizer.token_bytes(entry.token)]  # marks are no text
        return self._output.add(delta.pieces, chat_logprobs(texts, tokenizer)["content"])

    @property
    def _status(self) -> str:
        return "incomplete" if self._answer.finish_reason is FinishReason.LENGTH else "completed"

    def _kept(self) -> dict[str, Any]:
        """The finished response, which is stored unless the client does not want it."""
        body = self._response(self._status)
        if self._body.store is not False:
            messages = [*self._messages, *chat_messages(self._output.items)[0]]
            self._service.responses.keep(body, messages, self._items)
        return body

    def _response(self, status: str) -> dict[str, Any]:
        body, done = self._body, status in ("completed", "incomplete")
        settings = body.model_dump(
            include={
                *("instructions", "previous_response_id", "max_output_tokens", "temperature", "top_p", "reasoning"),
                *("text", "metadata", "user", "safety_identifier", "prompt_cache_key", "top_logprobs"),
            }
        )
        return {
            **settings,
            "id": f"resp_{self._answer.request.id}",
            "object": "response",
            "created_at": self._created,
            "completed_at": int(time()) if done else None,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "model": body.model,
            "output": [dict(item) for item in self._output.items] if done else [],
            "parallel_tool_calls": body.parallel_tool_calls is not False,
            "tool_choice": body.tool_choice or "auto",
            "tools": body.tools or [],
            "store": body.store is not False,
            "truncation": "disabled",
            "usage": self._usage() if done else None,
        }

    def _usage(self) -> dict[str, Any]:
        usage = self._asking.usage
        return {
            "input_tokens": usage.prompt_tokens,
            # Nothing is written to a cache that anybody pays for; clients read the field all the same.
            "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": usage.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
            "total_tokens": usage.total_tokens,
        }
