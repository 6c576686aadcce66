"""``quatre serve`` with a real model, asked by the official client."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import httpx
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, Field
from real_server import quatre_serve

NAME = "SmolLM2-135M-Instruct.Q4_1"
QUESTION = [{"role": "user", "content": "Give me three tips for a good night's sleep."}]


@pytest.fixture(scope="module")
def url(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "log"
    with quatre_serve(smollm2, log, "--max-model-len", "1024") as (url, _):
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client


def chat(client: openai.OpenAI, **more):
    return client.chat.completions.create(**{"model": NAME, "messages": QUESTION, "temperature": 0, **more})


def test_name_is_the_files(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert model.id == NAME
    assert model.model_extra["max_model_len"] == 1024


def test_answer_makes_sense_and_ends_by_itself(client: openai.OpenAI) -> None:
    answer = chat(client, max_tokens=300)
    assert "sleep" in answer.choices[0].message.content
    assert "<|im_end|>" not in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert 20 < answer.usage.completion_tokens < 300


def test_stream_equals_the_whole(client: openai.OpenAI) -> None:
    whole = chat(client, max_tokens=60)
    *chunks, last = chat(client, max_tokens=60, stream=True, stream_options={"include_usage": True})
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert last.usage == whole.usage
    assert chunks[-1].choices[0].finish_reason == whole.choices[0].finish_reason


def test_same_seed_same_answer_also_beside_others(client: openai.OpenAI) -> None:
    def drawn(seed: int) -> str:
        return chat(client, temperature=1.0, seed=seed, max_tokens=40).choices[0].message.content

    alone = drawn(1)
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(drawn, [1, 2, 3]))
    assert together[0] == alone
    assert len(set(together)) == 3


def test_stop_string_in_real_text(client: openai.OpenAI) -> None:
    whole = chat(client, max_tokens=60).choices[0].message.content
    stop = whole[len(whole) // 2 :][:7]
    stopped = chat(client, max_tokens=60, stop=stop)
    assert stopped.choices[0].message.content == whole[: whole.index(stop)]
    assert stopped.choices[0].finish_reason == "stop"


def test_ids_and_text_are_the_same_prompt(client: openai.OpenAI) -> None:
    from_text = client.completions.create(model=NAME, prompt="The capital of France is", temperature=0, max_tokens=5)
    assert "Paris" in from_text.choices[0].text
    scored = client.completions.create(
        model=NAME, prompt="The capital of France is", echo=True, logprobs=1, max_tokens=1, temperature=0
    )
    names = scored.choices[0].logprobs.tokens
    assert "".join(names[:-1]) == "The capital of France is"
    assert names[-1] == " Paris"
    assert scored.choices[0].logprobs.token_logprobs[0] is None
    assert all(logprob < 0 for logprob in scored.choices[0].logprobs.token_logprobs[1:])


def test_prompt_logprobs_are_those_of_echo(client: openai.OpenAI) -> None:
    ids = [504, 3575, 282, 4649, 314]
    options = {"model": NAME, "prompt": ids, "echo": True, "logprobs": 0, "max_tokens": 1, "temperature": 0}
    choice = client.completions.create(**options, extra_body={"prompt_logprobs": 2}).choices[0]
    scores = choice.model_extra["prompt_logprobs"]
    chosen = [position[str(token)] for position, token in zip(scores[1:], ids[1:], strict=True)]
    assert [score["logprob"] for score in chosen] == choice.logprobs.token_logprobs[1 : len(ids)]
    assert all(min(score["rank"] for score in position.values()) == 1 for position in scores[1:])


def test_too_long_and_too_hot(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, messages=[{"role": "user", "content": "word " * 2000}])
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "messages"
    assert "1024" in caught.value.body["message"]
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, temperature=9)
    assert caught.value.param == "temperature"


def test_control_tokens_in_a_message_stay_text(client: openai.OpenAI) -> None:
    def tokens(content: str) -> int:
        return chat(client, messages=[{"role": "user", "content": content}], max_tokens=1).usage.prompt_tokens

    assert tokens("x<|im_end|>") > tokens("x") + 2


def test_health_and_version(url: str) -> None:
    assert httpx.get(f"{url}/health").status_code == 200
    assert httpx.get(f"{url}/version").json()["version"]


def test_stopping_with_a_signal_lets_a_running_answer_finish(smollm2: Path, tmp_path: Path) -> None:
    with quatre_serve(smollm2, tmp_path / "log", "--max-model-len", "512", "--shutdown-timeout", "300") as (
        url,
        process,
    ):
        body = {"model": NAME, "messages": QUESTION, "max_tokens": 50, "stream": True, "ignore_eos": True}
        with httpx.stream("POST", f"{url}/v1/chat/completions", json=body, timeout=60) as answer:
            lines = answer.iter_lines()
            next(lines)
            process.send_signal(signal.SIGTERM)
            rest = [line for line in lines if line]
        assert rest[-1] == "data: [DONE]"
        assert '"finish_reason":"length"' in rest[-2]
        process.wait(30)


def test_key_from_the_environment_is_asked_for(smollm2: Path, tmp_path: Path) -> None:
    flags = ("--max-model-len", "64", "--served-model-name", "small", "--log-level", "warning")
    with quatre_serve(smollm2, tmp_path / "log", *flags, QUATRE_API_KEY="open") as (url, _):
        assert httpx.get(f"{url}/v1/models").status_code == 401
        with openai.OpenAI(base_url=f"{url}/v1", api_key="open") as client:
            assert [model.id for model in client.models.list()] == ["small"]
    assert "open" not in (tmp_path / "log").read_text()


def test_serving_does_not_load_pytorch(smollm2: Path, tmp_path: Path) -> None:
    with quatre_serve(smollm2, tmp_path / "log", "--max-model-len", "64") as (_, process):
        maps = Path(f"/proc/{process.pid}/maps").read_text()
    assert "libtorch" not in maps
    assert "_native" in maps


class Event(BaseModel):
    """What the model is to find in a sentence."""

    name: str = Field(max_length=30)
    day: int = Field(ge=1, le=31)
    who: list[Literal["Alice", "Bob"]] = Field(max_length=2)


def test_an_answer_is_parsed_by_the_official_client(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": "Alice and Bob go to a science fair on day 3."}]
    for seed in range(3):
        answer = client.chat.completions.parse(
            model=NAME, messages=messages, response_format=Event, max_tokens=300, seed=seed
        )
        assert answer.choices[0].finish_reason == "stop"
        assert isinstance(answer.choices[0].message.parsed, Event)


def test_several_answers_are_those_of_their_seed_and_place(client: openai.OpenAI) -> None:
    first, second = (chat(client, n=3, temperature=1, seed=5, max_tokens=12) for _ in range(2))
    texts = [choice.message.content for choice in first.choices]
    assert texts == [choice.message.content for choice in second.choices]
    assert len(set(texts)) == 3
    assert texts[0] == chat(client, temperature=1, seed=5, max_tokens=12).choices[0].message.content


def test_a_regex_is_kept_at_any_temperature(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model=NAME,
        prompt="My number is",
        temperature=2,
        max_tokens=40,
        extra_body={"guided_regex": "[0-9]{3}-[0-9]{4}"},
    )
    assert re.fullmatch("[0-9]{3}-[0-9]{4}", answer.choices[0].text)


def test_bad_words_change_a_greedy_answer(client: openai.OpenAI) -> None:
    assert " sleep" in chat(client, max_tokens=40).choices[0].message.content
    other = chat(client, max_tokens=40, extra_body={"bad_words": ["sleep"]}).choices[0].message.content
    assert " sleep " not in other


def numbers(url: str) -> dict[str, float]:
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return {sample.name.removeprefix("quatre:"): sample.value for sample in samples}


def wait_until(url: str, what: Callable[[dict[str, float]], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what(numbers(url)):
        assert time.monotonic() < deadline, numbers(url)
        time.sleep(0.02)


@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_frees_what_was_held(url: str, stream: bool) -> None:
    body = {"model": NAME, "prompt": "Once", "max_tokens": 900, "ignore_eos": True, "n": 2, "stream": stream}
    before = numbers(url)["e2e_request_latency_seconds_count"]
    with socket.create_connection((httpx.URL(url).host, httpx.URL(url).port)) as connection:
        content = json.dumps(body).encode()
        head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(content)}"
        connection.sendall(head.encode() + b"\r\n\r\n" + content)
        wait_until(url, lambda now: now["num_requests_running"] == 2 and now["kv_cache_pages_held"] > 0)
    wait_until(url, lambda now: now["num_requests_running"] == now["kv_cache_pages_held"] == 0)
    after = numbers(url)
    assert after["e2e_request_latency_seconds_count"] == before + 2
    assert after["num_requests_waiting"] == after["kv_cache_usage_perc"] == 0


def test_the_second_request_with_a_beginning_finds_it(url: str) -> None:
    prompt = [1000 + place for place in range(200)]
    before = numbers(url)["prefix_cache_hits_total"]
    for place, cached in enumerate((0, 192)):
        body = {"model": NAME, "prompt": [*prompt, 7 + place], "max_tokens": 1}
        usage = httpx.post(f"{url}/v1/completions", json=body, timeout=60).json()["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == cached
    assert numbers(url)["prefix_cache_hits_total"] == before + 192
