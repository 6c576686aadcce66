"""Spans, as a collector that listens for OTLP over HTTP gets them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from serving import serving

from fakes import PATIENCE_S, FakeEngine
from quatre.errors import ConfigError
from quatre.server.service import ServerConfig

SECRET = "the merger with Umbrella"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """Keeps what is sent to it, and understands it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers.get("content-encoding") is None
                bodies.append(body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def spans(self) -> list[Any]:
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, args=(0.01,))
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join(PATIENCE_S)
    collector.server.server_close()


def attributes(span: Any) -> dict[str, Any]:
    found = {}
    for one in span.attributes:
        kind = one.value.WhichOneof("value")
        value = getattr(one.value, kind)
        found[one.key] = [each.string_value for each in value.values] if kind == "array_value" else value
    return found


def ask(engine: FakeEngine, collector: Collector, body: dict[str, Any], **headers: str) -> Any:
    with serving(engine, ServerConfig(otlp_traces_endpoint=collector.url)) as url:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"model": "fake", "messages": [{"role": "user", "content": SECRET}], **body}
        httpx.post(url + "/v1/chat/completions", json=body, headers=sent, timeout=60)
    (span,) = collector.spans()  # all are sent when the server ends
    return span


def test_a_span_tells_what_was_asked_and_how_long_it_took(collector: Collector) -> None:
    asked = {"temperature": 0.5, "top_p": 0.25, "max_tokens": 20, "n": 2}
    span = ask(FakeEngine(), collector, asked, x_request_id="mine")
    assert (span.name, span.kind, span.parent_span_id) == ("llm_request", 2, b"")  # 2: of a server
    found = attributes(span)
    assert {name: found[name] for name in found if "latency" not in name} == {
        "gen_ai.response.model": "fake",
        "gen_ai.request.id": "mine",
        "gen_ai.request.n": 2,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.25,
        "gen_ai.request.max_tokens": 20,
        "gen_ai.usage.prompt_tokens": len(f"user: {SECRET}\n") + 1,
        "gen_ai.usage.completion_tokens": 2 * (len("Hello, world") + 1),
        "gen_ai.usage.num_sequences": 2,
        "gen_ai.response.finish_reasons": ["stop", "stop"],
    }
    assert 0 < found["gen_ai.latency.time_to_first_token"] <= found["gen_ai.latency.e2e"]
    took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
    assert took == pytest.approx(found["gen_ai.latency.e2e"], abs=1)
    for body in collector.bodies:
        assert SECRET.encode() not in body
        assert b"Hello" not in body


def test_a_span_belongs_to_the_trace_of_its_caller(collector: Collector) -> None:
    span = ask(FakeEngine(), collector, {}, traceparent=f"00-{TRACE}-{SPAN}-01", tracestate="a=b")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, SPAN)
    assert span.trace_state == "a=b"


def test_odd_parents_begin_a_trace_of_their_own(collector: Collector) -> None:
    span = ask(FakeEngine(), collector, {}, traceparent="00-nonsense")
    assert span.parent_span_id == b""
    assert len(span.trace_id) == 16


def test_failures_are_errors(collector: Collector) -> None:
    span = ask(FakeEngine(failure="out of pages"), collector, {})
    assert span.status.code == 2  # an error
    assert attributes(span)["gen_ai.response.finish_reasons"] == ["error"]


def test_numbers_are_counted_all_the_same(collector: Collector) -> None:
    with serving(FakeEngine(), ServerConfig(otlp_traces_endpoint=collector.url)) as url:
        httpx.post(url + "/v1/completions", json={"model": "fake", "prompt": "x"}, timeout=60)
        metrics = httpx.get(url + "/metrics", timeout=60).text
    assert 'quatre:request_success_total{engine="0",finished_reason="stop",model_name="fake"} 1.0' in metrics


def test_without_the_packages_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(ConfigError, match=r"pip install 'quatre\[otel\]'"),
        serving(FakeEngine(), ServerConfig(otlp_traces_endpoint="http://127.0.0.1:9/v1/traces")),
    ):
        pass


@pytest.mark.parametrize("endpoint", ["localhost:4317", "ftp://a/", ""])
def test_an_endpoint_is_a_url(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="otlp_traces_endpoint must be"):
        ServerConfig(otlp_traces_endpoint=endpoint)
