"""Anthropic's API, as its official client sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import httpx
import pytest
from serving import serving

from marked import FIRST, MARKS, MarkedEngine, MarkedTokenizer
from quatre.server.anthropic_prompt import chat_messages

WEATHER = {
    "name": "get_weather",
    "description": "Weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ASKED = [{"role": "user", "content": "Weather in Paris?"}]
CALLING = '[THINK]one city [/THINK]Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'
CALL = FIRST + MARKS.index("[TOOL_CALLS]")


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=url, api_key="none", max_retries=0, timeout=10) as client:
        yield client


def ask(client: anthropic.Anthropic, **more: Any) -> Any:
    return client.messages.create(**{"model": "fake", "messages": ASKED, "max_tokens": 500, **more})


def test_text(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    engine.say("Sunny.")
    sampling = {"temperature": 0.5, "top_p": 0.5, "top_k": 5}
    message = ask(client, system="Be brief.", metadata={"user_id": "u"}, extra_body=sampling)
    assert [(block.type, block.text) for block in message.content] == [("text", "Sunny.")]
    assert (message.role, message.model, message.stop_reason, message.stop_sequence) == (
        "assistant",
        "fake",
        "end_turn",
        None,
    )
    assert message.usage.output_tokens == len("Sunny.") + 1
    assert message.usage.input_tokens == len(engine.requests[-1].prompt)
    params = engine.requests[-1].params
    assert (params.temperature, params.top_p, params.top_k, params.max_tokens) == (0.5, 0.5, 5, 500)
    assert engine.prompt() == "tools: 0\neffort: None\nsystem: Be brief..\nuser: Weather in Paris?."


def test_thinking_text_and_calls(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    message = ask(client, tools=[WEATHER], thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2000)
    thought, said, call = message.content
    assert (thought.type, thought.thinking) == ("thinking", "one city")
    assert (said.type, said.text) == ("text", "Let me see.")
    assert (call.type, call.name, call.input) == ("tool_use", "get_weather", {"city": "Paris"})
    assert message.stop_reason == "tool_use"
    assert "effort: high" in engine.prompt()


def test_a_stream_is_the_same_message(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    whole = ask(client, tools=[WEATHER])
    kinds = []
    with client.messages.stream(model="fake", messages=ASKED, max_tokens=500, tools=[WEATHER]) as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_message()
    assert [block.type for block in streamed.content] == ["thinking", "text", "tool_use"]
    assert (streamed.content[0].thinking, streamed.content[1].text) == ("one city", "Let me see.")
    assert streamed.content[2].input == whole.content[2].input
    assert (streamed.stop_reason, streamed.usage) == (whole.stop_reason, whole.usage)
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 3
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")


def test_events_have_names(url: str, engine: MarkedEngine) -> None:
    engine.say("Hi")
    body = {"model": "fake", "messages": ASKED, "max_tokens": 5, "stream": True}
    lines = httpx.post(f"{url}/v1/messages?beta=true", json=body).text.splitlines()
    assert lines[0] == "event: message_start"
    assert lines[-3] == "event: message_stop"
    assert not any("[DONE]" in line for line in lines)


def test_a_tool_loop_with_all_kinds_of_blocks(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    message = ask(client, tools=[WEATHER])
    call = message.content[2]
    results = [
        {"type": "text", "text": "And tomorrow?"},
        {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "18C"}]},
    ]
    content = [*message.content, {"type": "redacted_thinking", "data": "x"}]
    history = [*ASKED, {"role": "assistant", "content": content}, {"role": "user", "content": results}]
    engine.say("Warm.")
    assert ask(client, tools=[WEATHER], messages=history).content[0].text == "Warm."
    assert engine.prompt().splitlines()[2:] == [
        "user: Weather in Paris?.",
        'assistant: [THINK]one city[/THINK]Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}.',
        "tool: 18C.",
        "user: And tomorrow?.",
    ]


def test_images_become_those_of_chat_completions() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    image = {"type": "image", "source": source}
    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    call = {"type": "tool_use", "id": "x", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "x", "content": [image]}
    asked = [
        {"role": "user", "content": [image, {"type": "text", "text": "What?"}]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    (first, _, last), places = chat_messages(None, asked)
    assert places == ["messages[0]", "messages[1]", "messages[2]"]
    assert first["content"] == [shown, {"type": "text", "text": "What?"}]
    assert (last["role"], last["tool_call_id"], last["content"]) == ("tool", "x", [shown])


def test_prefill_and_the_changing_head_of_claude_code(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    engine.say(" 3")
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=1; cch=abc"},
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
    ]
    ask(client, system=system, messages=[*ASKED, {"role": "assistant", "content": "1, 2,"}])
    assert engine.prompt().splitlines()[2:] == ["system: Be brief..", "user: Weather in Paris?.", "assistant: 1, 2,"]


@pytest.mark.parametrize(
    ("said", "more", "reason", "word"),
    [
        ("one STOP two", {"stop_sequences": ["STOP"]}, "stop_sequence", "STOP"),
        ("one two", {"max_tokens": 3}, "max_tokens", None),
        ("x" * 5000, {"max_tokens": 5000}, "model_context_window_exceeded", None),
    ],
)
def test_why_it_stopped(
    client: anthropic.Anthropic, engine: MarkedEngine, said: str, more: dict[str, Any], reason: str, word: str | None
) -> None:
    engine.say(said)
    message = ask(client, **more)
    assert (message.stop_reason, message.stop_sequence) == (reason, word)


@pytest.mark.parametrize(
    ("choice", "first"),
    [
        ({"type": "any"}, {CALL}),
        ({"type": "tool", "name": "get_weather"}, {CALL}),
        ({"type": "any", "disable_parallel_tool_use": True}, {CALL}),
    ],
)
def test_forced_calls(client: anthropic.Anthropic, engine: MarkedEngine, choice: dict, first: set[int]) -> None:
    engine.say(CALLING)
    ask(client, tools=[WEATHER], tool_choice=choice)
    assert set(engine.requests[-1].constraint.fork().mask().nonzero()[0].tolist()) == first


def test_a_schema_for_the_answer(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    shape = {"format": {"type": "json_schema", "schema": {"type": "object"}}, "effort": "low"}
    ask(client, extra_body={"output_config": shape})
    assert engine.requests[-1].constraint is not None
    assert "effort: high" in engine.prompt()


@pytest.mark.parametrize(("kind", "effort"), [("adaptive", "high"), ("disabled", "none")])
def test_kinds_of_thinking(client: anthropic.Anthropic, engine: MarkedEngine, kind: str, effort: str) -> None:
    ask(client, extra_body={"thinking": {"type": kind}})
    assert f"effort: {effort}" in engine.prompt()


def test_tokens_are_counted_as_they_are_read(client: anthropic.Anthropic, engine: MarkedEngine) -> None:
    counted = client.messages.count_tokens(model="fake", messages=ASKED, tools=[WEATHER], system="Be brief.")
    engine.say("Hi")
    read = ask(client, tools=[WEATHER], system="Be brief.").usage
    assert counted.input_tokens == read.input_tokens


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"model": "other"}, "not served here"),
        ({"extra_body": {"temperature": 3.0}}, "temperature must be from 0 to 2"),
        ({"max_tokens": 0}, "max_tokens must be 1"),
        ({"messages": [{"role": "robot", "content": "a"}]}, r"messages\[0\] has the role 'robot'"),
        ({"messages": [{"role": [], "content": "a"}]}, r"messages\[0\] has the role \[\]"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
            r"messages\[0\] has an image whose source",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "document", "source": {}}]}]},
            r"messages\[0\].content\[0\] is of type 'document'",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]}]},
            "is a tool's result and is the first message",
        ),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "which this server does not have"),
        ({"tool_choice": {"type": "any"}}, "there are no tools"),
        ({"extra_body": {"container": "x"}}, "container: not supported here"),
        ({"extra_body": {"thinking": {"type": "sometimes"}}}, "thinking.type"),
        ({"extra_body": {"output_config": {"effort": "huge"}}}, "must be one of none, minimal"),
    ],
)
def test_refusals_have_anthropics_form(client: anthropic.Anthropic, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises((anthropic.BadRequestError, anthropic.NotFoundError), match=sentence) as caught:
        ask(client, **more)
    assert caught.value.body["type"] == "error"
    assert caught.value.body["error"]["type"] in ("invalid_request_error", "not_found_error")


def test_a_failure_in_mid_stream_is_an_event() -> None:
    engine = MarkedEngine("Hello", failure="the engine broke")
    with (
        serving(engine, tokenizer=MarkedTokenizer()) as url,
        anthropic.Anthropic(base_url=url, api_key="none", max_retries=0, timeout=10) as client,
        pytest.raises(anthropic.APIStatusError, match="the engine broke"),
    ):
        for _ in client.messages.create(model="fake", messages=ASKED, max_tokens=500, stream=True):
            pass
