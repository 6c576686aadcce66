"""What must hold before a server starts."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fakes import FakeEngine, fake_runtime
from quatre.errors import ConfigError, RequestError
from quatre.llm.runtime import Runtime
from quatre.server.service import ServerConfig, Service


def test_checkpoint_without_tokenizer_is_refused() -> None:
    with pytest.raises(ConfigError, match="bare has no tokenizer"):
        Service(Runtime(FakeEngine(), None, name="bare"), ServerConfig())


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_keep_alive_needs_a_time(seconds: float) -> None:
    with pytest.raises(ConfigError, match="sse_keep_alive_interval must be above 0"):
        ServerConfig(sse_keep_alive_interval=seconds)


def test_names() -> None:
    with fake_runtime(FakeEngine()) as runtime:
        Service(runtime, ServerConfig()).check_model("fake")
        service = Service(runtime, ServerConfig(served_model_name=("a", "b")))
        service.check_model("b")
        with pytest.raises(RequestError, match="this server has a, b") as caught:
            service.check_model("fake")
    assert caught.value.code == "model_not_found"


def test_tokenizing_runs_beside_the_event_loop() -> None:
    async def run() -> None:
        with fake_runtime(FakeEngine()) as runtime:
            service = Service(runtime, ServerConfig())
            going = threading.Event()

            def long_work() -> str:
                assert going.wait(10)
                return threading.current_thread().name

            work = asyncio.create_task(service.in_prompt_thread(long_work))
            await asyncio.sleep(0)
            going.set()  # this line is reached only if the work does not block the loop
            assert (await work).startswith("quatre-prompts")
            service.close()

    asyncio.run(run())


def test_a_name_may_stand_for_all_that_begin_so() -> None:
    """Agents ask for models by names that nobody here has chosen."""
    with fake_runtime(FakeEngine()) as runtime:
        service = Service(runtime, ServerConfig(served_model_name=("claude-*", "small")))
        assert service.names == ("small",)
        service.check_model("claude-sonnet-4-5")
        for name in ("claude", "gpt", "x-claude-1"):
            with pytest.raises(RequestError, match="this server has small"):
                service.check_model(name)
        anything = Service(runtime, ServerConfig(served_model_name=("*",)))
        assert anything.names == ("fake",)
        anything.check_model("whatever")
        with pytest.raises(RequestError, match="not served here"):
            anything.check_model("\ud800")  # it could not be sent back
