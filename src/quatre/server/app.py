"""The ASGI app: endpoints, middleware, and the end of the engine with the end of the server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from quatre import __version__
from quatre.errors import OverloadedError, QuatreError
from quatre.llm.runtime import Runtime
from quatre.server import (
    anthropic,
    api_page,
    batch_endpoints,
    chat,
    completions,
    files,
    fim,
    info,
    playground,
    responses,
    tokens,
)
from quatre.server.batches import Batches
from quatre.server.depth import BodyDepth
from quatre.server.errors import DOCUMENTED, failure_of
from quatre.server.hosts import KnownHosts
from quatre.server.middleware import PUBLIC_PATHS, ApiKey, BodyLimit, OneSpelling, RequestIds
from quatre.server.service import ServerConfig, Service, service_of
from quatre.server.traces import TraceParents

log = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST = 499  # nobody reads it; it is for the access log


def create_app(runtime: Runtime, config: ServerConfig | None = None, *, local_as: str | None = None) -> FastAPI:
    """The server over an open runtime, which it closes when it ends.

    ``local_as``: where it listens if only this machine can reach it there, see :meth:`.ServerConfig.known_hosts`.
    """
    service = Service(runtime, config or ServerConfig())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.prepare()
        if app.state.batches is not None:
            app.state.batches.start()
        yield
        if app.state.batches is not None:
            await app.state.batches.stop()
        service.close()

    app = FastAPI(
        title="Quatre",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=DOCUMENTED,
    )
    app.state.service = service
    app.state.batches = Batches(app, service.config.files_dir) if service.config.files_dir else None
    for endpoints in (chat, completions, fim, responses, anthropic, files, batch_endpoints, tokens, info, api_page):
        app.include_router(endpoints.router)
    public = PUBLIC_PATHS
    if service.config.playground:
        app.include_router(playground.router())
        public |= playground.PUBLIC_PATHS
    for kind in (QuatreError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer_failure)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_middleware(BodyDepth)  # the last one added is the first to see a request
    app.add_middleware(BodyLimit, limit=service.config.max_request_bytes)
    if service.config.api_key:
        app.add_middleware(ApiKey, keys=service.config.api_key, public=public)
    if service.config.allowed_origins:  # outside the door: browsers ask without a key whether they may ask
        origins = list(service.config.allowed_origins)
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    hosts = service.config.known_hosts(local_as)
    if hosts is not None:
        app.add_middleware(KnownHosts, hosts=hosts)
    if service.traces is not None:
        app.add_middleware(TraceParents)
    app.add_middleware(OneSpelling)  # before all that compare paths
    app.add_middleware(RequestIds)
    return app


async def _answer_failure(request: Request, error: Exception) -> Response:
    failure = failure_of(error)
    if isinstance(error, OverloadedError):
        service_of(request).metrics.rejected += 1
    if failure.status >= 500:
        log.error("%s: %s", type(error).__name__, error)
    return failure.response(request.url.path)


async def _answer_nobody(_: Request, error: Exception) -> Response:
    log.debug("a client left before its answer: %r", error)
    return Response(status_code=CLIENT_CLOSED_REQUEST)
