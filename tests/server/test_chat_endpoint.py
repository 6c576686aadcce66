"""Chat completions through the official client."""

from __future__ import annotations

import openai
import pytest
from serving import serving

from fakes import END, THINK, FakeEngine

MESSAGES = [{"role": "user", "content": "Hi"}]


def chat(client: openai.OpenAI, **more):
    return client.chat.completions.create(model="fake", messages=MESSAGES, **more)


def test_whole_answer(client: openai.OpenAI, engine: FakeEngine) -> None:
    answer = chat(client)
    (choice,) = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content == "Hello, world"
    assert choice.finish_reason == "stop"
    assert choice.logprobs is None
    assert answer.object == "chat.completion"
    assert answer.model == "fake"
    assert answer.id == f"chatcmpl-{engine.requests[-1].id}"
    prompt = 1 + len("user: Hi\n")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (prompt, len("Hello, world") + 1)
    assert answer.usage.total_tokens == prompt + 13


def test_stream_is_the_whole_answer(client: openai.OpenAI) -> None:
    chunks = list(chat(client, stream=True))
    first, *middle, last = chunks
    assert first.choices[0].delta.role == "assistant"
    assert first.choices[0].delta.content == ""
    assert "".join(chunk.choices[0].delta.content for chunk in middle) == "Hello, world"
    assert all(chunk.choices[0].finish_reason is None for chunk in [first, *middle])
    assert all(chunk.choices[0].delta.role is None for chunk in middle)
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.content is None
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}


def test_stream_usage_is_one_more_chunk_and_null_before(client: openai.OpenAI) -> None:
    *chunks, last = chat(client, stream=True, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage.completion_tokens == len("Hello, world") + 1
    assert all(chunk.usage is None and "usage" in chunk.model_fields_set for chunk in chunks)


def test_stop_string_ends_the_answer_and_the_generation() -> None:
    engine = FakeEngine("one two three")
    with serving(engine) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        answer = chat(client, stop=["thr", " two"])
        streamed = list(chat(client, stop=" two", stream=True))
        engine.wait_for(cancelled=2)
    assert answer.choices[0].message.content == "one"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].model_extra["stop_reason"] == " two"
    assert answer.usage.completion_tokens == len("one two")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == "one"


def test_answer_longer_than_max_tokens_ends_with_length(client: openai.OpenAI) -> None:
    for limit in ({"max_tokens": 4}, {"max_completion_tokens": 4}, {"max_tokens": 4, "max_completion_tokens": 4}):
        answer = chat(client, **limit)
        assert answer.choices[0].message.content == "Hell"
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage.completion_tokens == 4


def test_characters_that_span_tokens_come_whole() -> None:
    with serving(FakeEngine("né 你好 🙂")) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        pieces = [chunk.choices[0].delta.content or "" for chunk in chat(client, stream=True)]
        whole = chat(client).choices[0].message.content
    assert "".join(pieces) == whole == "né 你好 🙂"
    assert "🙂" in pieces


def test_logprobs(client: openai.OpenAI) -> None:
    content = chat(client, logprobs=True, top_logprobs=2).choices[0].logprobs.content
    assert [entry.token for entry in content] == [*"Hello, world", "<end>"]
    assert (content[0].logprob, content[0].bytes) == (-1.5, [ord("H")])
    assert [(top.token, top.logprob) for top in content[0].top_logprobs] == [("G", -0.5), ("H", -1.5)]
    assert content[-1].bytes == []  # null, Mistral's own client would read none at all
    chunks = list(chat(client, logprobs=True, stream=True))
    streamed = [entry for chunk in chunks if chunk.choices[0].logprobs for entry in chunk.choices[0].logprobs.content]
    assert [entry.token for entry in streamed] == [entry.token for entry in content]
    assert all(entry.top_logprobs == [] for entry in streamed)


def test_prompt_logprobs_are_vllms(client: openai.OpenAI) -> None:
    scores = chat(client, extra_body={"prompt_logprobs": 1}).model_extra["prompt_logprobs"]
    first, second, *_ = scores
    assert first is None
    assert second == {
        str(ord("u")): {"logprob": -1.5, "rank": 2, "decoded_token": "u"},
        str(ord("t")): {"logprob": -0.5, "rank": 1, "decoded_token": "t"},
    }


def test_sampling_fields_reach_the_engine(client: openai.OpenAI, engine: FakeEngine) -> None:
    more = {"top_k": 5, "min_p": 0.1, "stop_token_ids": [7], "ignore_eos": True}
    chat(client, temperature=0.5, top_p=0.9, seed=11, max_tokens=3, stop="zz", extra_body=more)
    request = engine.requests[-1]
    params = request.params
    assert (params.temperature, params.top_p, params.seed, params.max_tokens) == (0.5, 0.9, 11, 3)
    assert (params.top_k, params.min_p, list(params.stop)) == (5, 0.1, ["zz"])
    assert request.stop_ids == {7}
    chat(client)
    assert engine.requests[-1].stop_ids == {END}
    assert engine.requests[-1].params.temperature == 1.0


def test_parts_and_roles_reach_the_prompt(client: openai.OpenAI, engine: FakeEngine) -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    messages = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": parts}]
    client.chat.completions.create(model="fake", messages=messages, reasoning_effort="high")
    prompt = engine.requests[-1].prompt
    assert bytes(prompt[1:-1]) == b"system: Be kind.\nuser: onetwo\n"
    assert prompt[-1] == THINK


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"reasoning_effort": "huge"}, "reasoning_effort", "one of none, minimal, low, medium, high, xhigh, max; got"),
        ({"temperature": 2.5}, "temperature", "from 0 to 2, got 2.5"),
        ({"temperature": "warm"}, "temperature", "valid number"),
        ({"top_p": 0}, "top_p", "above 0"),
        ({"top_logprobs": 3}, "top_logprobs", "needs logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "from 0 to 20"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "needs stream"),
        ({"max_tokens": 0}, "max_tokens", "must be 1"),
        ({"max_completion_tokens": 0}, "max_completion_tokens", "must be 1"),
        ({"max_tokens": 1, "max_completion_tokens": 2}, "max_completion_tokens", "differ"),
        ({"stop": ["x"] * 17}, "stop", "at most 16"),
        ({"stop": ""}, "stop", "non-empty"),
        ({"extra_body": {"prompt_logprobs": 1}, "stream": True}, "prompt_logprobs", "cannot be streamed"),
        ({"extra_body": {"messages": []}}, "messages", "at least 1"),
        ({"extra_body": {"messages": [{"role": "user"}]}}, "messages", "messages[0] has no content"),
        ({"extra_body": {"messages": [{"role": "robot", "content": ""}]}}, "messages[0].role", "'assistant'"),
        ({"extra_body": {"messages": [{"role": "user", "content": 3}]}}, "messages[0].content", "list of text parts"),
        ({"extra_body": {"messages": [{"role": "system", "content": "x"}]}}, "messages", "must be the user's"),
    ],
)
def test_wrong_fields_are_named(client: openai.OpenAI, fields, param: str, message: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, **fields)
    assert caught.value.param == param
    assert message in caught.value.body["message"]
    assert caught.value.type == "invalid_request_error"


def test_parts_that_cannot_be_read_are_refused_by_their_place(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "What is it?"}, {"type": "input_audio", "input_audio": {}}]
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="fake", messages=[{"role": "user", "content": parts}])
    assert caught.value.param == "messages[0].content"
    assert caught.value.code == "unsupported_value"
    assert "part 1 is of type 'input_audio'" in caught.value.body["message"]


def test_prompt_longer_than_the_context(client: openai.OpenAI) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(
                model="fake", messages=[{"role": "user", "content": "x" * 600}], stream=stream
            )
        assert caught.value.code == "context_length_exceeded"
        assert caught.value.param == "messages"
        assert "608" in caught.value.body["message"]
        assert "512" in caught.value.body["message"]


def test_several_answers_share_one_prompt(client: openai.OpenAI) -> None:
    one = client.chat.completions.create(model="fake", messages=MESSAGES)
    three = client.chat.completions.create(model="fake", messages=MESSAGES, n=3, logprobs=True)
    assert [choice.index for choice in three.choices] == [0, 1, 2]
    assert {choice.message.content for choice in three.choices} == {"Hello, world"}
    assert three.usage.prompt_tokens == one.usage.prompt_tokens
    assert three.usage.completion_tokens == 3 * one.usage.completion_tokens


def test_several_answers_stream_side_by_side(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="fake", messages=MESSAGES, n=2, stream=True)
    texts, ends = {0: "", 1: ""}, []
    for chunk in stream:
        (choice,) = chunk.choices
        texts[choice.index] += choice.delta.content or ""
        if choice.finish_reason:
            ends.append(choice.index)
    assert texts == {0: "Hello, world", 1: "Hello, world"}
    assert sorted(ends) == [0, 1]
