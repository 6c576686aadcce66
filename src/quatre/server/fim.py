"""POST /v1/fim/completions, Mistral's: what stands between a prompt and its suffix, for editors."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from quatre.server.asking import Asking, while_connected
from quatre.server.chat_reply import ChatReply, Shown
from quatre.server.errors import OR_EVENTS
from quatre.server.fields import CompletionFields, Label, Text, naming, only
from quatre.server.service import service_of
from quatre.server.stream import EventStream

router = APIRouter()

LIKE_A_CHAT = {"logprobs": False, "reasoning": False, "named": False, "whole_calls": False}


class FimRequest(CompletionFields):
    """The body of POST /v1/fim/completions."""

    prompt: Text
    suffix: Text | None = None
    metadata: Annotated[dict[Label, Label], Field(max_length=16)] | None = None
    logprobs: Annotated[Any, only(False, 0)] = None
    echo: Annotated[Any, only(False)] = None

    def labels(self) -> dict[str, str]:
        """The caller's own marks on this request, for the log."""
        return {**super().labels(), **({"metadata": json.dumps(self.metadata)} if self.metadata else {})}


@router.post("/v1/fim/completions", responses=OR_EVENTS)
async def fim_completions(body: FimRequest, request: Request) -> Response:
    """The text in the middle, in the form of a chat completion, as Mistral's clients expect it."""
    service = service_of(request)
    service.check_model(body.model)
    body.check()
    params = body.sampling(max_tokens=body.max_tokens, logprobs=None)
    with naming({"suffix": "model"}):  # without a suffix too, this endpoint needs a model that can
        prompt = await service.in_prompt_thread(lambda: service.tokenizer.fim_prompt(body.prompt, body.suffix or ""))
    constraint = await while_connected(request.receive, service.constraint(body))
    one = service.runtime.request(prompt, params, constraint, **service.terms(body.terms()))
    asking = Asking(service.runtime, [one], body.labels())
    shown = Shown(
        usage=service.shows_usage(body),
        continuous_usage=body.continuous_usage,
        token_ids=bool(body.return_token_ids),
        **LIKE_A_CHAT,
    )
    reply = ChatReply(service, asking, body.model, shown, streams=bool(body.stream))
    if body.stream:
        return EventStream(asking, reply.chunks())
    with asking:
        await while_connected(request.receive, asking.finished())
        return JSONResponse(reply.whole())
