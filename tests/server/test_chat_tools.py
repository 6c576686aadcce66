"""Reasoning and tool calls over HTTP, as the official client sees them: whole and streamed."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import openai
import pytest
from serving import serving

from marked import FIRST, MARKS, MarkedEngine, MarkedTokenizer
from quatre.chat.effort import EffortMap
from quatre.errors import ConfigError, RequestError
from quatre.grammar.budget import ThinkingBudget
from quatre.server.service import ServerConfig

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASKED = [{"role": "user", "content": "Weather in Paris and Oslo?"}]
CALLING = (
    "[THINK]two cities [/THINK]Let me see."
    '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}'
)


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


def chat(client: openai.OpenAI, **more: Any) -> Any:
    return client.chat.completions.create(model="fake", messages=more.pop("messages", ASKED), **more)


def test_reasoning_content_and_calls(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    answer = chat(client, tools=[WEATHER], reasoning_effort="high")
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "Let me see."
    assert choice.message.reasoning_content == choice.message.reasoning == "two cities"
    calls = choice.message.tool_calls
    assert {(call.type, call.function.name) for call in calls} == {("function", "get_weather")}
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}, {"city": "Oslo"}]
    assert len({call.id for call in calls}) == 2
    assert answer.usage.completion_tokens_details.reasoning_tokens == len("two cities ") + 2


def test_a_call_without_words_has_no_content(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("[TOOL_CALLS]get_weather[ARGS]{}")
    assert chat(client, tools=[WEATHER]).choices[0].message.content is None


def test_a_stream_is_the_whole_in_pieces(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    whole = chat(client, tools=[WEATHER], reasoning_effort="high").choices[0]
    content, reasoning, both, calls, arguments, finish = "", "", "", [], 0, None
    for chunk in chat(client, tools=[WEATHER], reasoning_effort="high", stream=True):
        (choice,) = chunk.choices
        content += choice.delta.content or ""
        reasoning += getattr(choice.delta, "reasoning_content", None) or ""
        both += getattr(choice.delta, "reasoning", None) or ""
        finish = choice.finish_reason or finish
        for call in choice.delta.tool_calls or []:
            if call.id is not None:
                assert (call.index, call.type, call.function.arguments) == (len(calls), "function", "")
                calls.append([call.function.name, ""])
            else:
                assert call.function.name is None
                arguments += 1
                calls[call.index][1] += call.function.arguments
    message = whole.message
    assert (content, reasoning, both) == (message.content, message.reasoning_content, message.reasoning)
    assert calls == [[call.function.name, call.function.arguments] for call in message.tool_calls]
    assert arguments > 10
    assert finish == whole.finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "how",
    [
        {"stream_options": {"stream_tool_calls": False}},
        {"extra_headers": {"user-agent": "speakeasy-sdk/python 3.7.0 2.935.1 1.0.0 mistralai"}},
    ],
)
def test_calls_can_be_streamed_whole(client: openai.OpenAI, engine: MarkedEngine, how: dict[str, Any]) -> None:
    """Mistral's own client wants a name in each delta of a call, so it gets one delta for each."""
    engine.say(CALLING)
    deltas = [chunk.choices[0].delta for chunk in chat(client, tools=[WEATHER], stream=True, **how)]
    (calls,) = [delta.tool_calls for delta in deltas if delta.tool_calls]
    assert [(call.index, call.function.name, call.function.arguments) for call in calls] == [
        (0, "get_weather", '{"city": "Paris"}'),
        (1, "get_weather", '{"city": "Oslo"}'),
    ]
    assert "".join(delta.content for delta in deltas if isinstance(delta.content, str)) == "Let me see."


def test_the_clients_own_accumulation_agrees(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    with client.chat.completions.stream(model="fake", messages=ASKED, tools=[WEATHER]) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert [call.function.arguments for call in message.tool_calls] == ['{"city": "Paris"}', '{"city": "Oslo"}']


def test_a_chosen_function_ends_with_stop(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """OpenAI's way: a call that the caller forced is no news."""
    engine.say('[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}')
    choice = {"type": "function", "function": {"name": "get_weather"}}
    assert chat(client, tools=[WEATHER], tool_choice=choice).choices[0].finish_reason == "stop"
    assert chat(client, tools=[WEATHER], tool_choice="required").choices[0].finish_reason == "tool_calls"


def test_a_call_that_is_cut_off_says_so(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say('[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}')
    (choice,) = chat(client, tools=[WEATHER], max_tokens=20).choices
    assert choice.finish_reason == "length"
    assert choice.message.tool_calls[0].function.arguments == '{"city"'


def test_reasoning_is_left_out_if_nobody_wants_it(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("[THINK]add[/THINK]4")
    message = chat(client, extra_body={"include_reasoning": False}).choices[0].message
    assert message.content == "4"
    assert not hasattr(message, "reasoning_content")
    chunks = chat(client, extra_body={"include_reasoning": False}, stream=True)
    assert all(not hasattr(chunk.choices[0].delta, "reasoning") for chunk in chunks)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_what_was_thought_comes_back_in_either_field(client: openai.OpenAI, engine: MarkedEngine, field: str) -> None:
    engine.say("6")
    history = [*ASKED, {"role": "assistant", "content": "4", field: "add"}, {"role": "user", "content": "3+3?"}]
    chat(client, messages=history)
    assert "assistant: [THINK]add[/THINK]4." in engine.prompt()


def test_a_tool_loop(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """The message that came out goes in again, with its results."""
    engine.say(CALLING)
    message = chat(client, tools=[WEATHER]).choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": "18C"} for call in message.tool_calls]
    engine.say("Warm.")
    answer = chat(client, tools=[WEATHER], messages=[*ASKED, message, *results])
    assert answer.choices[0].message.content == "Warm."
    assert engine.prompt().count("tool: 18C.") == 2
    assert "[TOOL_CALLS]get_weather[ARGS]" in engine.prompt()


# -- What rules the answer ---------------------------------------------------------------------------------------------


def first_tokens(engine: MarkedEngine) -> set[int]:
    constraint = engine.requests[-1].constraint
    assert constraint is not None
    return set(constraint.fork().mask().nonzero()[0].tolist())


THINK, END_THINK, CALL = (FIRST + MARKS.index(name) for name in ("[THINK]", "[/THINK]", "[TOOL_CALLS]"))


def follow(constraint: Any, tokens: list[int]) -> bool:
    """Say these tokens, each of them allowed; whether the answer is complete then."""
    ended = False
    for token in tokens:
        assert constraint.mask()[token]
        ended = constraint.accept(token)
    return ended


def test_required_begins_with_a_call_or_with_thinking(client: openai.OpenAI, engine: MarkedEngine) -> None:
    chat(client, tools=[WEATHER], tool_choice="required")
    assert first_tokens(engine) == {CALL}
    chat(client, tools=[WEATHER], tool_choice="any", reasoning_effort="high")
    assert first_tokens(engine) == {CALL, THINK}


def test_auto_leaves_text_and_none_forbids_calls(client: openai.OpenAI, engine: MarkedEngine) -> None:
    chat(client, tools=[WEATHER])
    assert {CALL, ord("a")} < first_tokens(engine)
    chat(client, tools=[WEATHER], tool_choice="none")
    assert engine.requests[-1].constraint is None
    assert engine.requests[-1].bad_tokens == ((CALL,),)
    assert "tools: 1" in engine.prompt()


def test_with_none_a_call_is_no_call(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("a[TOOL_CALLS]f")
    message = chat(client, tools=[WEATHER], tool_choice="none").choices[0].message
    assert (message.content, message.tool_calls) == ("af", None)


def test_parallel_calls_can_be_forbidden(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("[TOOL_CALLS]get_weather[ARGS]{}")
    for parallel in (True, False):
        chat(client, tools=[WEATHER], parallel_tool_calls=parallel, tool_choice="required")
        constraint = engine.requests[-1].constraint.fork()
        said = [CALL, *b"get_weather", FIRST + MARKS.index("[ARGS]"), *b'{"city":"x"}']
        assert follow(constraint, said) is not parallel


def test_a_schema_and_tools_together(client: openai.OpenAI, engine: MarkedEngine) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
    chat(client, tools=[WEATHER], response_format=shape, reasoning_effort="high")
    assert first_tokens(engine) == {CALL, THINK, ord("{")}


def test_thinking_goes_on_in_front_of_a_schema(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """The last message is an open block of thinking, so the schema begins behind its end."""
    engine.say("so[/THINK]{}")
    begun = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Well", "closed": False}],
        "prefix": True,
    }
    answer = chat(client, messages=[*ASKED, begun], response_format={"type": "json_object"})
    assert answer.choices[0].message.reasoning_content == "so"
    assert answer.choices[0].message.content == "{}"
    assert {END_THINK, ord("a")} < first_tokens(engine)


def test_a_budget_closes_the_thinking(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("[THINK]ab[/THINK]4")
    chat(client, reasoning_effort="high", extra_body={"thinking_token_budget": 2})
    constraint = engine.requests[-1].constraint
    for token in (THINK, ord("a")):
        constraint.accept(token)
        assert constraint.mask().sum() > 1
    constraint.accept(ord("b"))
    assert constraint.mask().nonzero()[0].tolist() == [END_THINK]
    constraint.accept(END_THINK)
    assert constraint.mask().sum() > 1
    assert constraint.fork().mask().sum() > 1


def test_a_budget_and_a_schema(client: openai.OpenAI, engine: MarkedEngine) -> None:
    shape = {"response_format": {"type": "json_object"}, "reasoning_effort": "high"}
    chat(client, extra_body={"thinking_token_budget": 1, **shape})
    constraint = engine.requests[-1].constraint.fork()
    assert not follow(constraint, [THINK, "é".encode()[0]])
    assert END_THINK not in constraint.mask().nonzero()[0], "half a character"
    constraint.accept("é".encode()[1])
    assert constraint.mask().nonzero()[0].tolist() == [END_THINK]


@pytest.mark.parametrize("how", [{"continue_final_message": True}, {"prefix": True}])
def test_the_last_message_goes_on(client: openai.OpenAI, engine: MarkedEngine, how: dict[str, bool]) -> None:
    engine.say(" 3")
    last = {"role": "assistant", "content": "1, 2,", **({"prefix": True} if "prefix" in how else {})}
    extra = {} if "prefix" in how else {**how, "add_generation_prompt": False}
    chat(client, messages=[*ASKED, last], extra_body=extra)
    assert engine.prompt().endswith("assistant: 1, 2,")


@pytest.mark.parametrize("how", ["continue_final_message", "prefix"])
def test_a_new_message_and_the_rest_of_the_last_exclude_each_other(client: openai.OpenAI, how: str) -> None:
    last = {"role": "assistant", "content": "1, 2,", **({"prefix": True} if how == "prefix" else {})}
    extra = {"add_generation_prompt": True} | ({} if how == "prefix" else {how: True})
    with pytest.raises(openai.BadRequestError, match="add_generation_prompt asks for a new message") as caught:
        chat(client, messages=[*ASKED, last], extra_body=extra)
    assert caught.value.param == "add_generation_prompt"


# -- Efforts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "effort"),
    [("none", "none"), ("minimal", "none"), *((word, "high") for word in ("low", "medium", "high", "xhigh", "max"))],
)
def test_efforts_are_mapped_and_the_answer_says_so(
    client: openai.OpenAI, engine: MarkedEngine, asked: str, effort: str
) -> None:
    raw = client.chat.completions.with_raw_response.create(model="fake", messages=ASKED, reasoning_effort=asked)
    assert f"effort: {effort}" in engine.prompt()
    assert raw.headers.get("x-quatre-reasoning-effort") == (None if asked == effort else effort)


def test_a_mapping_is_told_once(engine: MarkedEngine, caplog: pytest.LogCaptureFixture) -> None:
    with (
        serving(engine, tokenizer=MarkedTokenizer()) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10) as client,
        caplog.at_level(logging.INFO, logger="quatre.server"),
    ):
        for _ in range(3):
            chat(client, reasoning_effort="low")
    assert caplog.text.count("reasoning_effort low means high") == 1


@pytest.mark.parametrize("asked", [None, "none"])
def test_an_effort_for_requests_that_say_nothing(asked: str | None) -> None:
    engine, config = MarkedEngine(), ServerConfig(efforts=EffortMap(default="high"))
    with serving(engine, config, tokenizer=MarkedTokenizer()) as url:
        body = {"model": "fake", "messages": ASKED, **({"reasoning_effort": asked} if asked else {})}
        answer = httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    assert f"effort: {asked or 'high'}" in engine.prompt()


def test_a_default_effort_that_the_model_does_not_know_stops_the_start() -> None:
    tokenizer = MarkedTokenizer()
    tokenizer.efforts = ()
    with (
        pytest.raises(RequestError, match="which this model cannot do"),
        serving(MarkedEngine(), ServerConfig(efforts=EffortMap(default="high")), tokenizer=tokenizer),
    ):
        pass


def test_a_map_to_a_word_that_the_model_does_not_know_stops_the_start() -> None:
    config = ServerConfig(efforts=EffortMap({"low": "none", "medium": "low"}))
    with (
        pytest.raises(
            ConfigError, match=r"turns medium into low, which this model does not know; it knows none, high$"
        ),
        serving(MarkedEngine(), config, tokenizer=MarkedTokenizer()),
    ):
        pass


def test_mistrals_word_for_a_high_effort(client: openai.OpenAI, engine: MarkedEngine) -> None:
    chat(client, extra_body={"prompt_mode": "reasoning"})
    assert "effort: high" in engine.prompt()


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({"thinking": {"type": "enabled"}}, "high"),
        ({"thinking": {"type": "adaptive"}, "reasoning_effort": "medium"}, "high"),
        ({"thinking": {"type": "disabled"}}, "none"),
        ({"thinking": {"type": "disabled"}, "enable_thinking": False, "reasoning_effort": "none"}, "none"),
        ({"enable_thinking": True}, "high"),
        ({"enable_thinking": False}, "none"),
        ({"reasoning_effort": "low", "enable_thinking": True}, "high"),
        ({"reasoning_effort": "low", "prompt_mode": "reasoning"}, "high"),
        ({"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": True}}, "high"),
        ({"reasoning_effort": "none", "chat_template_kwargs": {"thinking": False}}, "none"),
        ({"reasoning_effort": "low", "chat_template_kwargs": {"reasoning_effort": "low"}}, "high"),
        ({"chat_template_kwargs": {"reasoning_effort": "low", "enable_thinking": True}}, "high"),
        ({"chat_template_kwargs": {"reasoning_effort": "low", "enable_thinking": None}}, "high"),
        ({"reasoning": {"effort": "low"}}, "high"),
        ({"reasoning": {"enabled": True}}, "high"),
        ({"reasoning": {"enabled": False}}, "none"),
        ({"reasoning": {"max_tokens": 9}}, "high"),
        ({"reasoning": {"effort": "none", "max_tokens": 9}}, "none"),
        ({"reasoning": {}}, "None"),
    ],
)
def test_words_of_other_apis_for_the_effort(
    client: openai.OpenAI, engine: MarkedEngine, fields: dict[str, Any], effort: str
) -> None:
    chat(client, extra_body=fields)
    assert f"effort: {effort}" in engine.prompt()


@pytest.mark.parametrize(
    "fields",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 2, "display": "omitted"}},
        {"reasoning": {"max_tokens": 2, "exclude": True}},
        {"thinking_token_budget": 2, "include_reasoning": False},
    ],
)
def test_thinking_has_a_budget_and_may_be_left_out(
    client: openai.OpenAI, engine: MarkedEngine, fields: dict[str, Any]
) -> None:
    engine.say(CALLING)
    answer = chat(client, extra_body=fields)
    constraint = engine.requests[-1].constraint
    assert isinstance(constraint, ThinkingBudget)
    assert constraint._left == 2
    assert not hasattr(answer.choices[0].message, "reasoning")


@pytest.mark.parametrize(
    ("kwargs", "effort"),
    [
        ({"reasoning_effort": "high"}, "high"),
        ({"enable_thinking": True}, "high"),
        ({"enable_thinking": False}, "none"),
        ({"thinking": True}, "high"),
        ({}, "None"),
    ],
)
def test_template_words_for_the_effort(
    client: openai.OpenAI, engine: MarkedEngine, kwargs: dict[str, Any], effort: str
) -> None:
    """Guides for other servers say it so."""
    chat(client, extra_body={"chat_template_kwargs": kwargs})
    assert f"effort: {effort}" in engine.prompt()


@pytest.mark.parametrize(
    ("efforts", "asked", "effort"),
    [
        (EffortMap({"medium": "none"}), "medium", "none"),
        (EffortMap({"high": "none"}), "high", "none"),
        (EffortMap(strict=True), "high", "high"),
        (EffortMap(strict=True), "medium", None),
        (EffortMap(strict=True), "huge", None),
    ],
)
def test_the_map_of_the_operator(engine: MarkedEngine, efforts: EffortMap, asked: str, effort: str | None) -> None:
    with (
        serving(engine, ServerConfig(efforts=efforts), tokenizer=MarkedTokenizer()) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10) as client,
    ):
        if effort is not None:
            chat(client, reasoning_effort=asked)
            assert f"effort: {effort}" in engine.prompt()
        else:
            with pytest.raises(openai.BadRequestError, match="must be one of none, high; got") as caught:
                chat(client, reasoning_effort=asked)
            assert caught.value.param == "reasoning_effort"


@pytest.mark.parametrize(
    "field",
    [
        {"reasoning_effort": "low"},
        {"thinking": {"type": "enabled"}},
        {"enable_thinking": True},
        {"prompt_mode": "reasoning"},
        {"reasoning": {"effort": "high"}},
        {"chat_template_kwargs": {"enable_thinking": True}},
    ],
)
def test_a_model_that_does_not_reason_says_so_of_the_field_that_was_sent(field: dict[str, Any]) -> None:
    tokenizer = MarkedTokenizer()
    tokenizer.efforts = ()
    (name,) = field
    with (
        serving(MarkedEngine(), tokenizer=tokenizer) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10) as client,
        pytest.raises(openai.BadRequestError, match=f"{name} asks for reasoning, which this model cannot do") as caught,
    ):
        chat(client, extra_body=field)
    assert caught.value.param == name


# -- Refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "param", "sentence"),
    [
        ({"tools": [{"type": "web_search"}]}, "tools", r"tools\[0\] is of type 'web_search'; only functions"),
        ({"tools": [{"type": "function"}]}, "tools", r"tools\[0\] is not"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools", "has no name"),
        ({"tools": [WEATHER, WEATHER]}, "tools", "'get_weather' twice"),
        ({"tool_choice": "required"}, "tool_choice", "there are no tools"),
        ({"tools": [WEATHER], "tool_choice": "maybe"}, "tool_choice", "must be auto, required, none"),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "g"}}},
            "tool_choice",
            "names 'g'; tools has get_weather",
        ),
        (
            {
                "tools": [
                    {"type": "function", "function": {"name": "f", "parameters": {"not": {}}, "strict": True}},
                ]
            },
            "tools",
            r"tools\[0\], f: ",
        ),
        ({"tools": [WEATHER], "extra_body": {"min_tokens": 3}}, "min_tokens", "combined with tools"),
        ({"extra_body": {"thinking_token_budget": 3, "ignore_eos": True}}, "ignore_eos", "thinking_token_budget"),
        ({"extra_body": {"chat_template_kwargs": {"date": "x"}}}, "chat_template_kwargs", "has 'date'"),
        (
            {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}, "reasoning_effort": "high"},
            "chat_template_kwargs",
            "contradict",
        ),
        ({"extra_body": {"thinking": {"type": "disabled"}}, "reasoning_effort": "high"}, "thinking", "contradict"),
        ({"extra_body": {"thinking": {"type": "enabled"}}, "reasoning_effort": "none"}, "thinking", "contradict"),
        ({"extra_body": {"enable_thinking": True}, "reasoning_effort": "none"}, "enable_thinking", "contradict"),
        (
            {"extra_body": {"thinking": {"type": "enabled", "budget_tokens": 5}, "thinking_token_budget": 6}},
            "thinking",
            "differ",
        ),
        (
            {"extra_body": {"reasoning": {"max_tokens": 5}, "thinking_token_budget": 6}},
            "reasoning",
            "thinking_token_budget and reasoning differ",
        ),
        ({"extra_body": {"reasoning": {"effort": "low"}}, "reasoning_effort": "high"}, "reasoning", "contradict"),
        (
            {"extra_body": {"reasoning": {"effort": "low", "enabled": False}}},
            "reasoning",
            "itself$",
        ),
        ({"extra_body": {"reasoning": {"effort": "huge"}}}, "reasoning", "^.*reasoning must be one of none, min"),
        (
            {"extra_body": {"chat_template_kwargs": {"reasoning_effort": 5}}},
            "chat_template_kwargs",
            "reasoning_effort must be a text$",
        ),
        (
            {"extra_body": {"chat_template_kwargs": {"enable_thinking": "true"}}},
            "chat_template_kwargs",
            "enable_thinking must be true or false$",
        ),
        (
            {"extra_body": {"chat_template_kwargs": {"reasoning_effort": "high", "thinking": False}}},
            "chat_template_kwargs",
            "contradict",
        ),
        (
            {"extra_body": {"thinking": {"type": "enabled", "budget_tokens": 3}, "ignore_eos": True}},
            "ignore_eos",
            "combined with thinking",
        ),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools", r"tools\[0\] is of type 'custom'"),
        ({"extra_body": {"prompt_mode": "poem"}}, "prompt_mode", "reasoning"),
        ({"extra_body": {"prompt_mode": "reasoning"}, "reasoning_effort": "none"}, "prompt_mode", "contradict"),
        (
            {"messages": [*ASKED, {"role": "assistant", "tool_calls": [{}]}]},
            "messages",
            "has a tool call 0",
        ),
    ],
)
def test_refusals_name_the_field(client: openai.OpenAI, fields: dict[str, Any], param: str, sentence: str) -> None:
    with pytest.raises(openai.BadRequestError, match=sentence) as caught:
        chat(client, **fields)
    assert caught.value.param == param
