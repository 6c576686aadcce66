"""The Responses API, as OpenAI's official client sees it."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import openai
import pytest
from serving import serving

from marked import FIRST, MARKS, MarkedEngine, MarkedTokenizer
from quatre.errors import RequestError
from quatre.server.responses_store import MOST_KEPT, ResponseStore
from quatre.server.service import ServerConfig

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALLING = '[THINK]one city [/THINK]Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'
CALL, THINK = FIRST + MARKS.index("[TOOL_CALLS]"), FIRST + MARKS.index("[THINK]")


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


def respond(client: openai.OpenAI, given: Any = "Weather in Paris?", **more: Any) -> Any:
    return client.responses.create(model="fake", input=given, **more)


def test_text(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("Sunny.")
    response = respond(client, instructions="Be brief.", temperature=0.5, top_p=0.5, max_output_tokens=50)
    assert (response.output_text, response.status, response.error) == ("Sunny.", "completed", None)
    assert engine.prompt().splitlines()[2:] == ["system: Be brief..", "user: Weather in Paris?."]
    params = engine.requests[-1].params
    assert (params.temperature, params.top_p, params.max_tokens) == (0.5, 0.5, 50)
    assert response.usage.input_tokens == len(engine.requests[-1].prompt)
    assert response.usage.total_tokens == response.usage.input_tokens + len("Sunny.") + 1


def test_reasoning_text_and_calls_are_items(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    response = respond(client, tools=[WEATHER], reasoning={"effort": "high"}, include=["reasoning.encrypted_content"])
    thought, said, call = response.output
    assert (thought.type, thought.content[0].text) == ("reasoning", "one city")
    assert (said.type, said.content[0].text) == ("message", "Let me see.")
    assert (call.type, call.name, call.arguments) == ("function_call", "get_weather", '{"city": "Paris"}')
    assert response.usage.output_tokens_details.reasoning_tokens == len("one city ") + 2
    assert "effort: high" in engine.prompt()


def test_a_stream_tells_of_everything_and_ends_with_the_whole(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    whole = respond(client, tools=[WEATHER])
    events = list(respond(client, tools=[WEATHER], stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    last = events[-1]
    assert last.type == "response.completed"
    fields = ("type", "content", "arguments", "name", "status")
    assert [[getattr(item, name, None) for name in fields] for item in last.response.output] == [
        [getattr(item, name, None) for name in fields] for item in whole.output
    ]
    deltas = {
        kind: "".join(event.delta for event in events if event.type == f"response.{kind}.delta") for kind in KINDS
    }
    assert deltas == {
        "reasoning_text": "one city",
        "output_text": "Let me see.",
        "function_call_arguments": '{"city": "Paris"}',
    }
    happened = [event.type.removeprefix("response.") for event in events if not event.type.endswith("delta")]
    assert happened == [
        *("created", "in_progress"),
        *("output_item.added", "content_part.added", "reasoning_text.done", "content_part.done", "output_item.done"),
        *("output_item.added", "content_part.added", "output_text.done", "content_part.done", "output_item.done"),
        *("output_item.added", "function_call_arguments.done", "output_item.done"),
        "completed",
    ]


KINDS = ("reasoning_text", "output_text", "function_call_arguments")


def test_the_clients_own_accumulation_agrees(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("Sunny.")
    with client.responses.stream(model="fake", input="Weather?") as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == "Sunny."


def test_a_tool_loop_from_the_items(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say(CALLING)
    first = respond(client, tools=[WEATHER])
    result = {"type": "function_call_output", "call_id": first.output[2].call_id, "output": "18C"}
    engine.say("Warm.")
    asked = [{"role": "user", "content": "Weather in Paris?"}, *first.output, result]
    assert respond(client, asked, tools=[WEATHER], store=False).output_text == "Warm."
    assert engine.prompt().splitlines()[2:] == HISTORY


def test_a_tool_loop_from_what_is_remembered(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """The same prompt as from the items; instructions are not remembered."""
    engine.say(CALLING)
    first = respond(client, tools=[WEATHER], instructions="Be brief.")
    result = {"type": "function_call_output", "call_id": first.output[2].call_id, "output": "18C"}
    engine.say("Warm.")
    second = respond(client, [result], tools=[WEATHER], previous_response_id=first.id)
    assert engine.prompt().splitlines()[2:] == HISTORY
    respond(client, "And now?", previous_response_id=second.id)
    assert engine.prompt().splitlines()[2:] == [*HISTORY, "assistant: Warm..", "user: And now?."]


HISTORY = [
    "user: Weather in Paris?.",
    'assistant: [THINK]one city[/THINK]Let me see.[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}.',
    "tool: 18C.",
]


def test_responses_can_be_found_and_forgotten(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("Sunny.")
    kept, lost = respond(client), respond(client, store=False)
    assert client.responses.retrieve(kept.id).output_text == "Sunny."
    client.responses.delete(kept.id)
    for response in (kept, lost):
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(response.id)
        with pytest.raises(openai.BadRequestError, match="is not known") as caught:
            respond(client, previous_response_id=response.id)
        assert caught.value.param == "previous_response_id"


def test_probabilities_of_what_is_said(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """Of the text of messages alone: neither of marks and reasoning nor of calls."""
    engine.say('[THINK]sö[/THINK]é ok[TOOL_CALLS]get_weather[ARGS]{"city": "ö"}')
    asked: dict[str, Any] = {"tools": [WEATHER], "include": ["message.output_text.logprobs"], "top_logprobs": 2}
    whole = respond(client, **asked)
    (message,) = [item for item in whole.output if item.type == "message"]
    scores = message.content[0].logprobs
    assert b"".join(bytes(score.bytes) for score in scores) == "é ok".encode()
    assert all(len(score.top_logprobs) == 2 for score in scores)
    assert whole.top_logprobs == 2
    with client.responses.stream(model="fake", input="Hi", **asked) as stream:
        events = list(stream)
    (done,) = [event for event in events if event.type == "response.output_text.done"]
    pieces = [event.logprobs for event in events if event.type == "response.output_text.delta"]
    assert [score.token for piece in pieces for score in piece] == [score.token for score in scores]
    assert [score.logprob for score in done.logprobs] == [score.logprob for score in scores]
    (again,) = [item for item in events[-1].response.output if item.type == "message"]
    assert again.content[0].logprobs == scores
    engine.say("ok")
    (message,) = respond(client).output
    assert message.content[0].logprobs == []


def test_a_stored_response_is_not_streamed_again(client: openai.OpenAI) -> None:
    stored = respond(client, "Hi")
    with pytest.raises(openai.BadRequestError, match="is not streamed again") as caught:
        client.responses.retrieve(stored.id, stream=True)
    assert caught.value.param == "stream"
    assert client.responses.retrieve(stored.id, stream=False).id == stored.id


def test_an_answer_that_is_cut_off(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("one two three")
    response = respond(client, max_output_tokens=3)
    assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert (response.output_text, response.output[0].status) == ("one", "incomplete")
    assert list(respond(client, max_output_tokens=3, stream=True))[-1].type == "response.incomplete"


def test_what_rules_the_answer(client: openai.OpenAI, engine: MarkedEngine) -> None:
    def first() -> set[int]:
        return set(engine.requests[-1].constraint.fork().mask().nonzero()[0].tolist())

    engine.say("{}")
    respond(client, tools=[WEATHER], tool_choice="required")
    assert first() == {CALL}
    respond(client, tools=[WEATHER], tool_choice={"type": "function", "name": "get_weather"})
    assert first() == {CALL}
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "get_weather"}]}
    respond(client, tools=[WEATHER], tool_choice=allowed)
    assert first() == {CALL}
    shape = {"format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}, "strict": True}}
    respond(client, text=shape, reasoning={"effort": "medium"})
    assert first() == {THINK, ord("{")}


@pytest.mark.parametrize(
    ("more", "param", "sentence"),
    [
        ({"model": "other"}, "model", "not served here"),
        ({"given": [{"type": "computer_call", "id": "x"}]}, "input", r"input\[0\] is of type 'computer_call'"),
        ({"given": [{"role": "user", "content": [{"type": "input_file"}]}]}, "input", r"input\[0\] has a part of type"),
        ({"given": [{"type": "function_call_output", "call_id": "x", "output": ""}]}, "input", "is a tool's result"),
        ({"given": [{"role": "robot", "content": "x"}]}, "input", "has the role 'robot'"),
        ({"tools": [{"type": "web_search"}]}, "tools", "calls functions only"),
        ({"tools": [{"type": "custom", "name": "patch"}]}, "tools", "calls functions only"),
        ({"tool_choice": "required"}, "tool_choice", "there are no tools"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort", "must be one of none, minimal"),
        ({"reasoning": {"summary": "detailed"}}, "reasoning.summary", "not supported here"),
        ({"text": {"format": {"type": "yaml"}}}, "text", "text.format must be"),
        ({"max_output_tokens": 0}, "max_output_tokens", "must be 1"),
        ({"background": True}, "background", "not supported here"),
        ({"truncation": "auto"}, "truncation", "not supported here"),
        ({"include": ["file_search_call.results"]}, "include[0]", "reasoning.encrypted_content"),
    ],
)
def test_refusals_name_the_field(client: openai.OpenAI, more: dict[str, Any], param: str, sentence: str) -> None:
    fields = {"model": "fake", "input": more.pop("given", "Hi"), **more}
    with pytest.raises((openai.BadRequestError, openai.NotFoundError), match=sentence) as caught:
        client.responses.create(**fields)
    assert caught.value.param == param


def test_no_depth_is_a_failure_of_the_server(url: str) -> None:
    """Of what can just be read, not all can be written again, which asks for more of the stack."""
    headers = {"content-type": "application/json"}
    with httpx.Client(base_url=url, timeout=60) as http:
        for depth in range(940, 990, 2):
            content = '{"model": "fake", "input": ' + "[" * depth + "]" * depth + "}"
            assert http.post("/v1/responses", content=content, headers=headers).status_code == 400, depth


@pytest.mark.parametrize("field", ["input", "instructions", "user"])
def test_half_characters_are_refused(client: openai.OpenAI, field: str) -> None:
    answer = httpx.post(
        f"{client.base_url}responses",
        content=json.dumps({"model": "fake", "input": "Hi", field: "\ud800"}),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert "valid Unicode" in answer.json()["error"]["message"]


def test_a_failure_in_mid_stream_is_an_event() -> None:
    with (
        serving(MarkedEngine("Hello", failure="the engine broke"), tokenizer=MarkedTokenizer()) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10) as client,
    ):
        last = list(respond(client, stream=True))[-1]
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert "the engine broke" in last.response.error.message


def test_the_input_of_a_response_is_listed_a_page_at_a_time(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """With the conversation before it, whose answers are items too."""
    engine.say(CALLING)
    first = respond(client, "Weather?", tools=[WEATHER], reasoning={"effort": "high"})
    call = next(item for item in first.output if item.type == "function_call")
    engine.say("Sunny.")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}
    told = {"role": "assistant", "content": "So:"}
    picture = {"id": "mine", "role": "user", "content": [{"type": "input_text", "text": "And?"}]}
    second = respond(client, [result, told, picture], previous_response_id=first.id)

    def listed(**how: Any) -> list[Any]:
        return list(client.responses.input_items.list(second.id, **how))

    items = listed(order="asc")
    kinds = ["message", *(item.type for item in first.output), "function_call_output", "message", "message"]
    assert [item.type for item in items] == kinds
    assert items[0].content[0].text == "Weather?"
    assert items[-3].output == "18 degrees"
    assert (items[-2].content[0].type, items[-2].content[0].text) == ("output_text", "So:")
    assert items[-1].id == "mine"
    ids = [item.id for item in items]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    assert [item.id for item in listed()] == ids[::-1]
    assert [item.id for item in listed(limit=2)] == ids[::-1], "the client turns the pages"
    shown = client.responses.input_items.list(second.id, order="asc", limit=2, after=ids[1])
    assert [item.id for item in shown.data] == ids[2:4]
    assert shown.has_more
    assert [item.id for item in listed(order="asc", after=ids[-2])] == ids[-1:]
    for wrong in ({"after": "nowhere"}, {"limit": 101}, {"order": "up"}):
        with pytest.raises(openai.BadRequestError, match=next(iter(wrong))):
            listed(**wrong)
    with pytest.raises(openai.NotFoundError):
        client.responses.input_items.list("resp_nothing")


def test_items_may_be_referred_to(client: openai.OpenAI, engine: MarkedEngine) -> None:
    """As agents do that send the whole conversation each time, but nothing twice."""
    engine.say(CALLING)
    first = respond(client, "Weather?", tools=[WEATHER], reasoning={"effort": "high"})
    (asked,) = client.responses.input_items.list(first.id).data
    call = next(item for item in first.output if item.type == "function_call")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}
    references: list[dict[str, Any]] = [{"type": None, "id": item.id} for item in (asked, *first.output[:-1])]
    references[0] = {"type": "item_reference", "id": asked.id}
    engine.say("Sunny.")
    second = respond(client, [*references, {"id": first.output[-1].id}, result])
    by_reference = engine.prompt()
    respond(client, [result], previous_response_id=first.id)
    assert engine.prompt() == by_reference
    items = client.responses.input_items.list(second.id, order="asc").data
    assert [item.type for item in items] == ["message", *(item.type for item in first.output), "function_call_output"]
    with pytest.raises(openai.BadRequestError, match=r"input\[1\] refers to the item 'msg_x', which is not known"):
        respond(client, [{"role": "user", "content": "Hi"}, {"type": "item_reference", "id": "msg_x"}])
    with pytest.raises(openai.BadRequestError, match=r"input\[1\] refers to the item '.*, or was referred to before"):
        respond(client, [references[0], references[0]])
    with pytest.raises(openai.BadRequestError, match=r"input\[0\] refers to the item \[\]"):
        respond(client, [{"type": "item_reference", "id": []}])


def test_an_id_that_is_none_harms_no_later_reference(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("Hello")
    odd = respond(client, [{"role": "user", "content": "Hi", "id": ["a"]}])
    (asked,) = client.responses.input_items.list(odd.id).data
    assert isinstance(asked.id, str)
    engine.say("Hello again")
    assert respond(client, [{"type": "item_reference", "id": asked.id}]).status == "completed"


def test_no_two_items_of_a_response_have_the_same_id(client: openai.OpenAI, engine: MarkedEngine) -> None:
    engine.say("Hello")
    answer = respond(client, "Hi")
    assert answer.output[0].id != client.responses.input_items.list(answer.id).data[0].id


@pytest.mark.parametrize("stream", [False, True])
def test_each_key_has_responses_of_its_own(stream: bool) -> None:
    body: dict[str, Any] = {"model": "fake", "input": "Hi"}
    with serving(MarkedEngine(), ServerConfig(api_key=("a", "b")), tokenizer=MarkedTokenizer()) as url:
        mine, others = (
            httpx.Client(base_url=f"{url}/v1", headers={"authorization": f"Bearer {key}"}, timeout=60) for key in "ab"
        )
        with mine, others:
            told = mine.post("/responses", json={**body, "stream": stream}).text
            (name,) = set(re.findall(r"resp_[\w-]+", told))
            assert others.get(f"/responses/{name}").status_code == 404
            assert others.get(f"/responses/{name}/input_items").status_code == 404
            assert mine.get(f"/responses/{name}/input_items").json()["data"][0]["content"][0]["text"] == "Hi"
            assert others.delete(f"/responses/{name}").status_code == 404
            refused = others.post("/responses", json={**body, "previous_response_id": name})
            assert refused.json()["error"]["code"] == "previous_response_not_found"
            item = mine.get(f"/responses/{name}").json()["output"][0]["id"]
            refused = others.post("/responses", json={**body, "input": [{"type": "item_reference", "id": item}]})
            assert refused.json()["error"]["code"] == "item_not_found"
            assert mine.get(f"/responses/{name}").status_code == 200
            assert mine.delete(f"/responses/{name}").status_code == 200


def test_the_store_forgets_the_least_recently_used() -> None:
    store = ResponseStore()
    for number in range(MOST_KEPT + 1):
        store.keep({"id": f"r{number}"}, [])
        store.find("r0")
    assert store.find("r0").body == {"id": "r0"}
    with pytest.raises(RequestError, match="'r1' is not known"):
        store.find("r1")
