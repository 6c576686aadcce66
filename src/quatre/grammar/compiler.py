"""Compiled grammars of one model: made beside the engine, within limits of time and size, and kept for reuse."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter

import numpy as np
from llguidance import LLMatcher

from quatre.chat.tokenizer import Tokenizer
from quatre.chat.tools import Calls
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.grammar.asker import NOBODY, Asker
from quatre.grammar.calls import arguments_of
from quatre.grammar.constraint import GrammarConstraint, Mask, mask_of
from quatre.grammar.lane import Lane, settle, stopping
from quatre.grammar.making import PATIENCE_S, Made, Making, Steps, outcome
from quatre.grammar.pointer import with_pointer
from quatre.grammar.source import PARAM, Thinking, source_of
from quatre.grammar.tryout import TooSlowError, Tryouts, refused
from quatre.grammar.tryout_child import LIMITS, LONGEST_S
from quatre.grammar.vocabulary import Vocabulary

log = logging.getLogger(__name__)

COMPILERS, MOST_WAITING = 2, 64
SLOW_COMPILERS, MOST_SLOW = 1, 8
QUICK_S = 0.2
"""Of computing, dozens of times what schemas need; what is not tried by then is slow."""
TRIALS = 4
TRIAL_TOKENS = 12
MOST_KEPT = 128
MOST_KEPT_BYTES = 256 << 20

_Key = tuple[str, str]
"""A salt and a source."""


@dataclass
class _Kept:
    """A grammar that is being made, was made or was refused; roughly how many bytes it takes, and for how many."""

    made: Made
    weight: int
    waiting: int = 0

    @property
    def is_void(self) -> bool:
        """It ended without a verdict on the grammar."""
        made = self.made
        return made.done() and (made.cancelled() or isinstance(made.exception(), OverloadedError | EngineError))


class Grammars:
    """Constraints for one tokenizer. May be called from any thread but the engine's: it waits for the compiler."""

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int], vocab_size: int) -> None:
        self._tokenizer = tokenizer
        self._end_ids = end_ids
        self._vocab_size = vocab_size
        self._vocabulary: Vocabulary | None = None
        self._in_hurry = False
        self._tryouts: Tryouts | None = None
        self._closed = threading.Event()
        self._preparing = threading.Lock()
        self._door = threading.Lock()
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lane = Lane("quatre-grammars", COMPILERS, MOST_WAITING, _overload(MOST_WAITING, "grammars"))
        self._slow_lane = Lane("quatre-slow-grammars", SLOW_COMPILERS, MOST_SLOW, _overload(MOST_SLOW, "slow grammars"))

    def constraint(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
        asker: Asker = NOBODY,
    ) -> GrammarConstraint:
        """The constraint at its beginning: content of the form ``asked`` for, or tool calls, after some ``thinking``.

        RequestError if the grammar is wrong, not supported, satisfied by nothing, or beyond the limits;
        OverloadedError if too many others are being compiled.
        """
        return self.begin(asked, thinking=thinking, calls=calls, asker=asker).result()

    def begin(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
        asker: Asker = NOBODY,
    ) -> Making:
        """What makes that which :meth:`constraint` returns; whoever has it must end or close it."""
        return Making(self._steps(asked, thinking, calls, asker))

    def _steps(
        self, asked: StructuredOutputsParams | None, thinking: Thinking, calls: Calls | None, asker: Asker
    ) -> Steps:
        source = source_of(asked, self._tokenizer.markup, thinking, calls)
        try:
            return (yield from self._made(source, asker))
        except RequestError as error:
            yield from self._check_tools(calls, asker)
            raise RequestError(with_pointer(str(error), asked), param=error.param, code=error.code) from error

    def _check_tools(self, calls: Calls | None, asker: Asker) -> Generator[Made, None, None]:
        """RequestError that names the tool, if there is one whose schema cannot be kept to."""
        deadline = monotonic() + PATIENCE_S
        for place, tool in enumerate(calls.tools if calls else ()):
            if calls is not None and calls.has_schema(tool) and monotonic() < deadline:
                try:
                    yield from self._steps(arguments_of(tool), "no", None, asker)
                except RequestError as error:
                    raise RequestError(f"tools[{place}], {tool.name[:64]}: {error}", param="tools") from error

    def _made(self, source: str, asker: Asker) -> Steps:
        key = asker.salt, source
        made = self._joined(key, asker.client)
        try:
            yield made
        except GeneratorExit:
            self._leave(key, made)
            raise
        return outcome(made)

    def hurry(self) -> None:
        """Until :meth:`prepare` is called, make do with less preparation: somebody waits for the first token."""
        self._in_hurry = True

    def prepare(self, after: float = 0.0) -> None:
        """Build the vocabulary, ``after`` so many seconds; nothing happens after :meth:`close`.

        llguidance holds Python's lock meanwhile, so do it when nobody waits.
        """
        self._closed.wait(after)
        try:
            vocabulary, tryouts = self._ready()
            tryouts.start()
        except OverloadedError:
            return
        except EngineError as error:
            log.warning("requests that ask for a form will fail: %s", error)
            return
        if self._in_hurry:
            sliced = vocabulary.sliced()
            with self._preparing:
                self._in_hurry, self._vocabulary = False, sliced
            with self._door:
                self._kept.clear()  # they have the slow one

    def close(self) -> None:
        """Compile no more: who waits, or comes later, gets an OverloadedError. May be called again."""
        self._closed.set()
        for lane in (self._lane, self._slow_lane):
            lane.close()
        with self._preparing:
            tryouts = self._tryouts
        if tryouts is not None:
            tryouts.close()

    def _ready(self) -> tuple[Vocabulary, Tryouts]:
        with self._preparing:
            if self._closed.is_set():
                raise stopping()
            if self._vocabulary is None or self._tryouts is None:
                began = perf_counter()
                sliced = not self._in_hurry
                self._vocabulary = Vocabulary(self._tokenizer, self._end_ids, self._vocab_size, sliced=sliced)
                ends, size = sorted(self._end_ids), self._tokenizer.vocab_size
                self._tryouts = Tryouts(COMPILERS + SLOW_COMPILERS, self._vocabulary.special, ends, size)
                log.info("prepared the vocabulary for grammars in %.2f s", perf_counter() - began)
            return self._vocabulary, self._tryouts

    def _joined(self, key: _Key, client: str) -> Made:
        """What comes, or came, of the source: each is compiled once, whoever else asks for it meanwhile."""
        with self._door:
            kept = self._kept.get(key)
            if kept is None or kept.is_void:
                made = Made()
                self._lane.put(client, made, partial(self._make, key, client, made))
                kept = self._kept[key] = _Kept(made, len(key[1]))
            self._kept.move_to_end(key)
            kept.waiting += 1
            return kept.made

    def _leave(self, key: _Key, made: Made) -> None:
        """Somebody has gone who waited for it, and will not come back; if that was the last one, it is not made."""
        with self._door:
            kept = self._kept.get(key)
            if kept is not None and kept.made is made:
                kept.waiting -= 1
                if not kept.waiting and made.cancel():
                    del self._kept[key]

    def _make(self, key: _Key, client: str, made: Made, *, is_slow: bool = False) -> None:
        """Settle ``made``. What takes long to try goes on in the slow lane, so that others can be tried meanwhile."""
        try:
            settle(made, result=self._compiled(key, made, LONGEST_S if is_slow else QUICK_S))
        except TooSlowError as error:
            if is_slow:
                settle(made, error=error)
            else:
                self._go_on_slowly(key, client, made)
        except Exception as error:
            settle(made, error=error)
        with self._door:
            self._forget()

    def _go_on_slowly(self, key: _Key, client: str, made: Made) -> None:
        try:
            self._slow_lane.put(client, made, partial(self._make, key, client, made, is_slow=True))
        except OverloadedError as error:
            settle(made, error=error)

    def _compiled(self, key: _Key, made: Made, longest: float) -> GrammarConstraint:
        salt, source = key
        vocabulary, tryouts = self._ready()
        passed = tryouts.run(source, longest, salt=salt, is_wanted=lambda: not made.done())
        self._weigh(key, passed.weight)
        return _compile(passed.source, vocabulary)

    def _weigh(self, key: _Key, weight: int) -> None:
        with self._door:
            if key in self._kept:
                self._kept[key].weight += weight

    def _forget(self) -> None:
        """Least recently used ones go first."""
        weight = sum(kept.weight for kept in self._kept.values())
        while len(self._kept) > MOST_KEPT or (weight > MOST_KEPT_BYTES and len(self._kept) > 1):
            _, oldest = self._kept.popitem(last=False)
            weight -= oldest.weight


def _overload(most: int, what: str) -> str:
    return f"{most} {what} are being compiled already; try again later"


def _compile(source: str, vocabulary: Vocabulary) -> GrammarConstraint:
    matcher = LLMatcher(vocabulary.trie, source, limits=LIMITS, log_level=0)
    if matcher.is_error():
        raise refused(matcher.get_error())
    try:
        first = mask_of(matcher, vocabulary.size)
    except EngineError as error:
        raise refused(str(error)) from error
    if not first.any() or _only_ends(first, vocabulary):
        raise RequestError("structured output: nothing but an empty answer satisfies it", param=PARAM)
    for walk in range(TRIALS):
        _try_out(matcher.deep_copy(), first, vocabulary, np.random.default_rng(walk))
    return GrammarConstraint(matcher, first)


def _try_out(matcher: LLMatcher, mask: Mask, vocabulary: Vocabulary, random: np.random.Generator) -> None:
    """Go some steps, so that a grammar which is too complex to be followed is refused before it is used."""
    try:
        for _ in range(TRIAL_TOKENS):
            if not matcher.consume_token(int(random.choice(np.flatnonzero(mask)))) or matcher.is_stopped():
                break
            mask = mask_of(matcher, vocabulary.size)
            if not mask.any():
                break
        if matcher.is_error():
            raise refused(matcher.get_error())
    except EngineError as error:
        raise refused(str(error)) from error


def _only_ends(first: Mask, vocabulary: Vocabulary) -> bool:
    return set(map(int, np.flatnonzero(first))) <= set(vocabulary.trie.eos_tokens)
