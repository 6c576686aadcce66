"""The answers to one HTTP request: what the log says about them, and what happens when the client leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from quatre.chat.reply import ReplyForm
from quatre.engine.request import FinishReason, Request
from quatre.llm.answer import Answer
from quatre.llm.arriving import Arriving
from quatre.llm.runtime import Runtime
from quatre.server.logs import FIELDS

log = logging.getLogger(__name__)

T = TypeVar("T")


class Asking(Arriving):
    """``n`` answers to its prompt, or to each prompt of a list; each ends with a line in the log that has labels."""

    def __init__(
        self,
        runtime: Runtime,
        requests: Sequence[Request],
        labels: Mapping[str, str],
        form: ReplyForm | None = None,
    ) -> None:
        self._labels = labels
        super().__init__(runtime, requests, form)

    def _ended(self, answer: Answer) -> None:
        usage, reason = answer.usage, answer.finish_reason or FinishReason.CANCELLED
        marks = "".join(f" {name}={value!r}" for name, value in self._labels.items())
        log.info(
            "request %s: %d (%d cached) + %d tokens, %s%s",
            answer.request.id, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, reason.value, marks,
            extra={FIELDS: {
                "answer_id": answer.request.id,
                "prompt_tokens": usage.prompt_tokens,
                "cached_tokens": usage.cached_tokens,
                "completion_tokens": usage.completion_tokens,
                "finish_reason": reason.value,
                **({"labels": dict(self._labels)} if self._labels else {}),
            }},
        )  # fmt: skip


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
