"""Compiled grammars of one model: made beside the engine, within limits of time and size, and kept for reuse."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter
from typing import NoReturn

import numpy as np
from llguidance import LLMatcher

from quatre.chat.tokenizer import Tokenizer
from quatre.chat.tools import Calls, Tool
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.grammar.calls import arguments_of
from quatre.grammar.constraint import GrammarConstraint, Mask, mask_of
from quatre.grammar.pointer import with_pointer
from quatre.grammar.source import PARAM, Thinking, source_of
from quatre.grammar.tryout import Tryouts, refused
from quatre.grammar.tryout_child import LIMITS
from quatre.grammar.vocabulary import Vocabulary

log = logging.getLogger(__name__)

COMPILERS = 2
PATIENCE_S = 20.0
MOST_WAITING = 24
TRIALS = 4
TRIAL_TOKENS = 12
MOST_KEPT = 128
MOST_KEPT_BYTES = 256 << 20


@dataclass
class _Kept:
    """A grammar that is being made, was made or was refused, and roughly how many bytes it takes."""

    made: Future[GrammarConstraint]
    weight: int


@dataclass(frozen=True)
class Making:
    """A constraint that is being made, or is there already. ``refuse`` words what is wrong with it."""

    made: Future[GrammarConstraint]
    refuse: Callable[[RequestError], NoReturn]

    @property
    def patience(self) -> float:
        """Seconds to wait for it."""
        return PATIENCE_S

    def result(self, patience: float | None = None) -> GrammarConstraint:
        """Wait, and return it. The errors of :meth:`Grammars.constraint`."""
        try:
            return self.made.result(self.patience if patience is None else patience)
        except RequestError as error:
            self.refuse(error)
        except TimeoutError:
            raise OverloadedError("the grammar is not compiled yet: the machine is busy; try again later") from None
        except CancelledError:
            raise _stopping() from None


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
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._compilers = ThreadPoolExecutor(COMPILERS, thread_name_prefix="quatre-grammars")

    def constraint(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
    ) -> GrammarConstraint:
        """The constraint at its beginning: content of the form ``asked`` for, or tool calls, after some ``thinking``.

        RequestError if the grammar is wrong, not supported, satisfied by nothing, or beyond the limits;
        OverloadedError if too many others are being compiled.
        """
        return self.begin(asked, thinking=thinking, calls=calls).result()

    def begin(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
    ) -> Making:
        """Begin to make what :meth:`constraint` returns."""
        made = self._begin(source_of(asked, self._tokenizer.markup, thinking, calls))
        return Making(made, partial(self._refuse, asked, calls))

    def _refuse(self, asked: StructuredOutputsParams | None, calls: Calls | None, error: RequestError) -> NoReturn:
        self._check_tools(calls)
        raise RequestError(with_pointer(str(error), asked), param=error.param, code=error.code)

    def _check_tools(self, calls: Calls | None) -> None:
        """RequestError that names the tool, if there is one whose schema cannot be kept to."""
        deadline = monotonic() + PATIENCE_S
        for place, tool in enumerate(calls.tools if calls else ()):
            if calls is not None and calls.has_schema(tool) and monotonic() < deadline:
                self._check(place, tool)

    def _check(self, place: int, tool: Tool) -> None:
        try:
            self.constraint(arguments_of(tool))
        except RequestError as error:
            raise RequestError(f"tools[{place}], {tool.name[:64]}: {error}", param="tools") from error

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
        self._compilers.shutdown(wait=False, cancel_futures=True)
        with self._preparing:
            tryouts = self._tryouts
        if tryouts is not None:
            tryouts.close()

    def _ready(self) -> tuple[Vocabulary, Tryouts]:
        with self._preparing:
            if self._closed.is_set():
                raise _stopping()
            if self._vocabulary is None or self._tryouts is None:
                began = perf_counter()
                sliced = not self._in_hurry
                self._vocabulary = Vocabulary(self._tokenizer, self._end_ids, self._vocab_size, sliced=sliced)
                ends, size = sorted(self._end_ids), self._tokenizer.vocab_size
                self._tryouts = Tryouts(COMPILERS, self._vocabulary.special, ends, size)
                log.info("prepared the vocabulary for grammars in %.2f s", perf_counter() - began)
            return self._vocabulary, self._tryouts

    def _begin(self, source: str) -> Future[GrammarConstraint]:
        """What comes, or came, of the source: each is compiled once, whoever else asks for it meanwhile."""
        with self._door:
            kept = self._kept.get(source)
            if kept is not None:
                self._kept.move_to_end(source)
                return kept.made
            if sum(not other.made.done() for other in self._kept.values()) >= MOST_WAITING:
                raise OverloadedError(f"{MOST_WAITING} grammars are being compiled already; try again later")
            try:
                making = self._compilers.submit(self._make, source)
            except RuntimeError:  # it was shut down
                raise _stopping() from None
            self._kept[source] = _Kept(making, len(source))
            return making

    def _make(self, source: str) -> GrammarConstraint:
        weight = 0
        try:
            vocabulary, tryouts = self._ready()
            passed = tryouts.run(source)
            weight = passed.weight
            return _compile(passed.source, vocabulary)
        except (OverloadedError, EngineError):  # the grammar is not at fault
            with self._door:
                self._kept.pop(source, None)
            raise
        finally:
            with self._door:
                if source in self._kept:
                    self._kept[source].weight += weight
                self._forget()

    def _forget(self) -> None:
        """Least recently used ones go first."""
        weight = sum(kept.weight for kept in self._kept.values())
        while len(self._kept) > MOST_KEPT or (weight > MOST_KEPT_BYTES and len(self._kept) > 1):
            _, oldest = self._kept.popitem(last=False)
            weight -= oldest.weight


def _stopping() -> OverloadedError:
    return OverloadedError("the server is stopping, and compiles no more grammars")


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
