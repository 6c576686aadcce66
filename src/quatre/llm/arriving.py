"""Engine thread → event loop: answers while they grow, for coroutines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Self

from quatre.chat.reply import ReplyForm
from quatre.engine.request import Event, Request
from quatre.llm.answer import Answer, Delta, usage_of
from quatre.llm.outputs import Usage
from quatre.llm.runtime import Runtime

log = logging.getLogger(__name__)


class Arriving:
    """The answers to some requests, ``n`` to each.

    Submits on creation, so that a request that can never run fails at once, and none is begun if there is no room for
    the answers to all. Whoever creates it must :meth:`close` it,
    which cancels what is still running.
    """

    def __init__(self, runtime: Runtime, requests: Sequence[Request], form: ReplyForm | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[tuple[Answer, Event]] = asyncio.Queue()
        self.answers: list[Answer] = []
        runtime.engine.check_room(sum(request.params.n for request in requests))
        try:
            for request in requests:
                self.answers += runtime.start(request, self._sink, form)
        except BaseException:
            self.close()
            raise

    def _sink(self, answer: Answer, event: Event) -> None:
        try:
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, (answer, event))
        except RuntimeError:  # the loop is closed; the engine must not die of that
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
                self._ended(answer)
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
                self._ended(answer)

    def _ended(self, answer: Answer) -> None:
        """For subclasses: an answer is complete, or nobody waits for it any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
