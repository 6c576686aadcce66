"""The clients of Mistral, LiteLLM and LangChain against a real server with the built-in model."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from mistralai.client import Mistral
from PIL import Image, ImageDraw
from real_server import quatre_serve

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks GitHub for prices while it is imported

import litellm

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": CITY}}
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}
ASKED = [{"role": "user", "content": "What is the weather in Lisbon?"}]
TOLD = [{"role": "user", "content": "Anna is 34 years old. Give her name and age."}]
MOST = 200
"""Tokens of an answer: whatever a tiny model says, it ends."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("nano") / "log"
    with quatre_serve(Path("nano"), log) as (url, _):
        yield url


@pytest.fixture(scope="module")
def mistral(url: str) -> Iterator[Mistral]:
    with Mistral(api_key="none", server_url=url, timeout_ms=120_000) as client:
        yield client


def picture() -> str:
    """A red circle, as a data URL."""
    image, file = Image.new("RGB", (96, 96), "white"), BytesIO()
    ImageDraw.Draw(image).ellipse((16, 16, 80, 80), fill="red")
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def shown() -> list[dict[str, Any]]:
    parts = [
        {"type": "text", "text": "What is in the picture?"},
        {"type": "image_url", "image_url": {"url": picture()}},
    ]
    return [{"role": "user", "content": parts}]


def city_of(arguments: Any) -> dict[str, Any]:
    """The arguments of a call that has its form."""
    given = json.loads(arguments) if isinstance(arguments, str) else arguments
    jsonschema.validate(given, CITY)
    assert isinstance(given, dict)
    return given


# -- mistralai ---------------------------------------------------------------------------------------------------------


def test_mistral_picture(mistral: Mistral) -> None:
    blind = mistral.chat.complete(model="nano", messages=ASKED, max_tokens=1)
    answer = mistral.chat.complete(model="nano", messages=shown(), temperature=0, max_tokens=MOST)
    assert answer.choices[0].message.content
    assert answer.usage.prompt_tokens > blind.usage.prompt_tokens


def test_mistral_tool_round_trip(mistral: Mistral) -> None:
    asked: dict[str, Any] = {"model": "nano", "tools": [WEATHER], "temperature": 0, "max_tokens": MOST}
    first = mistral.chat.complete(messages=ASKED, tool_choice="any", **asked).choices[0]
    assert first.finish_reason == "tool_calls"
    call = first.message.tool_calls[0]
    assert call.function.name == "get_weather"
    city_of(call.function.arguments)
    result = {"role": "tool", "tool_call_id": call.id, "name": "get_weather", "content": '{"sky": "sunny"}'}
    second = mistral.chat.complete(messages=[*ASKED, first.message, result], tool_choice="none", **asked).choices[0]
    assert second.message.content
    assert not second.message.tool_calls


def test_mistral_schema(mistral: Mistral) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}
    answer = mistral.chat.complete(model="nano", messages=TOLD, response_format=form, max_tokens=MOST, temperature=0)
    jsonschema.validate(json.loads(answer.choices[0].message.content), PERSON)


# -- LiteLLM -----------------------------------------------------------------------------------------------------------


its_own_warnings = pytest.mark.filterwarnings("ignore")


def lite(url: str, messages: list[Any], **more: Any) -> Any:
    settings = {"max_tokens": MOST, "temperature": 0, "timeout": 120, **more}
    return litellm.completion(
        model="hosted_vllm/nano", api_base=f"{url}/v1", api_key="none", messages=messages, **settings
    )


@its_own_warnings
def test_litellm_picture(url: str) -> None:
    assert lite(url, shown()).choices[0].message.content


@its_own_warnings
def test_litellm_tool_round_trip(url: str) -> None:
    first = lite(url, ASKED, tools=[WEATHER], tool_choice="required").choices[0]
    assert first.finish_reason == "tool_calls"
    call = first.message.tool_calls[0]
    assert call.function.name == "get_weather"
    city_of(call.function.arguments)
    result = {"role": "tool", "tool_call_id": call.id, "content": '{"sky": "sunny"}'}
    second = lite(url, [*ASKED, first.message, result], tools=[WEATHER], tool_choice="none").choices[0]
    assert second.message.content
    assert not second.message.tool_calls


@its_own_warnings
def test_litellm_schema(url: str) -> None:
    jsonschema.validate(json.loads(lite(url, TOLD, response_format=FORM).choices[0].message.content), PERSON)


# -- LangChain ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(url: str) -> ChatOpenAI:
    return ChatOpenAI(model="nano", base_url=f"{url}/v1", api_key="none", temperature=0, max_tokens=MOST, timeout=120)


def test_langchain_picture(chain: ChatOpenAI) -> None:
    assert chain.invoke([HumanMessage(content=shown()[0]["content"])]).content


def test_langchain_tool_round_trip(chain: ChatOpenAI) -> None:
    asked = HumanMessage(content=ASKED[0]["content"])
    first = chain.bind_tools([WEATHER], tool_choice="required").invoke([asked])
    assert isinstance(first, AIMessage)
    call = first.tool_calls[0]
    assert call["name"] == "get_weather"
    city_of(call["args"])
    result = ToolMessage(content='{"sky": "sunny"}', tool_call_id=call["id"])
    second = chain.bind_tools([WEATHER], tool_choice="none").invoke([asked, first, result])
    assert second.content
    assert not second.tool_calls


def test_langchain_schema(chain: ChatOpenAI) -> None:
    answer = chain.with_structured_output(PERSON | {"title": "person"}, method="json_schema").invoke(TOLD[0]["content"])
    jsonschema.validate(answer, PERSON)
