"""Every field of the completion endpoints acts, or is refused by name; neutral values pass.

The fields of all others are in test_fields_of_others.py.
"""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from fakes import FakeEngine
from quatre.server.chat import ChatCompletionRequest, ChatMessage
from quatre.server.completions import CompletionRequest
from quatre.server.fields import CompletionFields
from quatre.server.fim import FimRequest

CHAT = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}
TEXT = {"model": "fake", "prompt": "Hi"}
ENDPOINTS = [
    ("/v1/chat/completions", ChatCompletionRequest, CHAT),
    ("/v1/completions", CompletionRequest, TEXT),
    ("/v1/fim/completions", FimRequest, TEXT),
]

ACTING = {
    "model": "other",
    "n": 2,
    "repetition_penalty": 1.5,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "logit_bias": {"5": 1},
    "allowed_token_ids": [5],
    "bad_words": ["bad"],
    "random_seed": 5,
    "min_tokens": 3,
    "include_stop_str_in_output": True,
    "response_format": {"type": "json_object"},
    "structured_outputs": {"regex": "a+"},
    "guided_json": {"type": "string"},
    "guided_regex": "a+",
    "guided_choice": ["a", "b"],
    "guided_grammar": 'start: "a"',
    "guided_whitespace_pattern": " ?",
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.25,
    "top_p": 0.5,
    "top_k": 3,
    "min_p": 0.5,
    "seed": 5,
    "max_tokens": 2,
    "max_completion_tokens": 2,
    "stop": "l",
    "stop_token_ids": [ord("l")],
    "ignore_eos": True,
    "prompt_logprobs": 1,
    "logprobs": True,
    "top_logprobs": 2,
    "reasoning_effort": "high",
    "prompt_mode": "reasoning",
    "metadata": {"purpose": "test"},
    "chat_template_kwargs": {"reasoning_effort": "high"},
    "enable_thinking": True,
    "thinking": {"type": "enabled"},
    "messages": [{"role": "user", "content": "Bye"}],
    "prompt": "Bye",
    "suffix": "again",
    "echo": True,
    "add_special_tokens": False,
    "user": "somebody",
    "safety_identifier": "somebody",
    "prompt_cache_key": "something",
    "priority": -1,
    "timeout": 30.0,
    "cache_salt": "mine",
    "return_token_ids": True,
}
"""A value for each field that acts, different from what happens without it."""

MARKED = {
    *("thinking_token_budget", "include_reasoning", "tools", "tool_choice", "parallel_tool_calls"),
    *("continue_final_message", "add_generation_prompt", "reasoning"),
}
"""Fields that act only with a model that marks its reasoning and calls; see test_chat_tools.py."""

NEEDS = {
    "stream_options": {"stream": True},
    "top_logprobs": {"logprobs": True},
    "guided_whitespace_pattern": {"guided_json": {"type": "object"}},
}

REFUSED = "unsupported_value"


def fields_of(model: type[BaseModel]) -> list[tuple[str, bool]]:
    """Name, and whether the field only has neutral values."""
    return [
        (name, field.annotation is Any and name not in ("prompt", "content"))
        for name, field in model.model_fields.items()
    ]


def cases(acting: bool) -> list:
    return [
        pytest.param(path, base, name, id=f"{path.split('/')[-2]}-{name}")
        for path, model, base in ENDPOINTS
        for name, refusable in fields_of(model)
        if refusable != acting and name not in MARKED
    ]


@pytest.mark.parametrize(("path", "base", "name"), cases(acting=False))
def test_unsupported_field_is_refused_by_name(http: httpx.Client, path: str, base, name: str) -> None:
    answer = http.post(path, json={**base, name: {"some": "feature"}})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["param"], error["code"]) == (name, REFUSED)
    assert "leave it out" in error["message"]
    assert http.post(path, json={**base, name: None}).status_code == 200


@pytest.mark.parametrize(("path", "base", "name"), cases(acting=True))
def test_supported_field_acts(
    http: httpx.Client, engine: FakeEngine, caplog: pytest.LogCaptureFixture, path: str, base, name: str
) -> None:
    value = 2 if name == "logprobs" and "prompt" in base else ACTING[name]
    needs = NEEDS.get(name, {})
    if name == "echo":
        needs = {"logprobs": 1}
    with caplog.at_level(logging.INFO, logger="quatre.server"):
        without = effect(http, engine, caplog, path, {**base, **needs})
        having = effect(http, engine, caplog, path, {**base, **needs, name: value})
    assert without != having


def effect(http: httpx.Client, engine: FakeEngine, caplog: pytest.LogCaptureFixture, path: str, body) -> tuple:
    """Everything that a request changed: its status, its answer without ids, what the engine got, what was logged."""
    caplog.clear()
    answer = http.post(path, json=body)
    if answer.headers["content-type"].startswith("application/json"):
        content = {key: value for key, value in answer.json().items() if key not in ("id", "created")}
        content.pop("error", None)
    else:
        content = {"stream": True, "chunks": answer.text.count("data:")}
    request = engine.requests[-1]
    # The line of a request is written before its last byte is sent.
    logged = [record.message.split(":", 1)[1] for record in caplog.records if record.message.startswith("request ")]
    terms = request.priority, request.timeout, request.cache_salt
    return answer.status_code, content, list(request.prompt), request.params, request.stop_ids, terms, logged


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 1),
        ("frequency_penalty", 0),
        ("presence_penalty", 0.0),
        ("repetition_penalty", 1.0),
        ("logit_bias", {}),
        ("tools", []),
        ("tool_choice", "auto"),
        ("parallel_tool_calls", True),
        ("response_format", {"type": "text"}),
        ("store", False),
        ("service_tier", "auto"),
        ("modalities", ["text"]),
        ("skip_special_tokens", True),
        ("chat_template_kwargs", {}),
    ],
)
def test_neutral_values_pass(http: httpx.Client, name: str, value) -> None:
    assert http.post("/v1/chat/completions", json={**CHAT, name: value}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("best_of", 2),
        ("best_of", True),
        ("use_beam_search", True),
        ("tool_choice", "required"),
        ("tool_choice", "sometimes"),
        ("tool_choice", {"type": "function", "function": {"name": "f"}}),
        ("tools", [{"type": "web_search"}]),
        ("functions", [{"name": "f"}]),
        ("thinking_token_budget", 5),  # the fake's vocabulary has no marks around reasoning
        ("continue_final_message", True),
        ("add_generation_prompt", False),
        ("skip_special_tokens", False),
        ("guided_decoding_backend", "outlines"),
    ],
)
def test_values_that_ask_for_something_are_refused(http: httpx.Client, name: str, value) -> None:
    answer = http.post("/v1/chat/completions", json={**CHAT, name: value})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 0),
        ("n", 129),
        ("n", True),
        ("repetition_penalty", 0),
        ("presence_penalty", 3),
        ("frequency_penalty", -2.5),
        ("logit_bias", {"5": 101}),
        ("logit_bias", {"five": 1}),
        ("logit_bias", {"-1": 1}),
        ("logit_bias", {"259": 1}),
        ("allowed_token_ids", []),
        ("allowed_token_ids", [259]),
        ("bad_words", [""]),
        ("min_tokens", -1),
        ("response_format", {"type": "yaml"}),
        ("response_format", {"type": "json_schema"}),
        ("response_format", {"type": "json_schema", "json_schema": {"name": "s", "schema": {"uniqueItems": True}}}),
        ("structured_outputs", {}),
        ("structured_outputs", {"regex": "a", "choice": ["b"]}),
        ("structured_outputs", {"structural_tag": "{}"}),
        ("structured_outputs", {"json": {"type": "array", "contains": {}}}),
        ("guided_json", "{"),
        ("guided_regex", "("),
        ("guided_choice", []),
        ("guided_grammar", "start: missing"),
        ("guided_whitespace_pattern", " "),
    ],
)
def test_wrong_values_are_refused_by_name(http: httpx.Client, name: str, value) -> None:
    for path, _, base in ENDPOINTS:
        answer = http.post(path, json={**base, name: value})
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["param"].split(".")[0].split("[")[0] == name


def test_an_unsupported_keyword_is_named(http: httpx.Client) -> None:
    schema = {"type": "array", "uniqueItems": True}
    answer = http.post("/v1/chat/completions", json={**CHAT, "guided_json": schema})
    assert "uniqueItems" in answer.json()["error"]["message"]


def test_two_forms_are_refused(http: httpx.Client) -> None:
    both = {"guided_regex": "a", "response_format": {"type": "json_object"}}
    error = http.post("/v1/chat/completions", json={**CHAT, **both}).json()["error"]
    assert "response_format and guided_regex" in error["message"]


def test_fields_of_a_message_that_are_not_supported_are_refused(http: httpx.Client) -> None:
    for name, refusable in fields_of(ChatMessage):
        if refusable:
            messages = [{"role": "user", "content": "Hi", name: {"some": "feature"}}]
            error = http.post("/v1/chat/completions", json={**CHAT, "messages": messages}).json()["error"]
            assert (error["param"], error["code"]) == (f"messages[0].{name}", REFUSED)


def test_unknown_fields_pass_and_are_logged(http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="quatre.server.fields"):
        assert http.post("/v1/chat/completions", json={**CHAT, "sparkle": 9}).status_code == 200
    assert "sparkle" in caplog.text


def test_every_shared_field_is_in_both_models() -> None:
    shared = set(CompletionFields.model_fields)
    assert shared <= set(ChatCompletionRequest.model_fields) & set(CompletionRequest.model_fields)
