"""Waiting on the event loop for answers that come from another thread."""

from __future__ import annotations

import asyncio
import threading

import pytest
from starlette.requests import ClientDisconnect

from fakes import FakeEngine, fake_runtime
from quatre.engine.request import FinishReason, SamplingParams
from quatre.errors import OverloadedError
from quatre.server.asking import Asking, while_connected


def test_deltas_are_numbered_and_complete() -> None:
    async def run() -> None:
        with fake_runtime(FakeEngine()) as runtime:
            asking = Asking(
                runtime, [runtime.request([1], SamplingParams()), runtime.request([1, 2], SamplingParams())], {}
            )
            texts = ["", ""]
            endings = []
            async for step in asking.deltas():
                assert step is not None
                place, delta = step
                texts[place] += delta.text
                endings += [delta.finish_reason] if delta.finish_reason else []
            assert texts == ["Hello, world"] * 2
            assert endings == [FinishReason.STOP] * 2
            assert asking.usage.prompt_tokens == 3

    asyncio.run(run())


def test_silence_is_reported() -> None:
    async def run() -> None:
        gate = threading.Semaphore(0)
        with (
            fake_runtime(FakeEngine("Hi", gate=gate)) as runtime,
            Asking(runtime, [runtime.request([1], SamplingParams())], {}) as asking,
        ):
            deltas = asking.deltas(0.01)
            assert [await anext(deltas) for _ in range(2)] == [None, None]
            gate.release(3)
            steps = [step async for step in deltas if step is not None]
        assert "".join(delta.text for _, delta in steps) == "Hi"

    asyncio.run(run())


def test_refused_request_cancels_its_siblings() -> None:
    async def run() -> None:
        engine = FakeEngine(gate=threading.Semaphore(0), places=2)
        with fake_runtime(engine) as runtime:
            with pytest.raises(OverloadedError):
                Asking(runtime, [runtime.request([1], SamplingParams()) for _ in range(3)], {})
            assert sorted(engine.cancelled) == sorted(request.id for request in engine.requests)

    asyncio.run(run())


def test_event_after_the_end_of_the_loop_does_not_reach_the_engine() -> None:
    """An exception there would stop the engine for everyone."""
    gate = threading.Semaphore(0)
    engine = FakeEngine("x", gate=gate)
    failed = []
    with fake_runtime(engine) as runtime:

        async def begin() -> None:
            Asking(runtime, [runtime.request([1], SamplingParams())], {})

        asyncio.run(begin())
        threading.excepthook, hook = failed.append, threading.excepthook
        try:
            gate.release(2)
            engine.close()
        finally:
            threading.excepthook = hook
    assert failed == []


def test_work_that_finishes_is_returned_and_a_leaving_client_ends_it() -> None:
    async def run() -> None:
        leave = asyncio.Event()
        cancelled = asyncio.Event()

        async def receive():
            await leave.wait()
            return {"type": "http.disconnect"}

        async def quick() -> int:
            return 7

        async def endless() -> None:
            leave.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        assert await while_connected(receive, quick()) == 7
        with pytest.raises(ClientDisconnect):
            await while_connected(receive, endless())
        assert cancelled.is_set()

    asyncio.run(run())


def test_failure_of_the_work_is_raised() -> None:
    async def run() -> None:
        async def receive():
            await asyncio.Event().wait()

        async def failing() -> None:
            raise OverloadedError("full")

        with pytest.raises(OverloadedError):
            await while_connected(receive, failing())

    asyncio.run(run())
