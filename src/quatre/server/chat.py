"""POST /v1/chat/completions: OpenAI's fields, vLLM's and Mistral's."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from quatre.chat.effort import agreed, wishes_of_template
from quatre.chat.history import with_sound_calls, without_empty_answers
from quatre.chat.messages import read_messages
from quatre.chat.tokenizer import Message
from quatre.chat.tools import is_named, read_calls
from quatre.engine.request import MAX_LOGPROBS, SamplingParams
from quatre.errors import RequestError
from quatre.grammar.schema import plain_tools
from quatre.server.asking import while_connected
from quatre.server.chat_reply import ChatReply, Shown
from quatre.server.conversation import Conversation, ask, effort_of
from quatre.server.errors import OR_EVENTS
from quatre.server.fields import (
    LARGEST_COUNT,
    CompletionFields,
    Count,
    Fields,
    Label,
    Text,
    is_text,
    naming,
    only,
    places_of,
    placing,
)
from quatre.server.service import service_of
from quatre.server.stream import EventStream
from quatre.server.thinking import RoutedReasoning, Thinking

router = APIRouter()

MOST_MESSAGES = 10_000
MISTRALS_CLIENTS = ("mistralai", "mistral-client")
PARTS = ("text", "thinking", "image_url")


def _readable(content: Any) -> Any:
    """Text, or a list of parts; what this server cannot show to a model is refused by its place and type."""
    if content is None or is_text(content):
        return content
    if not isinstance(content, list):
        raise PydanticCustomError("invalid_type", "must be a string or a list of text parts")
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str):
            raise PydanticCustomError("invalid_type", "part {place} is not an object with a type", {"place": place})
        if kind not in PARTS:
            raise PydanticCustomError(
                "unsupported_value",
                "part {place} is of type {kind}, but this server takes text and image_url",
                {"place": place, "kind": repr(kind[:50])},
            )
        if kind == "text" and not is_text(part.get("text")):
            raise PydanticCustomError("invalid_type", "part {place} has no text", {"place": place})
    return content


class ChatMessage(Fields):
    """One message of the conversation; what it says is read by :mod:`quatre.chat.messages`."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[Any, AfterValidator(_readable)] = None
    name: Text | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    tool_calls: list[Any] | None = None
    tool_call_id: str | None = None
    prefix: bool | None = None
    refusal: Annotated[Any, only()] = None
    audio: Annotated[Any, only()] = None
    function_call: Annotated[Any, only()] = None

    def known(self) -> dict[str, Any]:
        """The message without fields that nobody has heard of; a template could otherwise read them."""
        fields = ("content", "name", "reasoning_content", "reasoning", "tool_calls", "tool_call_id", "prefix")
        role = "system" if self.role == "developer" else self.role  # OpenAI's newer word for the same
        return {"role": role, **{name: value for name in fields if (value := getattr(self, name)) is not None}}


class ChatCompletionRequest(CompletionFields):
    """The body of POST /v1/chat/completions."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES, fail_fast=True)]
    max_completion_tokens: Count | None = None
    reasoning_effort: Label | None = None
    prompt_mode: Literal["reasoning"] | None = None  # Mistral's word for a high effort
    chat_template_kwargs: dict[str, Any] | None = None  # of which only words for the effort are known
    enable_thinking: bool | None = None  # Qwen's word, beside chat_template_kwargs
    thinking: Thinking | None = None  # Anthropic's, which DeepSeek's and GLM's clients send here
    reasoning: RoutedReasoning | None = None
    thinking_token_budget: Annotated[int | None, Field(ge=0, le=LARGEST_COUNT)] = None
    include_reasoning: bool | None = None
    tools: list[Any] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    continue_final_message: bool | None = None
    add_generation_prompt: bool | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None

    metadata: Annotated[dict[Label, Label], Field(max_length=16)] | None = None  # goes to the log, as labels do
    store: Annotated[Any, only(False)] = None
    service_tier: Annotated[Any, only("auto", "default")] = None
    prompt_cache_options: Annotated[Any, only({})] = None
    prompt_cache_retention: Annotated[Any, only("in_memory")] = None
    moderation: Annotated[Any, only()] = None
    modalities: Annotated[Any, only(["text"])] = None
    audio: Annotated[Any, only()] = None
    prediction: Annotated[Any, only()] = None
    safe_prompt: Annotated[Any, only(False)] = None
    guardrails: Annotated[Any, only([])] = None
    verbosity: Annotated[Any, only("medium")] = None
    web_search_options: Annotated[Any, only()] = None
    functions: Annotated[Any, only([])] = None
    function_call: Annotated[Any, only("none", "auto")] = None
    echo: Annotated[Any, only(False)] = None
    add_special_tokens: Annotated[Any, only(False)] = None
    documents: Annotated[Any, only([])] = None
    chat_template: Annotated[Any, only()] = None
    mm_processor_kwargs: Annotated[Any, only({})] = None
    media_io_kwargs: Annotated[Any, only({})] = None

    def check(self) -> None:
        """As above, and which messages and fields go together."""
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
        if self.goes_on and self.add_generation_prompt:
            raise RequestError(
                "add_generation_prompt asks for a new message, but continue_final_message or prefix for the rest of "
                "the last one; send one of them",
                param="add_generation_prompt",
            )
        if self.add_generation_prompt is False and not self.goes_on:
            raise RequestError(
                "add_generation_prompt false needs continue_final_message true: a chat completion is an assistant's",
                param="add_generation_prompt",
            )
        if self.continue_final_message and self.messages[-1].role != "assistant":
            raise RequestError(
                "continue_final_message needs a last message of the assistant", param="continue_final_message"
            )
        messages, places = self.known_messages()
        with placing(places):
            with_sound_calls(read_messages(messages))

    def asked_effort(self) -> tuple[str, str] | None:
        """The field that says how much to think, and its word. RequestError if two contradict each other."""
        return agreed(
            [
                ("reasoning_effort", self.reasoning_effort),
                ("prompt_mode", True if self.prompt_mode else None),
                ("enable_thinking", self.enable_thinking),
                *(("thinking", wish) for wish in (self.thinking.wishes if self.thinking else ())),
                *(("reasoning", wish) for wish in (self.reasoning.wishes if self.reasoning else ())),
                *(("chat_template_kwargs", wish) for wish in wishes_of_template(self.chat_template_kwargs or {})),
            ]
        )

    def thinking_budget(self) -> tuple[str, int] | None:
        """The field that says how many tokens of reasoning there may be, and the number. RequestError if two differ."""
        given = [
            (field, budget)
            for field, budget in (
                ("thinking_token_budget", self.thinking_token_budget),
                ("thinking", self.thinking.budget_tokens if self.thinking else None),
                ("reasoning", self.reasoning.max_tokens if self.reasoning else None),
            )
            if budget is not None
        ]
        for field, budget in given:
            if budget != given[0][1]:
                raise RequestError(f"{given[0][0]} and {field} differ; send one of them", param=field)
        return given[0] if given else None

    @property
    def shows_reasoning(self) -> bool:
        """Whether the answer has what was thought."""
        left_out = self.include_reasoning is False or (self.reasoning is not None and self.reasoning.exclude)
        return not left_out and (self.thinking is None or self.thinking.shown)

    @property
    def goes_on(self) -> bool:
        """Whether the last message is to be continued, and not to be answered."""
        return bool(self.continue_final_message or self.messages[-1].prefix)

    def wants_whole_calls(self, is_mistrals: bool) -> bool:
        """Mistral's own clients cannot read a call in pieces; its own servers send each whole."""
        asked = self.stream_options.stream_tool_calls if self.stream_options else None
        return is_mistrals if asked is None else not asked

    def labels(self) -> dict[str, str]:
        """The caller's own marks on this request, for the log."""
        return {**super().labels(), **({"metadata": json.dumps(self.metadata)} if self.metadata else {})}

    def known_messages(self) -> tuple[list[Message], list[str]]:
        """The messages in the form that tokenizers take, and where each of them is."""
        messages = [message.known() for message in self.messages]
        if self.continue_final_message:
            messages[-1]["prefix"] = True
        return without_empty_answers(messages, places_of(messages))

    def conversation(self, effort: str | None) -> Conversation:
        """All that matters for the answer. ``effort`` is the model's word for how much to think."""
        tools = plain_tools(self.tools)
        parallel = self.parallel_tool_calls is not False
        calls = read_calls(tools, self.tool_choice, parallel=parallel)
        budget = self.thinking_budget()
        messages, places = self.known_messages()
        return Conversation(
            messages=messages,
            places=places,
            params=self.params(),
            tools=tools,
            calls=calls,
            effort=effort,
            structure_field=self.structure_field,
            thinking_budget=budget and budget[1],
            budget_field=budget[0] if budget else "thinking_token_budget",
            labels=self.labels(),
            terms=self.terms(),
        )

    def params(self) -> SamplingParams:
        """How to choose the tokens."""
        limit = self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens
        with naming({"max_tokens": "max_completion_tokens"} if self.max_tokens is None else {}):
            return self.sampling(max_tokens=limit, logprobs=(self.top_logprobs or 0) if self.logprobs else None)


@router.post("/v1/chat/completions", responses=OR_EVENTS)
async def chat_completions(body: ChatCompletionRequest, request: Request) -> Response:
    """The next assistant message of a conversation."""
    service = service_of(request)
    service.check_model(body.model)
    body.check()
    effort, headers = effort_of(service, body.asked_effort())
    asking = await while_connected(request.receive, ask(service, body.conversation(effort)))
    client = request.headers.get("user-agent", "")
    is_mistrals = any(name in client for name in MISTRALS_CLIENTS)
    shown = Shown(
        logprobs=bool(body.logprobs),
        reasoning=body.shows_reasoning,
        usage=service.shows_usage(body),
        continuous_usage=body.continuous_usage,
        named=is_named(body.tool_choice),
        whole_calls=body.wants_whole_calls(is_mistrals),
        thinking_parts=is_mistrals,
        token_ids=bool(body.return_token_ids),
    )
    reply = ChatReply(service, asking, body.model, shown, streams=bool(body.stream))
    if body.stream:
        return EventStream(asking, reply.chunks(), headers)
    with asking:
        await while_connected(request.receive, asking.finished())
        return JSONResponse(reply.whole(), headers=headers)
