"""What stands between two texts, by Mistral's endpoint and by the suffix of a completion."""

from __future__ import annotations

import json
from typing import Any

import httpx
import openai
import pytest
from serving import serving

from fakes import ByteTokenizer, FakeEngine
from quatre.chat.fim import check_fim

FIM = "/v1/fim/completions"
BODY = {"model": "fake", "prompt": "def f(", "suffix": "return x"}
ASKED = "[SUFFIX]return x[PREFIX]def f("


class Unmarked(ByteTokenizer):
    def fim_prompt(self, prompt: str, suffix: str) -> list[int]:
        check_fim({"[SUFFIX]": 1}.get)
        return []


def prompt_of(engine: FakeEngine) -> str:
    return ByteTokenizer().decode(engine.requests[-1].prompt)


def test_the_answer_is_a_chat_completion(http: httpx.Client, engine: FakeEngine) -> None:
    fields = {"random_seed": 7, "max_tokens": 50, "min_tokens": 2, "stop": [", w"], "temperature": 0.5}
    answer = http.post(FIM, json={**BODY, **fields})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (choice,) = body["choices"]
    assert choice["message"]["content"] == "Hello"
    assert (choice["message"]["role"], choice["finish_reason"], body["object"]) == (
        "assistant",
        "stop",
        "chat.completion",
    )
    assert body["usage"]["prompt_tokens"] == len(engine.requests[-1].prompt)
    assert prompt_of(engine) == ASKED
    params = engine.requests[-1].params
    assert (params.seed, params.max_tokens, params.min_tokens, params.stop) == (7, 50, 2, [", w"])


def test_a_stream_is_the_same_text(http: httpx.Client) -> None:
    lines = http.post(FIM, json={**BODY, "stream": True}).text.split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Hello, world"
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_without_a_suffix_the_marks_are_there_all_the_same(http: httpx.Client, engine: FakeEngine) -> None:
    assert http.post(FIM, json={"model": "fake", "prompt": "a", "suffix": None}).status_code == 200
    assert prompt_of(engine) == "[SUFFIX][PREFIX]a"


def test_a_completion_with_a_suffix_is_asked_alike(client: openai.OpenAI, engine: FakeEngine) -> None:
    client.completions.create(model="fake", prompt=BODY["prompt"], suffix=BODY["suffix"])
    assert prompt_of(engine) == ASKED
    client.completions.create(model="fake", prompt=["a", "b"], suffix="c")
    assert {ByteTokenizer().decode(request.prompt) for request in engine.requests[-2:]} == {
        "[SUFFIX]c[PREFIX]a",
        "[SUFFIX]c[PREFIX]b",
    }
    client.completions.create(model="fake", prompt="a", suffix="")
    assert prompt_of(engine) == "a"


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        (FIM, BODY, "model"),
        (FIM, {"model": "fake", "prompt": "a"}, "model"),
        ("/v1/completions", BODY, "suffix"),
    ],
)
def test_a_model_without_the_marks_refuses(path: str, body: dict[str, Any], param: str) -> None:
    with serving(FakeEngine(), tokenizer=Unmarked()) as url:
        answer = httpx.post(url + path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert "its vocabulary has no [PREFIX], [MIDDLE]" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"prompt": ["a"]}, "prompt"), ({"suffix": "\ud800"}, "suffix"), ({"echo": True}, "echo"), ({"n": 0}, "n")],
)
def test_wrong_fields_are_named(http: httpx.Client, fields: dict[str, Any], param: str) -> None:
    answer = http.post(FIM, content=json.dumps({**BODY, **fields}), headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
