"""The Python API for coroutines: answers as async generators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self

from quatre.chat.tokenizer import Message
from quatre.engine.config import EngineConfig
from quatre.engine.request import SamplingParams
from quatre.llm.answer import output_of
from quatre.llm.arriving import Arriving
from quatre.llm.forms import Forms
from quatre.llm.llm import Prompt
from quatre.llm.opening import Backend, DType, open_runtime
from quatre.llm.outputs import RequestOutput
from quatre.llm.runtime import Runtime
from quatre.llm.turn import Chat, Turn


class AsyncLLM:
    """A model in this process, for code that runs on an event loop. Arguments as of :class:`quatre.LLM`.

    Opening takes as long as loading does: build it before the loop matters, or in ``asyncio.to_thread``.
    ``async with AsyncLLM(path) as llm: …`` or :meth:`close` frees its engine thread.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        backend: Backend = "auto",
        dtype: DType = "auto",
        device: str = "cpu",
        threads: int | None = None,
        mmproj: str | Path | None = None,
        **engine_options: Any,
    ) -> None:
        config = EngineConfig(**engine_options)
        encoder = None if mmproj is None else Path(mmproj)
        self._hold(
            open_runtime(
                model, backend=backend, dtype=dtype, device=device, threads=threads, config=config, mmproj=encoder
            )
        )

    @classmethod
    def of(cls, runtime: Runtime) -> AsyncLLM:
        """The same over a runtime that is already open."""
        llm = cls.__new__(cls)
        llm._hold(runtime)
        return llm

    def _hold(self, runtime: Runtime) -> None:
        self.runtime = runtime
        # Tokenizers do not promise to be thread-safe, hence one.
        self._preparing = ThreadPoolExecutor(1, thread_name_prefix="quatre-prepare")
        self._forms = Forms(runtime)

    def generate(
        self,
        prompt: Prompt,
        sampling_params: SamplingParams | None = None,
        *,
        priority: int = 0,
        timeout: float | None = None,
    ) -> AsyncGenerator[RequestOutput]:
        """Continue one prompt. Yields the whole output so far whenever something was added; the last is complete.

        Closing the generator (``aclose``, or cancelling the task that waits for it) stops the generation and frees its
        pages. A lower ``priority`` is served first; after ``timeout`` seconds the answer ends with a DeadlineError.
        RequestError names what is wrong.
        """
        text = prompt if isinstance(prompt, str) else None

        def write() -> Turn:
            ids = self.runtime.tokenizer.encode(prompt, bos=True) if isinstance(prompt, str) else prompt
            return Turn(prompt=ids)

        return self._outputs(write, text, sampling_params or SamplingParams(), priority, timeout)

    def chat(
        self,
        messages: Sequence[Message],
        sampling_params: SamplingParams | None = None,
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool = True,
        reasoning_effort: str | None = None,
        priority: int = 0,
        timeout: float | None = None,
    ) -> AsyncGenerator[RequestOutput]:
        """Answer one conversation; otherwise as :meth:`generate`, with the tools of :meth:`quatre.LLM.chat`."""
        chat = Chat(
            messages=messages,
            tools=tools,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            reasoning_effort=reasoning_effort,
        )
        params = sampling_params or SamplingParams()
        return self._outputs(lambda: chat.turn(self.runtime, params), None, params, priority, timeout)

    async def _outputs(
        self,
        write: Callable[[], Turn],
        text: str | None,
        params: SamplingParams,
        priority: int,
        timeout: float | None,
    ) -> AsyncGenerator[RequestOutput]:
        prepare = partial(asyncio.get_running_loop().run_in_executor, self._preparing)
        turn, constraint, asked = await prepare(write), None, params.structured_outputs
        if turn.is_ruled(params):
            constraint = await self._forms.constraint(asked, thinking=turn.thinking, calls=turn.calls)
        request = await prepare(
            lambda: self.runtime.request(
                turn.prompt, params, constraint, turn.never, priority=priority, timeout=timeout
            )
        )
        with Arriving(self.runtime, [request], turn.form) as arriving:
            async for _ in arriving.deltas():
                yield output_of(arriving.answers, text)

    def close(self) -> None:
        """Stop the engine; running answers end with an error."""
        self._preparing.shutdown(wait=False, cancel_futures=True)
        self._forms.close()
        self.runtime.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)
