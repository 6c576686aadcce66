"""Engine thread ↔ event loop: submit requests, read their answers as they grow, cancel what nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from quatre.engine.request import Event, FinishReason, Request
from quatre.llm.answer import Answer, Delta, usage_of
from quatre.llm.outputs import Usage
from quatre.llm.runtime import Runtime

log = logging.getLogger(__name__)

T = TypeVar("T")


class Asking:
    """The answers to one HTTP request: ``n`` to its prompt, or to each prompt of a list.

    Submits on creation, so that a request that can never run fails before any byte is sent. Whoever creates it must
    :meth:`close` it, which cancels what is still running.
    """

    def __init__(self, runtime: Runtime, requests: Sequence[Request], labels: Mapping[str, str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[tuple[Answer, Event]] = asyncio.Queue()
        self._labels = labels
        self.answers: list[Answer] = []
        try:
            for request in requests:
                self.answers += runtime.start(request, self._sink)
        except BaseException:
            self.close()
            raise

    def _sink(self, answer: Answer, event: Event) -> None:
        try:
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, (answer, event))
        except RuntimeError:  # the server is gone and its loop closed; the engine must not die of that
            log.debug("an event of request %s came after the end", answer.request.id)

    async def deltas(self, silence: float | None = None) -> AsyncIterator[tuple[int, Delta] | None]:
        """What is added to answer number i, until all answers are complete. Raises what the engine raised.

        After each ``silence`` seconds without news it yields None, so that a stream can show that it is alive.
        """
        places = {id(answer): place for place, answer in enumerate(self.answers)}
        running = len(self.answers)
        while running:
            try:
                async with asyncio.timeout(silence):
                    answer, event = await self._arrived.get()
            except TimeoutError:
                yield None
                continue
            delta = answer.push(event)
            if delta.finish_reason is not None:
                running -= 1
                self._report(answer)
            yield places[id(answer)], delta

    async def finished(self) -> Sequence[Answer]:
        """All answers, complete."""
        async for _ in self.deltas():
            pass
        return self.answers

    @property
    def usage(self) -> Usage:
        """Tokens of all answers so far."""
        return usage_of(self.answers)

    def close(self) -> None:
        """Cancel what is still running."""
        for answer in self.answers:
            if answer.finish_reason is None:
                answer.cancel()
                self._report(answer)

    def _report(self, answer: Answer) -> None:
        usage, reason = answer.usage, answer.finish_reason or FinishReason.CANCELLED
        marks = "".join(f" {name}={value!r}" for name, value in self._labels.items())
        log.info(
            "request %s: %d + %d tokens, %s%s",
            answer.request.id, usage.prompt_tokens, usage.completion_tokens, reason.value, marks,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is cancelled if the client leaves meanwhile (ClientDisconnect).

    ``receive`` is the channel of a request whose body has been read, so that nothing but the disconnect can come.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
