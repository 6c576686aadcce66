"""A loaded model with its engine and tokenizer: what every front door (Python, HTTP, terminal) asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Protocol
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from quatre.chat.tokenizer import Tokenizer
from quatre.engine.request import Event, Listener, Request, SamplingParams
from quatre.errors import ConfigError, RequestError
from quatre.llm.answer import Answer

Sink = Callable[[Answer, Event], None]
"""Where an answer's events go; called on the engine thread, so it must return at once."""


class TokenEngine(Protocol):
    """The part of the engine that is used from here up; tests put canned tokens behind it."""

    max_model_len: int
    vocab_size: int

    @property
    def alive(self) -> bool:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def submit(self, request: Request, listener: Listener) -> None:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def cancel(self, request_id: str) -> None:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def logits(self, ids: Sequence[int], prefill: int | None = None) -> NDArray[np.float32]:
        """Next-token logits after each of ``ids``, ``[tokens, vocab]``, without any cache of earlier requests."""
        ...

    def close(self) -> None:
        """See :class:`quatre.engine.engine.Engine`."""
        ...


class Runtime:
    """Turns prompts into answers. ``name`` is what the checkpoint is called when nobody says otherwise."""

    def __init__(
        self, engine: TokenEngine, tokenizer: Tokenizer | None, *, end_ids: frozenset[int] = frozenset(), name: str
    ) -> None:
        self.engine = engine
        self.name = name
        self._tokenizer = tokenizer
        self._end_ids = end_ids | (tokenizer.end_ids if tokenizer is not None else frozenset())

    @property
    def tokenizer(self) -> Tokenizer:
        """The checkpoint's tokenizer. ConfigError if it has none."""
        if self._tokenizer is None:
            raise ConfigError(
                f"{self.name} has no tokenizer file, so it takes and returns token ids only. "
                "Pass lists of token ids, or put tekken.json or tokenizer.json next to the weights."
            )
        return self._tokenizer

    def request(self, prompt: Sequence[int], params: SamplingParams) -> Request:
        """A request with a fresh id that ends where the model, or the caller's ``stop_token_ids``, say."""
        if params.stop and self._tokenizer is None:
            raise RequestError("stop strings need a tokenizer, and this checkpoint has none", param="stop")
        ends = frozenset() if params.ignore_eos else self._end_ids
        return Request(
            id=uuid4().hex, prompt=tuple(prompt), params=params, stop_ids=ends | frozenset(params.stop_token_ids)
        )

    def start(self, request: Request, sink: Sink) -> Answer:
        """Hand the request to the engine. Whoever reads the sink pushes its events into the answer, in order."""
        answer = Answer(request, self._tokenizer, self.engine.cancel)
        self.engine.submit(request, lambda event: sink(answer, event))
        return answer

    def warm_up(self) -> None:
        """Make one token and forget it. Raises what would otherwise meet the first user."""
        done: SimpleQueue[tuple[Answer, Event]] = SimpleQueue()
        request = self.request([0], SamplingParams(max_tokens=1, temperature=0))
        self.start(request, lambda answer, event: done.put((answer, event)))
        answer, event = done.get()
        answer.push(event)

    def close(self) -> None:
        """Stop the engine; running answers end with an error."""
        self.engine.close()
