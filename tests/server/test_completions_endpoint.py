"""Text completions through the official client."""

from __future__ import annotations

import openai
import pytest
from serving import serving

from fakes import BOS, FakeEngine

TOKENS = ["H", "e"]


def complete(client: openai.OpenAI, prompt="Say:", **more):
    return client.completions.create(model="fake", prompt=prompt, **more)


def test_default_length_is_openais(client: openai.OpenAI) -> None:
    answer = complete(client)
    (choice,) = answer.choices
    assert answer.object == "text_completion"
    assert (choice.text, choice.finish_reason, choice.index) == ("Hello, world", "stop", 0)
    assert answer.usage.prompt_tokens == 1 + len("Say:")
    assert answer.usage.completion_tokens == 13


def test_stops_at_sixteen_tokens_unless_told() -> None:
    with serving(FakeEngine("a" * 40)) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        assert complete(client).choices[0].text == "a" * 16
        assert complete(client, max_tokens=20).choices[0].text == "a" * 20


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("ab", [[BOS, 97, 98]]),
        (["a", "b"], [[BOS, 97], [BOS, 98]]),
        ([97, 98], [[97, 98]]),
        ([[97], [98, 99]], [[97], [98, 99]]),
    ],
)
def test_four_forms_of_a_prompt(client: openai.OpenAI, engine: FakeEngine, prompt, prompts) -> None:
    before = len(engine.requests)
    answer = complete(client, prompt, max_tokens=5)
    assert [list(request.prompt) for request in engine.requests[before:]] == prompts
    assert [choice.text for choice in answer.choices] == ["Hello"] * len(prompts)
    assert [choice.index for choice in answer.choices] == list(range(len(prompts)))
    assert answer.usage.prompt_tokens == sum(map(len, prompts))
    assert answer.usage.completion_tokens == 5 * len(prompts)


def test_begin_token_can_be_left_out(client: openai.OpenAI, engine: FakeEngine) -> None:
    complete(client, "ab", extra_body={"add_special_tokens": False})
    assert list(engine.requests[-1].prompt) == [97, 98]


def test_stream_interleaves_prompts_by_index(client: openai.OpenAI) -> None:
    chunks = list(complete(client, ["a", "b"], stream=True, stream_options={"include_usage": True}))
    *parts, last = chunks
    for index in (0, 1):
        mine = [part.choices[0] for part in parts if part.choices[0].index == index]
        assert "".join(choice.text for choice in mine) == "Hello, world"
        assert [choice.finish_reason for choice in mine[:-1]] == [None] * (len(mine) - 1)
        assert mine[-1].finish_reason == "stop"
    assert last.choices == []
    assert last.usage.total_tokens == 4 + 26


def test_logprobs_are_parallel_lists(client: openai.OpenAI) -> None:
    logprobs = complete(client, max_tokens=2, logprobs=1).choices[0].logprobs
    assert logprobs.tokens == TOKENS
    assert logprobs.token_logprobs == [-1.5, -1.5]
    assert logprobs.top_logprobs == [{"G": -0.5, "H": -1.5}, {"d": -0.5, "e": -1.5}]
    assert logprobs.text_offset == [0, 1]


def test_echo_scores_the_prompt_for_evaluation(client: openai.OpenAI) -> None:
    choice = complete(client, [97, 98], max_tokens=1, echo=True, logprobs=1).choices[0]
    assert choice.text == "abH"
    assert choice.logprobs.tokens == ["a", "b", "H"]
    assert choice.logprobs.token_logprobs == [None, -1.5, -1.5]
    assert choice.logprobs.top_logprobs == [None, {"a": -0.5, "b": -1.5}, {"G": -0.5, "H": -1.5}]
    assert choice.logprobs.text_offset == [0, 1, 2]


def test_echo_alone_generates_nothing(client: openai.OpenAI) -> None:
    answer = complete(client, "ab", max_tokens=0, echo=True, logprobs=0)
    choice = answer.choices[0]
    assert (choice.text, choice.finish_reason) == ("ab", "length")
    assert choice.logprobs.tokens == ["<begin>", "a", "b"]
    assert answer.usage.completion_tokens == 0
    chunks = list(complete(client, "ab", max_tokens=0, echo=True, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "ab"
    assert chunks[-1].choices[0].finish_reason == "length"


def test_streamed_echo_is_the_whole_answer(client: openai.OpenAI) -> None:
    options = {"max_tokens": 3, "echo": True, "logprobs": 1}
    whole = complete(client, ["né", [97]], **options)
    chunks = [chunk.choices[0] for chunk in complete(client, ["né", [97]], stream=True, **options)]
    for choice in whole.choices:
        mine = [chunk for chunk in chunks if chunk.index == choice.index]
        assert "".join(chunk.text for chunk in mine) == choice.text
        for name in ("tokens", "token_logprobs", "top_logprobs", "text_offset"):
            joined = [value for chunk in mine if chunk.logprobs for value in getattr(chunk.logprobs, name)]
            assert joined == getattr(choice.logprobs, name)


def test_text_offsets_count_characters() -> None:
    """They once counted the bytes of split characters."""
    with serving(FakeEngine("éa")) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        assert complete(client, logprobs=0).choices[0].logprobs.text_offset == [0, 0, 1, 2]


def test_prompt_logprobs_beside_echo_keep_their_own_number(client: openai.OpenAI) -> None:
    choice = complete(client, [97, 98], max_tokens=1, echo=True, logprobs=0, extra_body={"prompt_logprobs": 3}).choices[
        0
    ]
    assert choice.logprobs.top_logprobs[1] == {"b": -1.5}
    first, second = choice.model_extra["prompt_logprobs"]
    assert first is None
    assert {token: score["rank"] for token, score in second.items()} == {"97": 1, "98": 2, "99": 3}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": 3}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [[]]}, "prompt"),
        ({"prompt": ["a", 1]}, "prompt"),
        ({"prompt": [True]}, "prompt"),
        ({"prompt": ["a"] * 1025}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"logprobs": 21}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"n": 0}, "n"),
        ({"best_of": 3}, "best_of"),
        ({"suffix": "end", "echo": True}, "suffix"),
        ({"suffix": "end", "prompt": [1, 2]}, "suffix"),
        ({"suffix": "end", "add_special_tokens": False}, "suffix"),
        ({"suffix": 3}, "suffix"),
    ],
)
def test_wrong_fields_are_named(client: openai.OpenAI, fields, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(model="fake", prompt="a", extra_body=fields)
    assert caught.value.param == param


def test_one_long_prompt_of_a_list_fails_all_and_cancels_the_rest() -> None:
    engine = FakeEngine()
    with serving(engine) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        with pytest.raises(openai.BadRequestError) as caught:
            complete(client, ["short", "x" * 600])
        engine.wait_for(requests=1, cancelled=1)
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "prompt"


def test_each_prompt_has_n_choices_with_its_own_echo(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="fake", prompt=["ab", "c"], n=2, echo=True, logprobs=1)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert [choice.text[: -len("Hello, world")] for choice in answer.choices] == ["ab", "ab", "c", "c"]
    first, second = (choice.logprobs for choice in answer.choices[:2])
    assert first == second
    assert answer.usage.prompt_tokens == len("ab") + len("c") + 2


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_every_chunk_counts_the_tokens_so_far_if_asked(client: openai.OpenAI, endpoint: str) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    if endpoint == "chat":
        messages = [{"role": "user", "content": "x"}]
        stream = client.chat.completions.create(model="fake", messages=messages, stream=True, stream_options=options)
    else:
        stream = client.completions.create(model="fake", prompt="x", stream=True, stream_options=options)
    chunks = list(stream)
    counts = [chunk.usage.completion_tokens for chunk in chunks]
    assert counts == sorted(counts)
    assert counts[0] <= 1
    assert counts[-1] == 13
    assert {chunk.usage.prompt_tokens for chunk in chunks} == {chunks[-1].usage.prompt_tokens}
