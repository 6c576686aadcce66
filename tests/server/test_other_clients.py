"""Mistral's own client, LiteLLM and LangChain, as their users hold them: text, streams, thinking, tools and forms."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from mistralai.client import Mistral
from mistralai.client.errors import SDKError
from pydantic import BaseModel

from marked import MarkedEngine

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks GitHub for prices while it is imported

import litellm

CALLING = '[THINK]one city [/THINK]Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": SCHEMA}}
ASKED = [{"role": "user", "content": "Weather in Paris?"}]
HISTORY = [
    "user: Weather in Paris?.",
    'assistant: Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}.',
    "tool: 18C.",
]


class Place(BaseModel):
    """What an answer is to look like."""

    city: str


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


def squeezed(lines: list[str]) -> list[str]:
    """Clients write the arguments of calls with and without spaces."""
    return [line.replace('": "', '":"') for line in lines]


# -- mistralai ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mistral(url: str) -> Iterator[Mistral]:
    with Mistral(api_key="none", server_url=url, timeout_ms=60_000) as client:
        yield client


def test_mistral_text_and_sampling(mistral: Mistral, engine: MarkedEngine) -> None:
    engine.say("Sunny.")
    answer = mistral.chat.complete(model="fake", messages=ASKED, temperature=0.25, random_seed=7, max_tokens=50)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Sunny.", "stop")
    params = engine.requests[-1].params
    assert (params.temperature, params.seed, params.max_tokens) == (0.25, 7, 50)
    assert answer.usage.completion_tokens == len("Sunny.") + 1


def test_mistral_logprobs(mistral: Mistral, engine: MarkedEngine) -> None:
    """It reads none where one entry lacks what it wants, and does not say so."""
    engine.say("[THINK]so[/THINK]é ok")
    answer = mistral.chat.complete(model="fake", messages=ASKED, logprobs=True, top_logprobs=2)
    scores = answer.choices[0].logprobs.content
    assert b"".join(bytes(score.bytes_) for score in scores) == "soé ok".encode()
    assert [score.token_id for score in scores] == engine.answer
    assert all(len(score.top_logprobs) == 2 for score in scores)


def test_mistral_streams_thinking_text_and_whole_calls(mistral: Mistral, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    deltas = [
        event.data.choices[0].delta
        for event in mistral.chat.stream(model="fake", messages=ASKED, tools=[WEATHER], prompt_mode="reasoning")
    ]
    assert "effort: high" in engine.prompt()
    texts = [delta.content for delta in deltas if isinstance(delta.content, str)]
    thoughts = [part for delta in deltas if isinstance(delta.content, list) for part in delta.content]
    assert "".join(texts) == "Let me see."
    assert "".join(part.thinking[0].text for part in thoughts) == "one city"
    (calls,) = [delta.tool_calls for delta in deltas if delta.tool_calls]
    assert [(call.function.name, call.function.arguments) for call in calls] == [("get_weather", '{"city": "Paris"}')]


def test_mistral_tool_loop(mistral: Mistral, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    message = mistral.chat.complete(model="fake", messages=ASKED, tools=[WEATHER], tool_choice="any").choices[0].message
    assert engine.requests[-1].constraint is not None
    (call,) = message.tool_calls
    result = {"role": "tool", "content": "18C", "tool_call_id": call.id, "name": "get_weather"}
    engine.say("Warm.")
    answer = mistral.chat.complete(model="fake", messages=[*ASKED, message, result], tools=[WEATHER])
    assert answer.choices[0].message.content == "Warm."
    found = engine.prompt().splitlines()[2:]
    assert squeezed(found)[-1] == "tool: 18C."
    assert squeezed(HISTORY)[1].removeprefix("assistant: ") in squeezed(found)[1]


def test_mistral_goes_on_with_an_open_thought(mistral: Mistral, engine: MarkedEngine) -> None:
    engine.say("so[/THINK]4")
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "2+2 is"}], "closed": False}
    begun = {"role": "assistant", "content": [thought], "prefix": True}
    message = mistral.chat.complete(model="fake", messages=[*ASKED, begun]).choices[0].message
    assert engine.prompt().endswith("assistant: [THINK]2+2 is")
    thought, text = message.content
    assert (thought.type, thought.thinking[0].text, text.text) == ("thinking", "so", "4")


def test_mistral_forms_middles_models_and_errors(mistral: Mistral, engine: MarkedEngine) -> None:
    engine.say('{"city": "Oslo"}')
    assert mistral.chat.parse(Place, model="fake", messages=ASKED).choices[0].message.parsed == Place(city="Oslo")
    assert engine.requests[-1].constraint is not None
    engine.say("x")
    assert mistral.fim.complete(model="fake", prompt="a", suffix="b").choices[0].message.content == "x"
    (card,) = mistral.models.list().data
    assert (card.id, card.max_context_length, card.capabilities.function_calling) == ("fake", 4096, True)
    with pytest.raises(SDKError, match="not served here"):
        mistral.chat.complete(model="other", messages=ASKED)


# -- litellm -----------------------------------------------------------------------------------------------------------

its_own_warnings = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def lite(url: str) -> dict[str, Any]:
    return {"model": "hosted_vllm/fake", "api_base": f"{url}/v1", "api_key": "none", "timeout": 60, "num_retries": 0}


@its_own_warnings
def test_litellm_thinking_text_and_calls(lite: dict[str, Any], engine: MarkedEngine) -> None:
    engine.say(CALLING)
    message = litellm.completion(messages=ASKED, tools=[WEATHER], reasoning_effort="high", **lite).choices[0].message
    assert "effort: high" in engine.prompt()
    assert (message.reasoning_content, message.content) == ("one city", "Let me see.")
    (call,) = message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Paris"})
    result = {"role": "tool", "content": "18C", "tool_call_id": call.id}
    engine.say("Warm.")
    answer = litellm.completion(messages=[*ASKED, message.model_dump(), result], tools=[WEATHER], **lite)
    assert answer.choices[0].message.content == "Warm."
    assert squeezed(engine.prompt().splitlines())[-1] == "tool: 18C."


@its_own_warnings
def test_litellm_streams(lite: dict[str, Any], engine: MarkedEngine) -> None:
    engine.say(CALLING)
    chunks = list(litellm.completion(messages=ASKED, tools=[WEATHER], stream=True, **lite))
    whole = litellm.stream_chunk_builder(chunks, messages=ASKED).choices[0].message
    assert (whole.reasoning_content, whole.content) == ("one city", "Let me see.")
    assert [json.loads(call.function.arguments) for call in whole.tool_calls] == [{"city": "Paris"}]


@its_own_warnings
def test_litellm_forms_and_errors(lite: dict[str, Any], engine: MarkedEngine) -> None:
    engine.say('{"city": "Oslo"}')
    shape = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
    assert litellm.completion(messages=ASKED, response_format=shape, **lite).choices[0].message.content == (
        '{"city": "Oslo"}'
    )
    assert engine.requests[-1].constraint is not None
    with pytest.raises(litellm.BadRequestError, match="temperature must be from 0 to 2"):
        litellm.completion(messages=ASKED, temperature=3.0, **lite)


# -- langchain-openai --------------------------------------------------------------------------------------------------


@pytest.fixture
def lang(url: str) -> ChatOpenAI:
    return ChatOpenAI(model="fake", base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60)


def test_langchain_text_and_streams(lang: ChatOpenAI, engine: MarkedEngine) -> None:
    engine.say("Sunny, été.")
    answer = lang.invoke("Weather?")
    assert answer.content == "Sunny, été."
    assert answer.usage_metadata["output_tokens"] == len("Sunny, été.".encode()) + 1
    assert "".join(chunk.content for chunk in lang.stream("Weather?")) == "Sunny, été."


def test_langchain_tool_loop(lang: ChatOpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    asking = lang.bind_tools([WEATHER], tool_choice="any", parallel_tool_calls=False)
    first = HumanMessage("Weather in Paris?")
    message = asking.invoke([first])
    (call,) = message.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    streamed = None
    for chunk in asking.stream([first]):
        streamed = chunk if streamed is None else streamed + chunk
    assert [(one["name"], one["args"]) for one in streamed.tool_calls] == [(call["name"], call["args"])]
    engine.say("Warm.")
    assert lang.invoke([first, message, ToolMessage("18C", tool_call_id=call["id"])]).content == "Warm."
    assert squeezed(engine.prompt().splitlines()[2:]) == squeezed(HISTORY)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_langchain_forms(lang: ChatOpenAI, engine: MarkedEngine, method: str) -> None:
    engine.say('{"city": "Oslo"}' if method == "json_schema" else '[TOOL_CALLS]Place[ARGS]{"city": "Oslo"}')
    assert lang.with_structured_output(Place, method=method).invoke("Where?") == Place(city="Oslo")
    assert engine.requests[-1].constraint is not None


def test_langchain_thinks_through_responses(url: str, engine: MarkedEngine) -> None:
    """Of chat completions it reads no reasoning; of responses it does."""
    lang = ChatOpenAI(
        model="fake",
        base_url=f"{url}/v1",
        api_key="none",
        max_retries=0,
        timeout=60,
        use_responses_api=True,
        reasoning={"effort": "high"},
    )
    engine.say("[THINK]one city[/THINK]Sunny.")
    answer = lang.invoke("Weather?")
    assert "effort: high" in engine.prompt()
    assert answer.text == "Sunny."
    assert any(block["type"] == "reasoning" for block in answer.content)
