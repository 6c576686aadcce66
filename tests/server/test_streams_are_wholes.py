"""Any tokens at all, cut anywhere: what is streamed adds up to what is sent whole, on every endpoint.

Both are compared with the parser's own sum, so that nothing can be lost or doubled in the same way twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapes import CONVERSATIONS, Said, arguments_of, asked, events_of, said, tool

from fakes import END, fake_runtime
from marked import MARKS, MarkedEngine, MarkedTokenizer, tokens_of
from quatre.chat.reply import Reply, ReplyForm, ReplyStream
from quatre.engine.request import Event, FinishReason, Listener, Request
from quatre.server.app import create_app

WORDS = (
    *MARKS,
    "f",
    '{"a": "x"}',
    '{"a": ',
    '"',
    "}",
    "{",
    "[",
    " \n",
    "é",
    "日",
    "ST",
    "OP",
    "STOP",
    "ok, ",
    "<think>",
)
TOKENS = st.lists(st.one_of(st.sampled_from(WORDS).map(tokens_of), st.binary(min_size=1, max_size=3).map(list))).map(
    lambda fragments: [token for fragment in fragments for token in fragment]
)
CALLED = "[TOOL_CALLS]f[ARGS]"


@st.composite
def answers(draw: Callable[..., Any]) -> list[int]:
    """Anything, and often enough something that a model might say."""
    if draw(st.booleans()):
        return draw(TOKENS)
    thought = draw(st.sampled_from(["", "[THINK]so [/THINK]", "[THINK]never closed "]))
    text = draw(st.sampled_from(["", "Let me see. ", "\n", "été"]))
    calls = draw(st.lists(st.sampled_from([CALLED + '{"a": "é"}', CALLED + "{}", CALLED + '{"a": "cut']), max_size=3))
    return [*tokens_of(thought + text + "".join(calls)), *draw(TOKENS)]


class CutEngine(MarkedEngine):
    """Says ``said`` at once, in events that end at ``cuts``."""

    said: Sequence[int] = ()
    cuts: Sequence[int] = ()
    ends = True

    def submit(self, request: Request, listener: Listener) -> None:
        self.requests.append(request)
        tokens = (*self.said, END) if self.ends else tuple(self.said)
        for begin, end in pairwise([0, *self.cuts, len(tokens)]):
            last = end == len(tokens)
            reason = (FinishReason.STOP if self.ends else FinishReason.LENGTH) if last else None
            listener(Event(index=0, tokens=tokens[begin:end], finish_reason=reason))


@pytest.fixture(scope="module")
def engine() -> CutEngine:
    return CutEngine()


@pytest.fixture(scope="module")
def app(engine: CutEngine) -> Iterator[Any]:
    with fake_runtime(engine, MarkedTokenizer()) as runtime:
        yield create_app(runtime)


def post(app: Any, path: str, body: dict[str, Any]) -> httpx.Response:
    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.post(path, json=body)

    answer = asyncio.run(sent())
    assert answer.status_code == 200, answer.text
    return answer


def summed(tokens: Sequence[int], stop: Sequence[str], form: ReplyForm) -> Said:
    """The parser's sum, one token at a time."""
    tokenizer = MarkedTokenizer()
    stream, reply = ReplyStream(tokenizer.token_bytes, stop, form), Reply()
    for token in tokens:
        reply.add(stream.push(token))
        if stream.stopped is not None:
            break
    reply.add(stream.flush())
    return Said(reply.content, reply.reasoning, [(call.name, call.arguments) for call in reply.calls])


def parts(found: Said, path: str) -> tuple[Any, ...]:
    calls: list[tuple[str, Any]] = list(found.calls)
    if path == "/v1/messages":
        calls = [(name, arguments_of(arguments)) for name, arguments in calls]
    return found.content, found.reasoning, calls


STOP_FIELDS = {"/v1/chat/completions": "stop", "/v1/messages": "stop_sequences", "/v1/completions": "stop"}
CUTS = st.lists(st.integers(1, 60), max_size=8)


@pytest.mark.parametrize("path", CONVERSATIONS)
@settings(deadline=None, max_examples=25)
@given(tokens=answers(), cuts=CUTS, tools=st.booleans(), stops=st.booleans(), ends=st.booleans())
def test_conversations(
    app: Any, engine: CutEngine, path: str, tokens: list[int], cuts: list[int], tools: bool, stops: bool, ends: bool
) -> None:
    engine.said, engine.ends = tokens, ends
    stop = ["STOP"] if stops and path in STOP_FIELDS else []
    body = {
        **asked(path),
        **({"tools": [tool(path, "f")]} if tools else {}),
        **({STOP_FIELDS[path]: stop} if stop else {}),
    }
    if path == "/v1/chat/completions":
        body["stream_options"] = {"include_usage": True}
    body.pop("max_tokens", None)
    if path == "/v1/messages":
        body["max_tokens"] = max(len(tokens), 1)
    found: list[Said] = []
    for places in ([], sorted({cut for cut in cuts if cut < len(tokens) + ends}), range(1, len(tokens) + ends)):
        engine.cuts = list(places)
        found.append(said(path, post(app, path, {**body, "stream": True})))
        assert len(set(found[-1].ids)) == len(found[-1].calls)
        found[-1].ids = []
    body.pop("stream_options", None)
    whole = said(path, post(app, path, body))
    assert len(set(whole.ids)) == len(whole.calls)
    whole.ids = []
    for streamed in found:
        assert streamed == whole
    expected = summed(tokens, stop, ReplyForm(MarkedTokenizer.markup, calls=tools))
    assert parts(whole, path) == parts(expected, path)


@settings(deadline=None, max_examples=25)
@given(tokens=answers(), cuts=CUTS, stops=st.booleans(), ends=st.booleans())
def test_completions(app: Any, engine: CutEngine, tokens: list[int], cuts: list[int], stops: bool, ends: bool) -> None:
    engine.said, engine.ends = tokens, ends
    stop = ["STOP"] if stops else []
    body = {"model": "fake", "prompt": "a", "stop": stop}
    (whole,) = post(app, "/v1/completions", body).json()["choices"]
    for places in ([], sorted({cut for cut in cuts if cut < len(tokens) + ends}), range(1, len(tokens) + ends)):
        engine.cuts = list(places)
        events = events_of(post(app, "/v1/completions", {**body, "stream": True}).text)
        choices = [choice for event in events for choice in event["choices"]]
        assert "".join(choice["text"] for choice in choices) == whole["text"]
        assert choices[-1]["finish_reason"] == whole["finish_reason"]
    assert whole["text"] == summed(tokens, stop, ReplyForm()).content


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
@pytest.mark.parametrize("stop", [[], ["STOP"]])
def test_token_ids(app: Any, engine: CutEngine, path: str, stop: list[str]) -> None:
    """All of them, those that say nothing too: marks, halves of characters, the end."""
    engine.said, engine.ends = tokens_of("[THINK]so[/THINK]é one STOP two"), True
    body = {"model": "fake", "stop": stop, "return_token_ids": True}
    body |= {"prompt": "a"} if path == "/v1/completions" else {"messages": [{"role": "user", "content": "a"}]}
    engine.cuts = list(range(1, len(engine.said) + 1))
    whole = post(app, path, body).json()
    told = [*engine.said, END]
    assert whole["choices"][0]["token_ids"] == (told[: told.index(ord("P")) + 1] if stop else told)
    prompt = list(engine.requests[-1].prompt)
    assert (whole["choices"][0] | whole)["prompt_token_ids"] == prompt
    events = events_of(post(app, path, {**body, "stream": True}).text)
    choices = [choice for event in events for choice in event["choices"]]
    streamed = [token for choice in choices for token in choice.get("token_ids", [])]
    assert streamed == whole["choices"][0]["token_ids"]
    first, *others = [event["choices"][0] | event for event in events]
    assert first["prompt_token_ids"] == prompt
    assert all("prompt_token_ids" not in other for other in others)
