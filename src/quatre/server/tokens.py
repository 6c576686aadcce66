"""POST /tokenize and /detokenize, in vLLM's form."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from quatre.chat.effort import agreed
from quatre.chat.history import with_sound_calls, without_empty_answers
from quatre.chat.messages import read_messages
from quatre.chat.tools import read_calls
from quatre.engine.request import SamplingParams
from quatre.errors import RequestError
from quatre.grammar.schema import plain_tools
from quatre.server.chat import ChatMessage
from quatre.server.conversation import Conversation, effort_of, prompt_of
from quatre.server.fields import LARGEST_COUNT, Fields, Label, Text, only, places_of, placing
from quatre.server.service import Service, service_of

router = APIRouter()

MOST_TOKENS = 1 << 20


class TokenizeRequest(Fields):
    """A ``prompt``, or ``messages`` as a chat completion has them."""

    model: str | None = None
    prompt: Text | None = None
    messages: Annotated[list[ChatMessage] | None, Field(min_length=1, max_length=10_000, fail_fast=True)] = None
    tools: list[Any] | None = None
    reasoning_effort: Label | None = None
    add_special_tokens: bool | None = None
    return_token_strs: bool | None = None
    add_generation_prompt: Annotated[Any, only(True)] = None
    continue_final_message: Annotated[Any, only(False)] = None
    chat_template: Annotated[Any, only()] = None
    chat_template_kwargs: Annotated[Any, only({})] = None

    async def ids(self, service: Service) -> list[int]:
        """The tokens of the text, or of the prompt that the messages make."""
        if (self.prompt is None) == (self.messages is None):
            raise RequestError("send either prompt or messages", param="prompt")
        self._check()
        if self.messages is not None:
            known = [message.known() for message in self.messages]
            messages, places = without_empty_answers(known, places_of(known))
            if self.add_generation_prompt and self.messages[-1].prefix:
                raise RequestError(
                    "add_generation_prompt asks for a new message, but prefix for the rest of the last one",
                    param="add_generation_prompt",
                )
            with placing(places):
                with_sound_calls(read_messages(messages))
            tools = plain_tools(self.tools)
            read_calls(tools, None)
            effort, _ = effort_of(service, agreed([("reasoning_effort", self.reasoning_effort)]))
            params = SamplingParams()
            conversation = Conversation(messages=messages, places=places, params=params, tools=tools, effort=effort)
            return await prompt_of(service, conversation)
        prompt, bos = self.prompt or "", self.add_special_tokens is not False
        return await service.in_prompt_thread(lambda: service.tokenizer.encode(prompt, bos=bos))

    def _check(self) -> None:
        """Each form has fields that mean nothing to the other."""
        if self.messages is None:
            for name in ("tools", "reasoning_effort"):
                if getattr(self, name):
                    raise RequestError(f"{name} needs messages; a prompt of text has none", param=name)
        elif self.add_special_tokens:
            raise RequestError(
                "add_special_tokens needs a prompt of text; that of messages has its own", param="add_special_tokens"
            )


class DetokenizeRequest(Fields):
    """Token ids."""

    model: str | None = None
    tokens: Annotated[
        list[Annotated[int, Field(ge=0, le=LARGEST_COUNT)]], Field(max_length=MOST_TOKENS, fail_fast=True)
    ]


@router.post("/tokenize")
async def tokenize(body: TokenizeRequest, request: Request) -> dict[str, Any]:
    """The token ids, how many they are, and how many a prompt and its answer may have together."""
    service = service_of(request)
    if body.model is not None:
        service.check_model(body.model)
    ids = await body.ids(service)
    names = [service.tokenizer.token_name(token) for token in ids] if body.return_token_strs else None
    limit = service.runtime.engine.max_model_len
    return {"count": len(ids), "max_model_len": limit, "tokens": list(ids), "token_strs": names}


@router.post("/detokenize")
async def detokenize(body: DetokenizeRequest, request: Request) -> dict[str, str]:
    """The text of the tokens; control tokens are none."""
    service = service_of(request)
    if body.model is not None:
        service.check_model(body.model)
    size = service.tokenizer.vocab_size
    if any(token >= size for token in body.tokens):
        raise RequestError(f"tokens has {max(body.tokens)}, but the vocabulary ends at {size - 1}", param="tokens")
    return {"prompt": service.tokenizer.decode(body.tokens)}
