"""What a client may ask about the server: models, health, version, metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from quatre import __version__
from quatre.server.errors import Failure
from quatre.server.service import Service, service_of

router = APIRouter()

ANTHROPIC = "anthropic-version"
"""A header that Anthropic's clients always send."""


@router.get("/v1/models")
async def models(request: Request) -> dict[str, Any]:
    """The names that ``model`` may have, and how many tokens a prompt and its answer may have together."""
    service = service_of(request)
    if ANTHROPIC in request.headers:
        names = service.names
        listed = [_anthropic_card(name, service) for name in names]
        return {"data": listed, "has_more": False, "first_id": names[0], "last_id": names[-1]}
    return {"object": "list", "data": [_card(name, service) for name in service.names]}


@router.get("/v1/models/{name:path}")
async def model(name: str, request: Request) -> dict[str, Any]:
    """One of them; 404 if it is not served."""
    service = service_of(request)
    service.check_model(name)
    return _anthropic_card(name, service) if ANTHROPIC in request.headers else _card(name, service)


def _card(name: str, service: Service) -> dict[str, Any]:
    """OpenAI's fields, vLLM's ``max_model_len``, and those without which Mistral's client reads no card."""
    markup, length = service.tokenizer.markup, service.runtime.engine.max_model_len
    return {
        "id": name,
        "object": "model",
        "created": service.started,
        "owned_by": "quatre",
        "max_model_len": length,
        "max_context_length": length,
        "type": "base",
        "capabilities": {
            "completion_chat": True,
            "completion_fim": service.fills_in,
            "function_calling": markup.knows_calls,
            "reasoning": markup.think is not None,
            "vision": service.runtime.engine.sees,
        },
    }


def _anthropic_card(name: str, service: Service) -> dict[str, Any]:
    """What Anthropic's own clients expect of a model, whose ``type`` is another one than for Mistral's."""
    length = service.runtime.engine.max_model_len
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "lifecycle": "active",
        "created_at": datetime.fromtimestamp(service.started, UTC).isoformat(),
        "max_input_tokens": length,
        "max_tokens": length,
    }


@router.get("/tokenizer_info")
async def tokenizer_info(request: Request) -> dict[str, Any]:
    """What evaluation harnesses ask of a tokenizer, in vLLM's form: its marks, its size and its chat template."""
    service = service_of(request)
    tokenizer = service.tokenizer
    bos, ends = tokenizer.bos_id, sorted(tokenizer.end_ids)
    return {
        "tokenizer_class": type(tokenizer).__name__,
        "vocab_size": tokenizer.vocab_size,
        "model_max_length": service.runtime.engine.max_model_len,
        "bos_token": None if bos is None else tokenizer.token_name(bos),
        "bos_token_id": bos,
        "eos_token": tokenizer.token_name(ends[0]) if ends else None,
        "eos_token_id": ends[0] if ends else None,
        "chat_template": tokenizer.template,
    }


@router.head("/health", include_in_schema=False)
@router.get("/health", response_class=Response)
async def health(request: Request) -> Response:
    """200 while tokens can be made; 503 while the model is loaded, while the server stops, and once the engine has."""
    if not service_of(request).runtime.engine.alive:
        return Failure(status=503, message="The engine has stopped; restart the server.", code="engine_dead").response()
    return Response()


@router.head("/version", include_in_schema=False)
@router.get("/version")
async def version() -> dict[str, str]:
    """The version of Quatre."""
    return {"version": __version__}


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Numbers for Prometheus, in its text format."""
    from quatre.server.metrics_page import CONTENT_TYPE_LATEST, page  # with prometheus_client, which starts nothing

    return Response(page(service_of(request).metrics), media_type=CONTENT_TYPE_LATEST)
