"""OpenTelemetry: one span per prompt that is answered, with the names that vLLM gives to its numbers, and no words.

The packages are an extra, ``quatre[otel]``; without ``--otlp-traces-endpoint`` nobody looks for them.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter, time_ns
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from quatre import __version__
from quatre.engine.request import Event, FinishReason, Request
from quatre.errors import ConfigError
from quatre.llm.answer import Answer
from quatre.llm.runtime import Runtime, Watcher
from quatre.server.logs import REQUEST_ID

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

EXPORT_S = 5.0
FAILURES = (FinishReason.ERROR, FinishReason.TIMEOUT)

_parent: ContextVar[dict[str, str] | None] = ContextVar("trace_parent", default=None)


class TraceParents:
    """Remembers which trace the present request belongs to (W3C's ``traceparent``). Plain ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            _parent.set({name: headers[name] for name in ("traceparent", "tracestate") if name in headers})
        await self.app(scope, receive, send)


class Traces:
    """Watches a runtime's requests beside whoever watches them already, and sends their spans to an endpoint.

    ConfigError if the packages are missing. ``exporter`` is another one only in tests.
    """

    def __init__(self, runtime: Runtime, model: str, endpoint: str, exporter: SpanExporter | None = None) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise ConfigError("otlp_traces_endpoint needs OpenTelemetry: pip install 'quatre[otel]'") from error
        self._model = model
        self._before = runtime.observer
        self._provider = TracerProvider(resource=Resource.create({"service.name": "quatre"}))
        exporter = exporter or OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("quatre", __version__)
        runtime.observer = self.watch

    def watch(self, request: Request) -> Watcher:
        """What to call with each event of the request, which begins now."""
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        before = None if self._before is None else self._before(request)
        params = request.params
        asked: dict[str, str | int | float] = {
            "gen_ai.response.model": self._model,
            "gen_ai.request.id": REQUEST_ID.get() or request.id,
            "gen_ai.request.n": params.n,
            "gen_ai.request.temperature": params.temperature,
            "gen_ai.request.top_p": params.top_p,
            "gen_ai.usage.prompt_tokens": len(request.prompt),
            **({} if params.max_tokens is None else {"gen_ai.request.max_tokens": params.max_tokens}),
        }
        span = self._tracer.start_span(
            "llm_request",
            TraceContextTextMapPropagator().extract(_parent.get() or {}),
            SpanKind.SERVER,
            asked,
            start_time=time_ns(),
        )
        began = perf_counter()
        reasons: dict[int, str] = {}
        tokens = 0

        def watch(answer: Answer, event: Event) -> None:
            nonlocal tokens
            if before is not None:
                before(answer, event)
            if event.tokens and not tokens:
                span.set_attribute("gen_ai.latency.time_to_first_token", perf_counter() - began)
            tokens += len(event.tokens)
            if event.finish_reason is None:
                return
            reason = answer.finish_reason or event.finish_reason
            reasons[event.index] = reason.value
            if reason in FAILURES:
                span.set_status(StatusCode.ERROR, reason.value)
            if len(reasons) == params.n:
                span.set_attribute("gen_ai.usage.completion_tokens", tokens)
                span.set_attribute("gen_ai.usage.num_sequences", params.n)
                span.set_attribute("gen_ai.response.finish_reasons", [reasons[place] for place in sorted(reasons)])
                span.set_attribute("gen_ai.latency.e2e", perf_counter() - began)
                span.end()

        return watch

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._provider.shutdown()
