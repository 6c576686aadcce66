"""The Python API on an event loop, over canned answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from fakes import BOS, PATIENCE_S, THINK, ByteTokenizer, FakeEngine, fake_runtime
from marked import MarkedEngine, MarkedTokenizer
from quatre import AsyncLLM, SamplingParams
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import EngineError, RequestError
from quatre.grammar import compiler
from quatre.llm.outputs import RequestOutput

QUESTION = [{"role": "user", "content": "Hi"}]


def run(engine: FakeEngine, ask: Any, tokenizer: ByteTokenizer | None = None) -> Any:
    """What the function, called with an AsyncLLM over the engine, returns at last."""

    async def running() -> Any:
        with fake_runtime(engine, tokenizer) as runtime:
            return await ask(AsyncLLM.of(runtime))

    return asyncio.run(running())


async def whole(outputs: Any) -> RequestOutput:
    return [output async for output in outputs][-1]


def test_each_step_is_the_whole_so_far() -> None:
    async def ask(llm: AsyncLLM) -> list[RequestOutput]:
        return [output async for output in llm.generate("Say", SamplingParams(logprobs=1))]

    outputs = run(FakeEngine("Hello"), ask)
    texts = [output.outputs[0].text for output in outputs]
    assert texts == sorted(texts, key=len)
    assert texts[-1] == "Hello"
    assert [output.finished for output in outputs] == [False] * (len(outputs) - 1) + [True]
    assert outputs[0].prompt == "Say"
    assert outputs[0].prompt_token_ids == [BOS, *b"Say"]
    assert len(outputs[-1].outputs[0].logprobs) == outputs[-1].usage.completion_tokens == 6


def test_chat_token_ids_and_several_answers() -> None:
    async def ask(llm: AsyncLLM) -> list[RequestOutput]:
        asked = [
            whole(llm.chat(QUESTION, reasoning_effort="high")),
            whole(llm.generate([7, 8], SamplingParams(n=3))),
        ]
        return await asyncio.gather(*asked)

    chatted, continued = run(FakeEngine(), ask)
    assert chatted.prompt_token_ids == [BOS, *b"user: Hi\n", THINK]
    assert continued.prompt is None
    assert [answer.text for answer in continued.outputs] == ["Hello, world"] * 3


def test_tools_are_offered_and_their_calls_are_read() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}

    async def ask(llm: AsyncLLM) -> RequestOutput:
        return await whole(llm.chat(QUESTION, tools=[tool], tool_choice="required"))

    engine = MarkedEngine()
    engine.say('[TOOL_CALLS]f[ARGS]{"a": 1}')
    said = run(engine, ask, MarkedTokenizer()).outputs[0]
    assert [(call.name, call.arguments) for call in said.tool_calls] == [("f", '{"a": 1}')]
    assert engine.requests[-1].constraint is not None


def test_priority_and_timeout_reach_the_engine() -> None:
    async def ask(llm: AsyncLLM) -> None:
        await whole(llm.generate("Say", priority=-3, timeout=9.5))
        await whole(llm.chat(QUESTION, priority=2))

    engine = FakeEngine()
    run(engine, ask)
    assert [(request.priority, request.timeout) for request in engine.requests] == [(-3, 9.5), (2, None)]


def test_closing_the_generator_cancels_the_request() -> None:
    engine = FakeEngine("x" * 100, gate=threading.Semaphore(3))

    async def ask(llm: AsyncLLM) -> None:
        async with aclosing(llm.generate("Say")) as outputs:
            async for output in outputs:
                if output.outputs[0].text == "xxx":
                    break
        await asyncio.to_thread(engine.wait_for, cancelled=1)

    run(engine, ask)
    assert engine.cancelled == [engine.requests[0].id]


def test_cancelling_the_task_cancels_the_request() -> None:
    engine = FakeEngine("x", gate=threading.Semaphore(0))

    async def ask(llm: AsyncLLM) -> None:
        task = asyncio.create_task(whole(llm.generate("Say")))
        await asyncio.to_thread(engine.wait_for, requests=1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(engine.wait_for, cancelled=1)

    run(engine, ask)


@pytest.mark.parametrize(
    ("engine", "prompt", "error"),
    [(FakeEngine(), [1] * 600, RequestError), (FakeEngine(failure="broken"), "Say", EngineError)],
)
def test_errors_are_raised_where_the_answer_is_awaited(engine: FakeEngine, prompt: Any, error: type[Exception]) -> None:
    def ask(llm: AsyncLLM) -> Coroutine[Any, Any, RequestOutput]:
        return whole(llm.generate(prompt))

    with pytest.raises(error):
        run(engine, ask)


def test_leaving_the_context_stops_the_engine() -> None:
    engine = FakeEngine()

    async def ask(llm: AsyncLLM) -> None:
        async with llm:
            await whole(llm.generate("Say"))

    run(engine, ask)
    assert engine.closed


def test_a_grammar_that_takes_long_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    done, made = threading.Event(), compiler._compile
    monkeypatch.setattr(compiler, "_compile", lambda *asked: made(*asked) if done.wait(PATIENCE_S) else None)
    formed = SamplingParams(structured_outputs=StructuredOutputsParams(regex="a+"))

    async def ask(llm: AsyncLLM) -> tuple[RequestOutput, bool, RequestOutput]:
        waiting = asyncio.create_task(whole(llm.generate("Say", formed)))
        other = await whole(llm.generate("Say"))
        still = not waiting.done()
        done.set()
        return other, still, await waiting

    engine = FakeEngine()
    other, still, _ = run(engine, ask)
    assert other.outputs[0].text == "Hello, world"
    assert still
    assert [request.constraint is None for request in engine.requests] == [True, False]
