"""Compiled grammars of one model: made beside the engine, within limits of time and size, and kept for reuse."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
from llguidance import LLMatcher, LLParserLimits

from quatre.chat.tokenizer import Tokenizer
from quatre.chat.tools import Calls, Tool
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import EngineError, RequestError
from quatre.grammar.calls import arguments_of
from quatre.grammar.constraint import GrammarConstraint, Mask, mask_of
from quatre.grammar.source import PARAM, Thinking, source_of
from quatre.grammar.vocabulary import Vocabulary

log = logging.getLogger(__name__)

LONGEST_COMPILATION_S = 10.0
TRIALS = 4
TRIAL_TOKENS = 12
MOST_KEPT = 128
MOST_KEPT_CHARACTERS = 8 << 20

LIMITS = LLParserLimits(verbose_errors=False)
"""llguidance's own bounds on the work of one step; its errors must not quote the state of a parser."""


class Grammars:
    """Constraints for one tokenizer. May be called from any thread but the engine's: it waits for the compiler."""

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int], vocab_size: int) -> None:
        self._tokenizer = tokenizer
        self._end_ids = end_ids
        self._vocab_size = vocab_size
        self._vocabulary: Vocabulary | None = None
        self._in_hurry = False
        self._door = threading.Lock()
        self._kept: OrderedDict[str, GrammarConstraint] = OrderedDict()
        self._characters = 0
        self._compilers = ThreadPoolExecutor(2, thread_name_prefix="quatre-grammars")

    def constraint(
        self,
        asked: StructuredOutputsParams | None = None,
        *,
        thinking: Thinking = "no",
        calls: Calls | None = None,
    ) -> GrammarConstraint:
        """The constraint at its beginning: content of the form ``asked`` for, or tool calls, after some ``thinking``.

        RequestError if the grammar is wrong, not supported, satisfied by nothing, or beyond the limits.
        """
        vocabulary = self._ready_vocabulary()
        source = source_of(asked, self._tokenizer.markup, thinking, calls)
        with self._door:
            if source in self._kept:
                self._kept.move_to_end(source)
                return self._kept[source]
        try:
            made = self._compilers.submit(_compile, source, vocabulary).result(LONGEST_COMPILATION_S)
        except RequestError as error:
            for place, tool in enumerate(calls.tools if calls else ()):
                self._check(place, tool, calls)
            raise error
        except TimeoutError as error:
            raise RequestError(
                f"structured output: compiling took longer than {LONGEST_COMPILATION_S:g} seconds; simplify it",
                param=PARAM,
            ) from error
        self._keep(source, made)
        return made

    def _check(self, place: int, tool: Tool, calls: Calls | None) -> None:
        """RequestError that names the tool, if it is the one whose schema cannot be kept to."""
        if calls is not None and calls.has_schema(tool):
            try:
                self.constraint(arguments_of(tool))
            except RequestError as error:
                raise RequestError(f"tools[{place}], {tool.name[:64]}: {error}", param="tools") from error

    def hurry(self) -> None:
        """Until :meth:`prepare` is called, make do with less preparation: somebody waits for the first token."""
        self._in_hurry = True

    def prepare(self) -> None:
        """Build the vocabulary now. llguidance holds Python's lock meanwhile, so do it when nobody waits."""
        vocabulary = self._ready_vocabulary()
        if self._in_hurry:
            sliced = vocabulary.sliced()
            with self._door:
                self._in_hurry, self._vocabulary = False, sliced
                self._kept.clear()  # they have the slow one
                self._characters = 0

    def close(self) -> None:
        """Compile no more."""
        self._compilers.shutdown(wait=False, cancel_futures=True)

    def _ready_vocabulary(self) -> Vocabulary:
        with self._door:
            if self._vocabulary is None:
                began = perf_counter()
                sliced = not self._in_hurry
                self._vocabulary = Vocabulary(self._tokenizer, self._end_ids, self._vocab_size, sliced=sliced)
                log.info("prepared the vocabulary for grammars in %.2f s", perf_counter() - began)
            return self._vocabulary

    def _keep(self, source: str, made: GrammarConstraint) -> None:
        """Least recently used ones go first."""
        with self._door:
            if source not in self._kept:
                self._kept[source] = made
                self._characters += len(source)
            while len(self._kept) > MOST_KEPT or self._characters > MOST_KEPT_CHARACTERS:
                oldest, _ = self._kept.popitem(last=False)
                self._characters -= len(oldest)


def _compile(source: str, vocabulary: Vocabulary) -> GrammarConstraint:
    matcher = LLMatcher(vocabulary.trie, source, limits=LIMITS, log_level=0)
    if matcher.is_error():
        raise _refused(matcher.get_error())
    try:
        first = mask_of(matcher, vocabulary.size)
    except EngineError as error:
        raise _refused(str(error)) from error
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
            raise _refused(matcher.get_error())
    except EngineError as error:
        raise _refused(str(error)) from error


def _only_ends(first: Mask, vocabulary: Vocabulary) -> bool:
    return set(map(int, np.flatnonzero(first))) <= set(vocabulary.trie.eos_tokens)


def _refused(reason: str) -> RequestError:
    """llguidance names the keyword, or the place; a pointer into a regular expression needs its lines."""
    if "NoExtension" in reason:
        reason = "nothing satisfies it"
    reason = reason.replace("<non-verbose/>", "").strip()
    return RequestError(f"structured output: not supported: {reason}"[:500], param=PARAM)
