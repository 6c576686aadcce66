"""Every field of /v1/responses, /v1/messages, /tokenize and their like acts, or is refused by name.

Nothing that an official client can send is unknown, so that nothing of it passes in silence.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from typing import Any, get_type_hints

import httpx
import pytest
from anthropic.types import message_count_tokens_params, message_create_params
from anthropic.types.beta import message_create_params as beta_message_create_params
from mistralai.client import models as mistral
from openai.types import batch_create_params, completion_create_params
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params
from openai.types.responses.response_text_config_param import ResponseTextConfigParam
from openai.types.shared_params.reasoning import Reasoning as ReasoningParam
from pydantic import BaseModel
from serving import serving
from shapes import tool

from marked import MarkedEngine, MarkedTokenizer
from quatre.server.anthropic import MessagesRequest, Prompt
from quatre.server.batch_endpoints import BatchRequest
from quatre.server.chat import ChatCompletionRequest
from quatre.server.completions import CompletionRequest
from quatre.server.fim import FimRequest
from quatre.server.responses import Reasoning, ResponsesRequest, TextOptions
from quatre.server.service import ServerConfig
from quatre.server.tokens import DetokenizeRequest, TokenizeRequest

USER = [{"role": "user", "content": "Hi"}]
RESPONSES, MESSAGES, COUNT, TOKENIZE = "/v1/responses", "/v1/messages", "/v1/messages/count_tokens", "/tokenize"
BATCHES, DETOKENIZE = "/v1/batches", "/detokenize"
ENDPOINTS: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    RESPONSES: (ResponsesRequest, {"model": "fake", "input": "Hi"}),
    MESSAGES: (MessagesRequest, {"model": "fake", "messages": USER, "max_tokens": 500}),
    COUNT: (Prompt, {"model": "fake", "messages": USER}),
    TOKENIZE: (TokenizeRequest, {"model": "fake", "messages": USER}),
    DETOKENIZE: (DetokenizeRequest, {"model": "fake", "tokens": [97, 98]}),
    BATCHES: (BatchRequest, {"endpoint": RESPONSES, "input_file_id": "file-x", "completion_window": "24h"}),
}
SAID = "[THINK]so[/THINK]one two three"


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    engine = MarkedEngine()
    engine.say(SAID)
    return engine


class ListeningTokenizer(MarkedTokenizer):
    """Knows which tools and effort the last prompt was written with."""

    heard: tuple[int, str | None] | None = None

    def chat_prompt(self, messages: Any, *, tools: Any = None, reasoning_effort: str | None = None) -> list[int]:
        self.heard = len(tools or ()), reasoning_effort
        return super().chat_prompt(messages, tools=tools, reasoning_effort=reasoning_effort)


TOKENIZER = ListeningTokenizer()


@pytest.fixture(scope="module")
def http(engine: MarkedEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    config = ServerConfig(files_dir=tmp_path_factory.mktemp("files"))
    with serving(engine, config, tokenizer=TOKENIZER) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield client


# -- What acts ---------------------------------------------------------------------------------------------------------

SCHEMA = {"type": "object"}
ACTING: dict[str, dict[str, Any]] = {
    RESPONSES: {
        "input": "Bye",
        "instructions": "Be brief.",
        "previous_response_id": "resp_x",  # a 400: it is not known
        "store": False,
        "stream": True,
        "max_output_tokens": 2,
        "temperature": 0.25,
        "top_p": 0.5,
        "reasoning": {"effort": "high"},
        "text": {"format": {"type": "json_object"}},
        "tools": [tool(RESPONSES, "f")],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "metadata": {"a": "b"},
        "user": "somebody",
        "safety_identifier": "somebody",
        "prompt_cache_key": "something",
        "cache_salt": "secret",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
        "priority": -1,
        "timeout": 30.0,
        "structured_outputs": {"regex": "a+"},
        "top_k": 3,
        "min_p": 0.5,
        "repetition_penalty": 1.5,
        "presence_penalty": 0.5,
        "frequency_penalty": 0.5,
        "logit_bias": {"5": 1},
        "allowed_token_ids": [ord(letter) for letter in "one tw"],
        "bad_words": ["bad"],
        "seed": 5,
        "random_seed": 5,
        "min_tokens": 3,
        "stop": "two",
        "stop_token_ids": [5],
        "include_stop_str_in_output": True,
        "ignore_eos": True,
    },
    MESSAGES: {
        "messages": [{"role": "user", "content": "Bye"}],
        "system": "Be brief.",
        "tools": [tool(MESSAGES, "f")],
        "tool_choice": {"type": "any"},
        "thinking": {"type": "adaptive"},
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "max_tokens": 2,
        "stop_sequences": ["two"],
        "stream": True,
        "temperature": 0.25,
        "top_p": 0.5,
        "top_k": 3,
        "metadata": {"user_id": "somebody"},
        "cache_salt": "secret",
    },
    TOKENIZE: {
        "messages": [{"role": "user", "content": "Bye."}],
        "prompt": "Bye",  # a 400: both are sent
        "tools": [tool("/v1/chat/completions", "f")] * 1,
        "reasoning_effort": "high",
        "return_token_strs": True,
        "add_special_tokens": True,  # a 400: messages have their own
    },
    DETOKENIZE: {"tokens": [97]},
    BATCHES: {"input_file_id": "file-y"},
}
ACTING[COUNT] = {
    name: ACTING[MESSAGES][name] for name in ("messages", "system", "tools", "tool_choice", "thinking", "output_config")
} | {"output_config": {"effort": "high"}}

NEUTRAL = {
    "cache_control",  # a wish that is always granted
    "completion_window",  # has one value
    *("endpoint", "metadata"),  # of a batch; see test_batches.py
}
MODEL = {"model": "other"}


def fields_of(path: str) -> list[tuple[str, bool]]:
    """Name, and whether the field only has neutral values."""
    return [(name, field.annotation is Any) for name, field in ENDPOINTS[path][0].model_fields.items()]


def cases(refusable: bool) -> list[Any]:
    return [
        pytest.param(path, name, id=f"{path}-{name}")
        for path in ENDPOINTS
        for name, refused in fields_of(path)
        if refused == refusable and not (name in NEUTRAL and name not in ACTING.get(path, {}))
    ]


def effect(http: httpx.Client, engine: MarkedEngine, caplog: pytest.LogCaptureFixture, path: str, body: Any) -> Any:
    """Everything that a request changed: its answer without ids, what the engine got, what was logged."""
    caplog.clear()
    answer = http.post(path, json=body)
    content: Any = answer.text
    if answer.headers["content-type"].startswith("application/json"):
        content = answer.json()
        for name in ("id", "output", "created_at", "completed_at", *(body if answer.status_code == 200 else ())):
            content.pop(name, None)
    asked: tuple[Any, ...] = (TOKENIZER.heard,)
    if engine.requests and path in (RESPONSES, MESSAGES):
        request = engine.requests[-1]
        asked += list(request.prompt), request.params, request.constraint is None, request.cache_salt
        asked += request.priority, request.timeout
    logged = [record.message.split(":", 1)[1] for record in caplog.records if record.message.startswith("request ")]
    return answer.status_code, content, asked, logged


@pytest.mark.parametrize(("path", "name"), cases(refusable=False))
def test_a_supported_field_acts(
    http: httpx.Client, engine: MarkedEngine, caplog: pytest.LogCaptureFixture, path: str, name: str
) -> None:
    base = dict(ENDPOINTS[path][1])
    if name == "parallel_tool_calls":
        base["tools"] = [tool(path, "f")]
    with caplog.at_level(logging.INFO, logger="quatre.server"):
        without = effect(http, engine, caplog, path, base)
        having = effect(http, engine, caplog, path, {**base, name: (MODEL | ACTING[path])[name]})
    if name in ("store", "metadata", "parallel_tool_calls") and path == RESPONSES:
        return stays(http, name)
    assert without != having
    return None


def stays(http: httpx.Client, name: str) -> None:
    """What a later request shows."""
    body = {**ENDPOINTS[RESPONSES][1], "tools": [tool(RESPONSES, "f")], name: ACTING[RESPONSES][name]}
    answer = http.post(RESPONSES, json=body).json()
    assert answer[name] == ACTING[RESPONSES][name]
    found = http.get(f"{RESPONSES}/{answer['id']}")
    assert found.status_code == (404 if name == "store" else 200)


# -- What does not -----------------------------------------------------------------------------------------------------


def error_of(path: str, answer: httpx.Response) -> tuple[int, str]:
    assert answer.status_code < 500
    return answer.status_code, (answer.json().get("error") or {}).get("param") or ""


@pytest.mark.parametrize(("path", "name"), cases(refusable=True))
def test_an_unsupported_field_is_refused_by_name(http: httpx.Client, path: str, name: str) -> None:
    base = ENDPOINTS[path][1]
    assert error_of(path, http.post(path, json={**base, name: {"some": "feature"}})) == (400, name)
    assert error_of(path, http.post(path, json={**base, name: None}))[1] != name


WRONG = [{"some": [None]}]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_value_of_a_wrong_type_is_refused_by_name(http: httpx.Client, path: str) -> None:
    """llama.cpp takes the default for it, and says so in its log only."""
    for name, _ in fields_of(path):
        status, param = error_of(path, http.post(path, json={**ENDPOINTS[path][1], name: WRONG}))
        assert (status, param.split("[")[0].split(".")[0]) == (400, name)


@pytest.mark.parametrize(
    ("path", "fields", "param"),
    [
        (RESPONSES, {"reasoning": {"mode": "x"}}, "reasoning.mode"),
        (RESPONSES, {"text": {"verbosity": "low"}}, "text.verbosity"),
        (RESPONSES, {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "x"}]}]}, "input"),
        (
            RESPONSES,
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,", "detail": "low"}]}]},
            "input",
        ),
        (RESPONSES, {"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        (RESPONSES, {"text": {"format": {"type": "json_object"}}, "structured_outputs": {"regex": "a"}}, "text"),
        (RESPONSES, {"structured_outputs": {"regex": "("}}, "structured_outputs"),
        (RESPONSES, {"seed": 1, "random_seed": 2}, "random_seed"),
        (MESSAGES, {"metadata": {"user_id": 5}}, "metadata.user_id"),
        (MESSAGES, {"output_config": {"effort": "huge"}}, "output_config.effort"),
        (MESSAGES, {"thinking": {"type": "adaptive", "budget_tokens": 9}}, "thinking"),
        (COUNT, {"thinking": {"type": "disabled", "budget_tokens": 9}}, "thinking"),
        (MESSAGES, {"tools": [{**tool(MESSAGES, "f"), "defer_loading": True}]}, "tools"),
        (MESSAGES, {"tools": [{**tool(MESSAGES, "f"), "input_examples": [{}]}]}, "tools"),
        (MESSAGES, {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}, "context_management"),
        (TOKENIZE, {"add_special_tokens": True}, "add_special_tokens"),
    ],
)
def test_parts_of_fields_are_refused_too(http: httpx.Client, path: str, fields: dict[str, Any], param: str) -> None:
    assert error_of(path, http.post(path, json={**ENDPOINTS[path][1], **fields})) == (400, param)


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (RESPONSES, {"max_output_tokens": 0}, "max_output_tokens must be 1 or more"),
        (RESPONSES, {"reasoning": {"effort": "huge"}}, "reasoning.effort must be one of"),
        (RESPONSES, {"input": 5}, "input: "),
        (RESPONSES, {"stream_options": {"x": 1}}, 'send {"include_obfuscation": false}'),
        (MESSAGES, {"stop_sequences": [""]}, "stop_sequences must be non-empty"),
        (MESSAGES, {"system": 5}, "system: "),
    ],
)
def test_a_refusal_speaks_of_the_field_as_it_was_sent(
    http: httpx.Client, path: str, fields: dict[str, Any], said: str
) -> None:
    error = http.post(path, json={**ENDPOINTS[path][1], **fields}).json()["error"]
    assert said in error["message"]
    assert error["param"].split(".")[0] == next(iter(fields))


@pytest.mark.parametrize("name", ["tools", "reasoning_effort"])
def test_a_text_has_no_fields_of_a_conversation(http: httpx.Client, name: str) -> None:
    body = {"prompt": "a", name: ACTING[TOKENIZE][name]}
    assert error_of(TOKENIZE, http.post(TOKENIZE, json=body)) == (400, name)


def test_what_changes_nothing_passes(http: httpx.Client) -> None:
    marked = {**tool(MESSAGES, "f"), "cache_control": {"type": "ephemeral"}, "allowed_callers": ["direct"]}
    edits = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    more = {"tools": [marked], "context_management": edits, "speed": "standard", "cache_control": {"type": "ephemeral"}}
    assert http.post(MESSAGES, json={**ENDPOINTS[MESSAGES][1], **more}).status_code == 200
    open_reasoning = {"include": ["reasoning.encrypted_content"]}  # agents ask for it, and get it in the open
    assert http.post(RESPONSES, json={**ENDPOINTS[RESPONSES][1], **open_reasoning}).status_code == 200


@pytest.mark.parametrize("path", [RESPONSES, MESSAGES, COUNT, TOKENIZE, DETOKENIZE])
def test_unknown_fields_pass_and_are_logged(http: httpx.Client, caplog: pytest.LogCaptureFixture, path: str) -> None:
    with caplog.at_level(logging.DEBUG, logger="quatre.server.fields"):
        assert http.post(path, json={**ENDPOINTS[path][1], "sparkle": 9}).status_code == 200
    assert "sparkle" in caplog.text


def test_a_failed_tool_says_so(http: httpx.Client, engine: MarkedEngine) -> None:
    """Anthropic's mark for it is a field; the model can only read."""
    call = {"type": "tool_use", "id": "x", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "x", "content": "no such city", "is_error": True}
    history = [*USER, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    http.post(MESSAGES, json={**ENDPOINTS[MESSAGES][1], "messages": history})
    assert engine.prompt().endswith("tool: Error: no such city.")


@pytest.mark.parametrize("stream", [False, True])
def test_thinking_can_be_left_out(http: httpx.Client, stream: bool) -> None:
    asked = {**ENDPOINTS[MESSAGES][1], "stream": stream}
    for display, shown in ((None, True), ("summarized", True), ("omitted", False)):
        answer = http.post(MESSAGES, json={**asked, "thinking": {"type": "adaptive", "display": display}})
        assert "three" in answer.text or stream
        assert ("thinking" in answer.text) is shown


# -- What official clients know ----------------------------------------------------------------------------------------


def keys(kind: Any) -> set[str]:
    return set(kind.model_fields if inspect.isclass(kind) and issubclass(kind, BaseModel) else get_type_hints(kind))


@pytest.mark.parametrize(
    ("model", "kind", "elsewhere"),
    [
        (ChatCompletionRequest, chat_create_params.CompletionCreateParamsStreaming, ()),
        (ChatCompletionRequest, mistral.ChatCompletionStreamRequest, ()),
        (CompletionRequest, completion_create_params.CompletionCreateParamsStreaming, ()),
        (FimRequest, mistral.FIMCompletionStreamRequest, ()),
        (ResponsesRequest, response_create_params.ResponseCreateParamsStreaming, ()),
        (Reasoning, ReasoningParam, ()),
        (TextOptions, ResponseTextConfigParam, ()),
        (MessagesRequest, message_create_params.MessageCreateParamsStreaming, ()),
        (MessagesRequest, beta_message_create_params.MessageCreateParamsStreaming, ("betas",)),  # a header
        (Prompt, message_count_tokens_params.MessageCountTokensParams, ()),
        (BatchRequest, batch_create_params.BatchCreateParams, ()),
    ],
)
def test_no_field_of_an_official_client_is_unknown(model: type[BaseModel], kind: Any, elsewhere: tuple) -> None:
    assert keys(kind) - set(elsewhere) <= set(model.model_fields)
