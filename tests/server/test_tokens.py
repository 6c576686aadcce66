"""/tokenize and /detokenize, as vLLM's clients use them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from serving import serving

from fakes import BOS
from marked import MarkedEngine, MarkedTokenizer

HI = {"role": "user", "content": "Hi"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with serving(MarkedEngine(), tokenizer=MarkedTokenizer()) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield client


def test_text_there_and_back(http: httpx.Client) -> None:
    there = http.post("/tokenize", json={"model": "fake", "prompt": "héllo", "return_token_strs": True}).json()
    assert there["tokens"] == [BOS, *"héllo".encode()]
    assert (there["count"], there["max_model_len"]) == (7, 4096)
    assert there["token_strs"][:2] == ["<begin>", "h"]
    assert http.post("/detokenize", json={"tokens": there["tokens"]}).json() == {"prompt": "héllo"}


def test_without_a_begin_token(http: httpx.Client) -> None:
    there = http.post("/tokenize", json={"prompt": "a", "add_special_tokens": False}).json()
    assert (there["tokens"], there["token_strs"]) == ([ord("a")], None)


def test_messages_are_counted_as_a_chat_completion_reads_them(http: httpx.Client) -> None:
    asked = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}], "reasoning_effort": "medium"}
    answer = http.post("/v1/chat/completions", json=asked).json()
    assert http.post("/tokenize", json=asked).json()["count"] == answer["usage"]["prompt_tokens"]


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/tokenize", {}, "prompt"),
        ("/tokenize", {"prompt": "a", "messages": [{"role": "user", "content": "Hi"}]}, "prompt"),
        ("/tokenize", {"messages": [{"role": "user"}]}, "messages"),
        ("/tokenize", {"model": "other", "prompt": "a"}, "model"),
        (
            "/tokenize",
            {"messages": [HI, {"role": "assistant", "content": "a", "prefix": True}], "add_generation_prompt": True},
            "add_generation_prompt",
        ),
        ("/tokenize", {"prompt": "a", "chat_template": "x"}, "chat_template"),
        ("/detokenize", {"tokens": [10**6]}, "tokens"),
        ("/detokenize", {"tokens": [-1]}, "tokens[0]"),
        ("/detokenize", {}, "tokens"),
    ],
)
def test_refusals_name_the_field(http: httpx.Client, path: str, body: dict, param: str) -> None:
    answer = http.post(path, json=body)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["param"] == param
