"""What a client may ask about the server: models, health, version, metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from quatre import __version__
from quatre.server.errors import Failure
from quatre.server.service import Service, service_of

router = APIRouter()


@router.get("/v1/models")
async def models(request: Request) -> dict[str, Any]:
    """The names that ``model`` may have, and how many tokens a prompt and its answer may have together."""
    service = service_of(request)
    return {"object": "list", "data": [_card(name, service) for name in service.names]}


@router.get("/v1/models/{name:path}")
async def model(name: str, request: Request) -> dict[str, Any]:
    """One of them; 404 if it is not served."""
    service = service_of(request)
    service.check_model(name)
    return _card(name, service)


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
            "function_calling": markup.knows_calls,
            "reasoning": markup.think is not None,
            "vision": service.runtime.engine.sees,
        },
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
