"""An engine with canned answers and a tokenizer of bytes, for every test above the engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.chat.markup import Markup
from quatre.engine.config import EngineConfig
from quatre.engine.places import Places
from quatre.engine.request import Event, FinishReason, Listener, Request, TokenLogprobs
from quatre.engine.statistics import Statistics
from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.llm.runtime import Runtime

BOS, END, THINK = 256, 257, 258
VOCAB = 259
NAMES = {BOS: "<begin>", END: "<end>", THINK: "<think>"}
PATIENCE_S = 60  # for what takes no time at all, on a machine that is busy with something else


class ByteTokenizer:
    """One token per byte, so that characters outside ASCII are split between tokens."""

    vocab_size = VOCAB
    bos_id = BOS
    end_ids = frozenset({END})
    markup = Markup()
    efforts = ("none", "high")
    template: str | None = None

    def encode(self, text: str, *, bos: bool) -> list[int]:
        return [BOS] * bos + list(text.encode())

    def decode(self, ids: Sequence[int]) -> str:
        return b"".join(map(self.token_bytes, ids)).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else b""

    def vocabulary(self) -> list[bytes]:
        return [self.token_bytes(token) for token in range(self.vocab_size)]

    def token_name(self, token: int) -> str:
        return NAMES.get(token) or self.token_bytes(token).decode(errors="replace")

    def chat_prompt(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        if reasoning_effort not in (None, "none", "high"):
            raise RequestError(f"no effort {reasoning_effort!r}; known are none, high", param="reasoning_effort")
        if messages[-1]["role"] == "system":
            raise RequestError("the last message must be the user's", param="messages")
        turns = "".join(f"{message['role']}: {_text(message['content'])}\n" for message in messages)
        return self.encode(turns, bos=True) + [THINK] * (reasoning_effort == "high")

    def fim_prompt(self, prompt: str, suffix: str) -> list[int]:
        return self.encode(f"[SUFFIX]{suffix}[PREFIX]{prompt}", bos=True)


def _text(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


class FakeEngine:
    """Answers every prompt ``n`` times with ``answer`` and an end token, one token per event, on a thread per answer.

    ``gate``: every token waits for a release of it. ``failure``: instead of the end token, the request fails.
    ``places``: so many answers at once, the others are turned away. Everything that happened is in ``requests`` and
    ``cancelled``.
    """

    vocab_size = VOCAB
    max_model_len = 512
    sees = False

    def __init__(
        self,
        answer: str = "Hello, world",
        *,
        gate: threading.Semaphore | None = None,
        failure: str | None = None,
        places: int | None = None,
    ) -> None:
        self.answer = [*answer.encode(), END]
        self.gate = gate
        self.failure = failure
        self.places = places  # answers that it is full with; None for as many as the real one takes
        self._room = Places(EngineConfig.max_num_seqs, EngineConfig.max_num_queued_reqs)
        self.alive = True
        self.statistics = Statistics(pages=16)
        self.requests: list[Request] = []
        self.cancelled: list[str] = []
        self.closed = False
        self._stops: dict[tuple[str, int], threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()

    def submit(self, request: Request, listener: Listener) -> None:
        if not self.alive:
            raise EngineError("the engine is dead")
        if len(request.prompt) >= self.max_model_len:
            raise RequestError(
                f"the prompt has {len(request.prompt)} tokens, but the context holds {self.max_model_len}",
                param="prompt",
                code="context_length_exceeded",
            )
        with self._changed:
            if self.places is not None and len(self._stops) >= self.places:
                raise OverloadedError("the queue is full")
            self._room.take(request.params.n)
            self.requests.append(request)
            for index in range(request.params.n):
                self._stops[request.id, index] = threading.Event()
            self._changed.notify_all()
        for index in range(request.params.n):
            thread = threading.Thread(target=self._answer, args=(request, listener, index))
            self._threads.append(thread)
            thread.start()

    def check_room(self, answers: int) -> None:
        self._room.check(answers)

    def cancel(self, request_id: str, index: int | None = None) -> None:
        with self._changed:
            self.cancelled.append(request_id)
            for (running, place), stop in self._stops.items():
                if running == request_id and index in (None, place):
                    stop.set()
            self._changed.notify_all()

    def logits(self, ids: Sequence[int], prefill: int | None = None) -> NDArray[np.float32]:
        return np.eye(VOCAB, dtype=np.float32)[list(ids)]

    def close(self) -> None:
        self.closed = True
        for stop in list(self._stops.values()):
            stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def wait_for(self, *, requests: int = 0, cancelled: int = 0) -> None:
        """Return when so many requests have come and so many were cancelled; fail if they do not."""
        with self._changed:
            enough = self._changed.wait_for(
                lambda: len(self.requests) >= requests and len(self.cancelled) >= cancelled, PATIENCE_S
            )
        assert enough, f"{len(self.requests)} requests and {len(self.cancelled)} cancelled"

    def _answer(self, request: Request, listener: Listener, index: int) -> None:
        params, stop = request.params, self._stops[request.id, index]
        limit = min(params.max_tokens or self.max_model_len, self.max_model_len - len(request.prompt))
        scored = None if params.prompt_logprobs is None else self._scores(request.prompt, params.prompt_logprobs)
        for place, token in enumerate(self.answer[:limit]):
            if not self._may_go_on(stop):
                return self._end(request, listener, Event(index=index, finish_reason=FinishReason.CANCELLED))
            if token == END and self.failure is not None:
                failed = Event(index=index, finish_reason=FinishReason.ERROR, error=self.failure)
                return self._end(request, listener, failed)
            reason = FinishReason.LENGTH if place == limit - 1 else None
            reason = FinishReason.STOP if token in request.stop_ids else reason
            event = Event(
                index=index,
                tokens=(token,),
                logprobs=() if params.logprobs is None else (logprobs_of(token, params.logprobs),),
                prompt_logprobs=scored if place == index == 0 else None,
                begun=perf_counter() if place == 0 else None,
                finish_reason=reason,
            )
            if reason is not None:
                return self._end(request, listener, event)
            listener(event)
        return self._end(request, listener, Event(index=index, finish_reason=FinishReason.LENGTH))

    def _may_go_on(self, stop: threading.Event) -> bool:
        while self.gate is not None and not stop.is_set():
            if self.gate.acquire(timeout=0.005):
                if stop.is_set():
                    self.gate.release()  # it was meant for another request
                break
        return not stop.is_set()

    def _end(self, request: Request, listener: Listener, event: Event) -> None:
        with self._changed:
            del self._stops[request.id, event.index]
            self._room.give_back()
            self._changed.notify_all()
        listener(event)

    def _scores(self, prompt: Sequence[int], count: int) -> tuple[TokenLogprobs | None, ...]:
        return (None, *(logprobs_of(token, count) for token in prompt[1:]))


def logprobs_of(token: int, count: int) -> TokenLogprobs:
    """The token has rank 2; those before and after it in the alphabet have ranks 1 and 3."""
    ranked = ((token - 1) % VOCAB, token, (token + 1) % VOCAB)
    top = tuple((t, -0.5 - rank, rank + 1) for rank, t in enumerate(ranked))
    return TokenLogprobs(token, -1.5, 2, top[:count])


@contextmanager
def fake_runtime(engine: FakeEngine, tokenizer: ByteTokenizer | None = None) -> Iterator[Runtime]:
    """A runtime called "fake" over the engine, closed in the end."""
    runtime = Runtime(engine, tokenizer or ByteTokenizer(), name="fake")
    try:
        yield runtime
    finally:
        runtime.close()
