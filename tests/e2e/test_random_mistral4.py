"""A tiny Mistral 4 with random weights and Mistral's own vocabulary, asked for calls, schemas and thinking at once.

What it says means nothing, so whatever has a form owes it to the grammar alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import mistral_common
import openai
import pytest
from real_server import quatre_serve

from tekken_files import saved, v15_file
from tiny_checkpoints import MISTRAL4, random_weights, write_hf

DAYS = {
    "type": "object",
    "properties": {"city": {"enum": ["Oslo", "Paris"]}, "days": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": DAYS}} for name in ("forecast", "history")]
SHAPE = {"type": "json_schema", "json_schema": {"name": "days", "schema": DAYS}}
SEEDS = range(3)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    folder = tmp_path_factory.mktemp("random") / "tiny"
    config = MISTRAL4 | {"vocab_size": 131072}
    write_hf(folder, config, random_weights(config))
    shipped = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    saved(folder, v15_file(json.loads(shipped.read_bytes())))
    with (
        quatre_serve(folder, folder.parent / "log", "--max-model-len", "2048") as (url, _),
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as client,
    ):
        yield client


def chat(client: openai.OpenAI, **more: Any) -> Any:
    asked = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1000}
    return client.chat.completions.create(**asked, **more)


@pytest.mark.parametrize("seed", SEEDS)
def test_forced_calls_after_some_thinking(client: openai.OpenAI, seed: int) -> None:
    asked = {"tools": TOOLS, "tool_choice": "required", "parallel_tool_calls": False, "seed": seed}
    asked |= {"reasoning_effort": "medium", "extra_body": {"thinking_token_budget": 20}}
    answer = chat(client, **asked)
    (choice,) = answer.choices
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert call.function.name in ("forecast", "history")
    jsonschema.validate(json.loads(call.function.arguments), DAYS)
    assert answer.usage.completion_tokens_details.reasoning_tokens <= 20 + 2 + 3
    deltas = [chunk.choices[0].delta for chunk in chat(client, **asked, stream=True)]
    pieces = [piece.function for delta in deltas for piece in delta.tool_calls or []]
    assert pieces[0].name == call.function.name
    assert "".join(piece.arguments for piece in pieces) == call.function.arguments
    assert "".join(getattr(delta, "reasoning", "") for delta in deltas) == getattr(choice.message, "reasoning", "")


@pytest.mark.parametrize("seed", SEEDS)
def test_tools_and_a_schema(client: openai.OpenAI, seed: int) -> None:
    message = chat(client, tools=TOOLS, response_format=SHAPE, seed=seed, parallel_tool_calls=False).choices[0].message
    if message.tool_calls:
        assert message.content is None
    else:
        jsonschema.validate(json.loads(message.content), DAYS)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_tools_nothing_is_called(client: openai.OpenAI, seed: int) -> None:
    message = chat(client, seed=seed).choices[0].message
    assert message.tool_calls is None
    assert message.content
