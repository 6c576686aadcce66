"""A loaded model with its engine and tokenizer: what every front door (Python, HTTP, terminal) asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from quatre.chat.markup import opens_reasoning
from quatre.chat.reply import ReplyForm
from quatre.chat.tokenizer import Tokenizer
from quatre.chat.tools import Calls
from quatre.engine.constraint import Constraint
from quatre.engine.request import Event, Image, Listener, Request, SamplingParams
from quatre.engine.statistics import Statistics
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import ConfigError, RequestError
from quatre.grammar.asker import NOBODY, Asker
from quatre.llm.answer import Answer

if TYPE_CHECKING:
    from quatre.grammar.compiler import Grammars
    from quatre.grammar.making import Making
    from quatre.grammar.source import Thinking

Sink = Callable[[Answer, Event], None]
"""Where an answer's events go; called on the engine thread, so it must return at once."""


Watcher = Callable[[Answer, Event], None]
"""Hears each event of one request, on the engine thread, before anybody else; must return at once."""


class TokenEngine(Protocol):
    """The part of the engine that is used from here up; tests put canned tokens behind it."""

    max_model_len: int
    vocab_size: int
    sees: bool  # whether prompts may have images
    statistics: Statistics

    @property
    def alive(self) -> bool:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def submit(self, request: Request, listener: Listener) -> None:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def check_room(self, answers: int) -> None:
        """See :class:`quatre.engine.engine.Engine`."""
        ...

    def cancel(self, request_id: str, index: int | None = None) -> None:
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
        self.observer: Callable[[Request], Watcher] | None = None
        self._tokenizer = tokenizer
        self._end_ids = end_ids | (tokenizer.end_ids if tokenizer is not None else frozenset())
        self._grammars: Grammars | None = None
        self._closed = False
        self._door = threading.Lock()

    @property
    def tokenizer(self) -> Tokenizer:
        """The checkpoint's tokenizer. ConfigError if it has none."""
        if self._tokenizer is None:
            raise ConfigError(
                f"{self.name} has no tokenizer file, so it takes and returns token ids only. "
                "Pass lists of token ids, or put tekken.json or tokenizer.json next to the weights."
            )
        return self._tokenizer

    def constraint(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
        asker: Asker = NOBODY,
    ) -> Constraint:
        """The form of an answer, compiled or found again: of the content ``asked`` for, or of tool ``calls``.

        May take a while: never call it where others wait. RequestError if the form cannot be had, and says why.
        """
        return self.begin_constraint(asked, thinking=thinking, calls=calls, asker=asker).result()

    def begin_constraint(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
        asker: Asker = NOBODY,
    ) -> Making:
        """What makes that which :meth:`constraint` returns, for those who can do something else meanwhile."""
        return self._ready_grammars().begin(asked, thinking=thinking, calls=calls, asker=asker)

    def thinking_budget(self, constraint: Constraint | None, budget: int, *, is_open: bool) -> Constraint:
        """The constraint, if any, with at most so many tokens of reasoning. RequestError if the model has no marks."""
        from quatre.grammar.budget import ThinkingBudget

        think = self.tokenizer.markup.think
        if think is None:
            raise RequestError(
                "this model has no marks around its reasoning, so it can have no budget", param="thinking_token_budget"
            )
        return ThinkingBudget(constraint, think, budget, self.engine.vocab_size, is_open=is_open)

    def prepare_grammars(self, after: float = 0.0) -> None:
        """Do what constraints need: half a second with a large vocabulary, in which nothing else is done.

        It begins ``after`` seconds, so that a first client is answered before; if it has a constraint, with half of the
        preparation.
        """
        if self._tokenizer is not None and self._end_ids:
            grammars = self._ready_grammars()
            grammars.hurry()
            grammars.prepare(after)

    def _ready_grammars(self) -> Grammars:
        if self._tokenizer is None or not self._end_ids:
            raise RequestError(
                "structured outputs need a tokenizer with an end token, and this checkpoint has none",
                param="structured_outputs",
            )
        with self._door:
            if self._grammars is None:
                from quatre.grammar.compiler import Grammars  # with llguidance, which few requests need

                self._grammars = Grammars(self._tokenizer, self._end_ids, self.engine.vocab_size)
                if self._closed:
                    self._grammars.close()
            return self._grammars

    def request(
        self,
        prompt: Sequence[int],
        params: SamplingParams,
        constraint: Constraint | None = None,
        never: Sequence[int] = (),
        *,
        priority: int = 0,
        timeout: float | None = None,
        cache_salt: str = "",
    ) -> Request:
        """A request with a fresh id that ends where the model, or the caller's ``stop_token_ids``, say.

        ``constraint`` is the compiled form of the answer; made here if ``params`` asks for one and none is given.
        ``never``: tokens that it must not have. The
        other arguments are those of :class:`quatre.engine.request.Request`.
        """
        for name in ("stop", "bad_words"):
            if getattr(params, name) and self._tokenizer is None:
                raise RequestError(f"{name} needs a tokenizer, and this checkpoint has none", param=name)
        self._check_tokens(params)
        if constraint is None and params.structured_outputs is not None:
            constraint = self.constraint(params.structured_outputs)
        ends = frozenset() if params.ignore_eos else self._end_ids
        return Request(
            id=uuid4().hex,
            prompt=tuple(prompt),
            params=params,
            stop_ids=ends | frozenset(params.stop_token_ids),
            constraint=constraint,
            bad_tokens=(*self._spellings(params.bad_words), *((token,) for token in never)),
            priority=priority,
            timeout=timeout,
            cache_salt=cache_salt,
            images=tuple(Image(picture.pixels, picture.places) for picture in getattr(prompt, "pictures", ())),
        )

    def _check_tokens(self, params: SamplingParams) -> None:
        """RequestError for ids outside the vocabulary where they would have to be looked up in the logits."""
        for name in ("logit_bias", "allowed_token_ids", "stop_token_ids"):
            tokens = getattr(params, name) or ()
            largest, last = max(tokens, default=0), self.engine.vocab_size - 1
            if largest > last:
                raise RequestError(f"{name} has token {largest}, but the vocabulary ends at {last}", param=name)

    def _spellings(self, words: Sequence[str]) -> Iterator[tuple[int, ...]]:
        """Each word's tokens at the beginning of a text and in the middle of one."""
        for word in words:
            for text in dict.fromkeys((word.lstrip(), " " + word.lstrip())):
                tokens = self.tokenizer.encode(text, bos=False)
                if tokens:
                    yield tuple(tokens)

    def reply_form(self, prompt: Sequence[int], *, calls: bool = False) -> ReplyForm:
        """How to read the answer to a conversation. ``calls``: the model may call tools."""
        markup = self.tokenizer.markup
        return ReplyForm(markup, reasoning=opens_reasoning(prompt, markup), calls=calls)

    def start(self, request: Request, sink: Sink, form: ReplyForm | None = None) -> list[Answer]:
        """Hand the request to the engine; its ``n`` answers. Whoever reads the sink pushes each event, in order.

        ``form``: how to read the answers, if they are more than text.
        """
        answers = [
            Answer(request, self._tokenizer, partial(self.engine.cancel, request.id, index), index, form)
            for index in range(request.params.n)
        ]
        watch = None if self.observer is None else self.observer(request)

        def listen(event: Event) -> None:
            answer = answers[event.index]
            if watch is not None:
                watch(answer, event)
            sink(answer, event)

        self.engine.submit(request, listen)
        return answers

    def warm_up(self) -> None:
        """Make one token and forget it. Raises what would otherwise meet the first user."""
        done: SimpleQueue[tuple[Answer, Event]] = SimpleQueue()
        request = self.request([0], SamplingParams(max_tokens=1, temperature=0))
        self.start(request, lambda answer, event: done.put((answer, event)))
        answer, event = done.get()
        answer.push(event)

    def close(self) -> None:
        """Stop the engine; running answers end with an error."""
        with self._door:
            self._closed, grammars = True, self._grammars
        if grammars is not None:
            grammars.close()
        self.engine.close()
