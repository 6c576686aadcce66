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
from quatre.grammar.asker import NOBODY, Asker
from quatre.llm.runtime import Runtime

if TYPE_CHECKING:
    from quatre.grammar.making import Made
    from quatre.grammar.source import Thinking

THREADS = 16


class Forms:
    """Threads of their own, so that grammars which compile slowly hold up nobody but those who sent them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="quatre-forms")

    async def constraint(
        self,
        asked: StructuredOutputsParams | None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
        asker: Asker = NOBODY,
    ) -> Constraint:
        """See :meth:`quatre.llm.runtime.Runtime.constraint`. Whoever is cancelled no longer waits for it."""
        run = partial(asyncio.get_running_loop().run_in_executor, self._threads)
        making = await run(partial(self._runtime.begin_constraint, asked, thinking=thinking, calls=calls, asker=asker))
        try:
            while (made := await run(making.advance)) is not None:
                await _done(made, making.patience)
            return making.constraint
        finally:
            with suppress(RuntimeError):  # these threads have ended
                self._threads.submit(making.close)

    def close(self) -> None:
        """Make no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def _done(made: Made, patience: float) -> None:
    """When it is done, or after so many seconds."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(done.set)

    made.add_done_callback(tell)
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), patience)
