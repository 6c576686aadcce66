"""Constraints for those who must not wait: a thread is held only while something is computed for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from quatre.chat.tools import Calls
from quatre.engine.constraint import Constraint
from quatre.engine.structured import StructuredOutputsParams
from quatre.llm.runtime import Runtime

if TYPE_CHECKING:
    from quatre.grammar.source import Thinking

THREADS = 16


class Forms:
    """Threads of their own, so that grammars which compile slowly hold up nobody but those who sent them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="quatre-forms")

    async def constraint(
        self, asked: StructuredOutputsParams | None, *, thinking: Thinking = "no", calls: Calls | None = None
    ) -> Constraint:
        """See :meth:`quatre.llm.runtime.Runtime.constraint`."""
        loop = asyncio.get_running_loop()
        begin = partial(self._runtime.begin_constraint, asked, thinking=thinking, calls=calls)
        making = await loop.run_in_executor(self._threads, begin)
        done = asyncio.Event()

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(done.set)

        making.made.add_done_callback(tell)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), making.patience)
        return await loop.run_in_executor(self._threads, making.result, 0.0)

    def close(self) -> None:
        """Make no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
