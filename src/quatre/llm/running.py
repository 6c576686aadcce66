"""Waiting for answers in the calling thread: all of many, or one piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from queue import SimpleQueue
from typing import Self

from quatre.chat.reply import Piece, ReplyForm
from quatre.engine.request import Event, Request
from quatre.errors import OverloadedError, RequestError
from quatre.llm.answer import Answer, output_of
from quatre.llm.outputs import RequestOutput
from quatre.llm.runtime import Runtime


def answer_all(
    runtime: Runtime,
    requests: Iterable[tuple[Request, ReplyForm | None]],
    on_finished: Callable[[Answer], None] | None = None,
) -> list[list[Answer]]:
    """The finished answers of each request, in order. If one fails, or on Ctrl-C, the others are cancelled.

    Beside each request stands how to read its answers, if they are more than text.
    """
    arrived: SimpleQueue[tuple[Answer, Event]] = SimpleQueue()
    waiting = deque(requests)
    answers: list[list[Answer]] = []
    running = 0
    try:
        while waiting or running:
            started = _start_some(runtime, waiting, answers, arrived, running)
            running += started
            answer, event = arrived.get()
            if answer.push(event).finish_reason is not None:
                running -= 1
                if on_finished is not None:
                    on_finished(answer)
    finally:
        for answer in chain.from_iterable(answers):
            answer.cancel()
    return answers


def _start_some(
    runtime: Runtime,
    waiting: deque[tuple[Request, ReplyForm | None]],
    answers: list[list[Answer]],
    arrived: SimpleQueue[tuple[Answer, Event]],
    running: int,
) -> int:
    """Start waiting requests until the engine's queue is full, however many there are; the number of their answers."""
    started = 0
    while waiting:
        request, form = waiting[0]
        try:
            answers.append(runtime.start(request, lambda answer, event: arrived.put((answer, event)), form))
        except OverloadedError:
            if running + started == 0:
                raise
            break
        waiting.popleft()
        started += len(answers[-1])
    return started


class TextDeltas:
    """One answer as an iterator of pieces of text. Leaving the loop early, or :meth:`close`, stops the generation.

    What a model thinks and calls is no text of its answer; :meth:`pieces` gives all.
    """

    def __init__(
        self,
        runtime: Runtime,
        prompt: str | None,
        request: Request,
        form: ReplyForm | None = None,
    ) -> None:
        if request.params.n != 1:
            raise RequestError("one stream has one answer: leave n out, or generate without streaming", param="n")
        self._prompt = prompt
        arrived: SimpleQueue[Event] = SimpleQueue()
        # The engine holds the queue and not this object, which must die when its reader forgets it.
        (self._answer,) = runtime.start(request, lambda _, event: arrived.put(event), form)
        self._arrived = arrived

    @property
    def output(self) -> RequestOutput:
        """The answer so far; complete when the iterator has ended."""
        return output_of([self._answer], self._prompt)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while self._answer.finish_reason is None:
            delta = self._answer.push(self._arrived.get())
            if delta.text:
                return delta.text
        raise StopIteration

    def pieces(self) -> Iterator[Piece]:
        """The answer in pieces of content, of reasoning and of tool calls."""
        while self._answer.finish_reason is None:
            yield from self._answer.push(self._arrived.get()).pieces

    def close(self) -> None:
        """Stop the generation; ``output`` keeps what was said."""
        self._answer.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_answer"):  # absent if the request was refused
            self.close()
