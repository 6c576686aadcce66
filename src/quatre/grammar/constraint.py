"""One answer's way through its grammar."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from llguidance import LLMatcher
from numpy.typing import NDArray

from quatre.errors import EngineError

Mask = NDArray[np.bool_]

# llguidance lets go of Python's lock while it computes a mask; the model step computes meanwhile.
MASKS = ThreadPoolExecutor(2, thread_name_prefix="quatre-masks")


class GrammarConstraint:
    """See :class:`quatre.engine.constraint.Constraint`. ``start`` is a matcher at its beginning, ``first`` its mask."""

    def __init__(self, start: LLMatcher, first: Mask) -> None:
        self._start = start
        self._first = first
        self._matcher: LLMatcher | None = None  # copied when the first token comes
        self._next: Future[Mask] | None = None

    @property
    def ready(self) -> bool:
        """See :class:`quatre.engine.constraint.Constraint`."""
        return self._next is None or self._next.done()

    def when_ready(self, call: Callable[[], None]) -> None:
        """See :class:`quatre.engine.constraint.Constraint`."""
        if self._next is None:
            call()
        else:
            self._next.add_done_callback(lambda _: call())

    def mask(self) -> Mask:
        """See :class:`quatre.engine.constraint.Constraint`."""
        return self._first if self._next is None else self._next.result()

    def accept(self, token: int) -> bool:
        """See :class:`quatre.engine.constraint.Constraint`."""
        if self._matcher is None:
            self._matcher = self._start.deep_copy()
        matcher = self._matcher
        if matcher.consume_token(token) and matcher.is_stopped() and not matcher.is_error():
            return True
        self._next = MASKS.submit(mask_of, matcher, len(self._first))
        return False

    def fork(self) -> GrammarConstraint:
        """See :class:`quatre.engine.constraint.Constraint`."""
        return GrammarConstraint(self._start, self._first)


def mask_of(matcher: LLMatcher, size: int) -> Mask:
    """bool ``[size]``. EngineError if the matcher has failed: a grammar can turn out too complex on the way."""
    bits = None if matcher.is_error() else matcher.compute_bitmask()
    if bits is None or matcher.is_error():
        raise EngineError(f"the grammar could not be followed further: {matcher.get_error().splitlines()[0]}")
    allowed = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[:size]
    mask = np.zeros(size, np.bool_)
    mask[: len(allowed)] = allowed
    return mask
