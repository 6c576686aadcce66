"""POST /v1/messages and /v1/messages/count_tokens: Anthropic's API for its own clients."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from quatre.chat.effort import agreed
from quatre.chat.history import with_sound_calls
from quatre.chat.messages import read_messages
from quatre.chat.tools import read_calls
from quatre.engine.request import SamplingParams
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError
from quatre.grammar.schema import plain_tools
from quatre.server.anthropic_prompt import chat_choice, chat_messages, chat_tools
from quatre.server.anthropic_reply import AnthropicReply
from quatre.server.asking import while_connected
from quatre.server.conversation import Conversation, ask, effort_of, prompt_of
from quatre.server.errors import DOCUMENTED_ANTHROPIC, OR_EVENTS
from quatre.server.fields import CacheSalt, Count, Fields, Label, StopStrings, Text, naming, only, placing
from quatre.server.service import Service, service_of
from quatre.server.stream import NAMED_EVENTS, EventStream
from quatre.server.thinking import Thinking

router = APIRouter(responses=DOCUMENTED_ANTHROPIC)

MOST_MESSAGES = 10_000


class OutputConfig(Fields):
    """How much to think, and the JSON schema that the answer must satisfy."""

    effort: Label | None = None
    format: dict[str, Any] | None = None

    def structure(self) -> StructuredOutputsParams | None:
        """The form of the answer; None for free text."""
        if self.format is None:
            return None
        schema = self.format.get("schema")
        if self.format.get("type") != "json_schema" or not isinstance(schema, dict):
            raise RequestError(
                'output_config.format must be {"type": "json_schema", "schema": …}', param="output_config"
            )
        return StructuredOutputsParams(json=schema)


class Metadata(Fields):
    """``user_id`` goes to the log."""

    user_id: Text | None = None


ALL_THINKING = {"type": "clear_thinking_20251015", "keep": "all"}


class Prompt(Fields):
    """What counts as input. Marks for caching are not needed: whatever begins alike is shared."""

    model: str
    messages: Annotated[list[Any], Field(min_length=1, max_length=MOST_MESSAGES)]
    system: str | list[Any] | None = None
    tools: list[Any] | None = None
    tool_choice: dict[str, Any] | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    cache_control: dict[str, Any] | None = None

    context_management: Annotated[Any, only({}, {"edits": []}, {"edits": [ALL_THINKING]})] = None
    mcp_servers: Annotated[Any, only([])] = None
    container: Annotated[Any, only()] = None
    speed: Annotated[Any, only("standard")] = None
    user_profile_id: Annotated[Any, only()] = None
    workspace_id: Annotated[Any, only()] = None

    def effort(self, service: Service) -> tuple[str | None, dict[str, str]]:
        """The model's word for how much to think, and the header that tells it."""
        effort = self.output_config.effort if self.output_config else None
        if self.thinking is not None and self.thinking.type == "disabled":
            effort = None  # which Anthropic's clients mean for the whole answer, not for the thinking alone
        wishes = self.thinking.wishes if self.thinking else ()
        return effort_of(service, agreed([("output_config.effort", effort), *(("thinking", wish) for wish in wishes)]))

    def conversation(self, params: SamplingParams, effort: str | None, **more: Any) -> Conversation:
        """All that matters for the answer."""
        messages, places = chat_messages(self.system, self.messages)
        with placing(places):
            with_sound_calls(read_messages(messages))
        tools = plain_tools(chat_tools(self.tools))
        choice, parallel = chat_choice(self.tool_choice)
        calls = read_calls(tools, choice, parallel=parallel)
        return Conversation(
            messages=messages,
            params=params,
            tools=tools,
            calls=calls,
            effort=effort,
            structure_field="output_config",
            places=places,
            **more,
        )


class MessagesRequest(Prompt):
    """The body of POST /v1/messages."""

    max_tokens: Count
    stop_sequences: StopStrings | None = None
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: Count | None = None
    metadata: Metadata | None = None
    cache_salt: CacheSalt | None = None  # vLLM's
    service_tier: Annotated[Any, only("auto", "standard_only")] = None
    billing_policy: Annotated[Any, only()] = None
    compaction: Annotated[Any, only()] = None
    diagnostics: Annotated[Any, only()] = None
    fallback_credit_token: Annotated[Any, only()] = None
    fallbacks: Annotated[Any, only([])] = None
    inference_geo: Annotated[Any, only()] = None
    thread: Annotated[Any, only()] = None

    def params(self) -> SamplingParams:
        """How to choose the tokens."""
        chosen = {"temperature": self.temperature, "top_p": self.top_p, "top_k": self.top_k}
        given: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
        structure = self.output_config.structure() if self.output_config else None
        with naming({"stop": "stop_sequences", "structured_outputs": "output_config"}):
            return SamplingParams(
                max_tokens=self.max_tokens, stop=self.stop_sequences or (), structured_outputs=structure, **given
            )

    def labels(self) -> dict[str, str]:
        """The caller's own mark on this request, for the log."""
        user = self.metadata.user_id if self.metadata else None
        return {} if user is None else {"user": user[:200]}


@router.post("/v1/messages", responses=OR_EVENTS)
async def messages(body: MessagesRequest, request: Request) -> Response:
    """The next message of a conversation."""
    service = service_of(request)
    service.check_model(body.model)
    effort, headers = body.effort(service)
    budget = body.thinking.budget_tokens if body.thinking else None
    terms = body.model_dump(include={"cache_salt"}, exclude_none=True)
    conversation = body.conversation(
        body.params(), effort, thinking_budget=budget, budget_field="thinking", labels=body.labels(), terms=terms
    )
    asking = await while_connected(request.receive, ask(service, conversation))
    shows = body.thinking is None or body.thinking.shown
    reply = AnthropicReply(service, asking, body.model, thinking=shows)
    if body.stream:
        return EventStream(asking, reply.events(), headers, NAMED_EVENTS)
    with asking:
        return JSONResponse(await while_connected(request.receive, reply.whole()), headers=headers)


@router.post("/v1/messages/count_tokens")
async def count_tokens(body: Prompt, request: Request) -> dict[str, int]:
    """How long the prompt of these messages is."""
    service = service_of(request)
    service.check_model(body.model)
    effort, _ = body.effort(service)
    return {"input_tokens": len(await prompt_of(service, body.conversation(SamplingParams(), effort)))}
