"""A conversation that wants its next message, whichever endpoint it came through → the answers while they grow."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quatre.chat.messages import read_messages, without_images
from quatre.chat.steady import steady, without_cache_marks
from quatre.chat.tokenizer import Message
from quatre.chat.tools import Calls
from quatre.engine.constraint import Constraint
from quatre.engine.request import SamplingParams
from quatre.llm.turn import Turn, check_freedom, turn_of
from quatre.server.asking import Asking
from quatre.server.fields import naming, placing
from quatre.server.service import Service

log = logging.getLogger(__name__)

EFFORT_HEADER = "x-quatre-reasoning-effort"


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """``messages`` and ``tools`` in OpenAI's form. ``calls``: which tools may be called; None for none.

    ``effort``: the word of the model, see :meth:`effort_of`. ``structure_field``: how the caller's field for
    ``params.structured_outputs`` is called. ``places``: where the client wrote each message, for errors.
    ``thinking_budget``: most tokens of reasoning, by the caller's ``budget_field``. ``labels`` go to the log, ``terms``
    to the engine.
    """

    messages: Sequence[Mapping[str, Any]]
    params: SamplingParams
    tools: Sequence[Mapping[str, Any]] | None = None
    calls: Calls | None = None
    effort: str | None = None
    structure_field: str | None = None
    places: Sequence[str] = ()
    thinking_budget: int | None = None
    budget_field: str = "thinking_token_budget"
    labels: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)


def effort_of(service: Service, asked: tuple[str, str] | None) -> tuple[str | None, dict[str, str]]:
    """The model's word for a reasoning effort, and a header that tells it if it is another one.

    ``asked``: the client's field and word, see :func:`.effort.agreed`.
    """
    efforts = service.config.efforts
    field, word = asked or ("reasoning_effort", efforts.default)
    with naming({"reasoning_effort": field}):
        effort = efforts.effort(word, service.tokenizer.efforts)
    if asked is None or word == effort:
        return effort, {}
    if word not in service.efforts_told:
        service.efforts_told.add(word)
        log.info("reasoning_effort %s means %s for this model; this is said once", word, effort)
    return effort, {EFFORT_HEADER: str(effort)}


async def prompt_of(service: Service, conversation: Conversation) -> list[int]:
    """The tokens of the prompt. RequestError if the model cannot be asked so."""
    messages = _steady_messages(service, conversation.messages)
    tools = without_cache_marks(conversation.tools)
    with naming({"prompt": "messages"}), placing(conversation.places):
        if service.runtime.engine.sees:
            messages = await service.with_pictures(messages)
        else:
            without_images(read_messages(messages))  # before anything is fetched for a model that cannot see it
        return await service.in_prompt_thread(
            lambda: service.tokenizer.chat_prompt(messages, tools=tools, reasoning_effort=conversation.effort)
        )


def _steady_messages(service: Service, messages: Sequence[Message]) -> Sequence[Message]:
    """The messages without what agents change in them at every turn, if the server is to take it out."""
    if not service.config.normalize_agent_prompts:
        return messages
    settled, found = steady(messages)
    for what in set(found) - service.changes_told:
        service.changes_told.add(what)
        log.info(
            "an agent's system prompt has a %s that changes with each request; it is kept out of the beginning of "
            "prompts, so that they stay in the cache (--no-normalize-agent-prompts leaves it); this is said once",
            what,
        )
    return settled


async def ask(service: Service, conversation: Conversation) -> Asking:
    """Have the conversation answered. RequestError says what cannot be had."""
    prompt = await prompt_of(service, conversation)
    turn = turn_of(service.runtime, prompt, conversation.calls, conversation.effort)
    constraint = await _constraint(service, conversation, turn)
    with naming({"prompt": "messages", "images": "messages"}):
        request = service.runtime.request(
            prompt,
            conversation.params,
            constraint,
            never=turn.never,
            **service.terms(conversation.terms),
        )
        asking = Asking(service.runtime, [request], conversation.labels, turn.form)
    service.partings.meet(request)
    return asking


async def _constraint(service: Service, conversation: Conversation, turn: Turn) -> Constraint | None:
    """What rules the answer, if anything does. Nobody else waits for the compiler."""
    params, budget = conversation.params, conversation.thinking_budget
    constraint = None
    if conversation.calls is not None or budget is not None:
        check_freedom(params, "tools" if conversation.calls is not None else conversation.budget_field)
    if turn.is_ruled(params):
        with naming({"structured_outputs": conversation.structure_field or "structured_outputs"}):
            asker, asked = service.asker(conversation.terms), params.structured_outputs
            constraint = await service.forms.constraint(asked, thinking=turn.thinking, calls=turn.calls, asker=asker)
    if budget is None:
        return constraint
    with naming({"thinking_token_budget": conversation.budget_field}):
        return service.runtime.thinking_budget(constraint, budget, is_open=turn.thinking == "open")
