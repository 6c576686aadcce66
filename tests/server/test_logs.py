"""The log: its two forms, the request that a line is about, and what is not in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from serving import serving

from fakes import FakeEngine
from quatre.server.logs import REQUEST_ID, JsonLines, TextLines, log_to_stderr

SECRET = "the merger with Umbrella"
CHAT = {"model": "fake", "messages": [{"role": "user", "content": SECRET}], "user": "ann"}


@contextmanager
def written(form: logging.Formatter, level: int = logging.DEBUG) -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    text, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(text), root.level
    handler.setFormatter(form)
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def asked(form: logging.Formatter) -> str:
    with written(form) as log, serving(FakeEngine()) as url:
        for stream in (False, True):
            sent = {"x-request-id": f"mine-{stream}"}
            answer = httpx.post(url + "/v1/chat/completions", json={**CHAT, "stream": stream}, headers=sent, timeout=60)
            assert answer.status_code == 200
        wrong = {**CHAT, "temperature": SECRET}
        assert httpx.post(f"{url}/v1/chat/completions?q=x", json=wrong, timeout=60).status_code == 400
    return log.getvalue()


def test_json_lines_know_their_request() -> None:
    lines = [json.loads(line) for line in asked(JsonLines()).splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    for name in ("mine-False", "mine-True"):
        (ended,) = [
            line for line in lines if line.get("request_id") == name and line["logger"] == "quatre.server.asking"
        ]
        assert ended["finish_reason"] == "stop"
        assert ended["completion_tokens"] == len("Hello, world") + 1
        assert ended["labels"] == {"user": "ann"}
        (access,) = [line for line in lines if line.get("request_id") == name and line["logger"] == "uvicorn.access"]
        assert (access["method"], access["path"], access["status"]) == ("POST", "/v1/chat/completions", 200)
    refused = [line for line in lines if line.get("status") == 400]
    assert [line["path"] for line in refused] == ["/v1/chat/completions"]


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
def test_no_line_has_what_users_write_or_what_models_answer(form: logging.Formatter) -> None:
    log = asked(form)
    assert "mine-True" in log
    assert SECRET not in log
    assert "Hello" not in log


def test_text_ends_with_the_request() -> None:
    lines = asked(TextLines()).splitlines()
    (ended,) = [line for line in lines if "quatre.server.asking: request " in line and "mine-True" in line]
    assert ended.endswith(" [mine-True]")


def test_a_message_cannot_pretend_to_be_a_line() -> None:
    record = logging.makeLogRecord({"msg": "a\nb \u2028 %s", "args": ("\x1b[31m",), "levelname": "INFO"})
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == "a\nb \u2028 \x1b[31m"
    assert "request_id" not in json.loads(line)


def test_failures_have_their_traceback_and_request() -> None:
    token = REQUEST_ID.set("req_1")
    try:
        with written(JsonLines()) as log:
            try:
                raise ValueError("odd")
            except ValueError:
                logging.getLogger("x").exception("failed")
    finally:
        REQUEST_ID.reset(token)
    line = json.loads(log.getvalue())
    assert line["request_id"] == "req_1"
    assert line["exception"].endswith("ValueError: odd")


@pytest.mark.parametrize(
    ("options", "quiet"),
    [
        ({"level": "debug"}, set()),
        ({}, {"mistral_common"}),
        ({"requests": False}, {"mistral_common", "quatre.server.asking", "quatre.server.partings"}),
        ({"access": False}, {"mistral_common", "uvicorn.access"}),
        ({"level": "error"}, set()),  # it is set to more
    ],
)
def test_lines_of_requests_and_of_libraries_can_be_left_out(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], quiet: set[str]
) -> None:
    begun: dict[str, Any] = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **more: begun.update(more))
    names = ("quatre.server.asking", "quatre.server.partings", "uvicorn.access", "uvicorn.error", "mistral_common")
    options = {"level": "info", **options}
    for name in names:  # whatever other tests have left
        logging.getLogger(name).setLevel(logging.NOTSET)
    try:
        log_to_stderr(form="json", **options)
        assert {name for name in names if logging.getLogger(name).level == logging.WARNING} == quiet
    finally:
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert begun["level"] == options["level"].upper()
    assert isinstance(begun["handlers"][0].formatter, JsonLines)
