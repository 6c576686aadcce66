"""A limit to the tokens of reasoning: when it is reached, the model must close the block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from quatre.engine.constraint import Constraint


class ThinkingBudget:
    """See :class:`quatre.engine.constraint.Constraint`. ``think``: the tokens around reasoning; ``is_open``: the prompt
    ends within it. ``inner`` rules the answer besides."""

    def __init__(
        self, inner: Constraint | None, think: tuple[int, int], budget: int, vocab_size: int, *, is_open: bool
    ) -> None:
        self._inner = inner
        self._start = (inner, think, budget, vocab_size, is_open)
        self._opening, self._closing = think
        self._left = budget
        self._thinking = is_open
        self._all = np.ones(vocab_size, np.bool_)

    @property
    def ready(self) -> bool:
        """See :class:`quatre.engine.constraint.Constraint`."""
        return self._inner is None or self._inner.ready

    def when_ready(self, call: Callable[[], None]) -> None:
        """See :class:`quatre.engine.constraint.Constraint`."""
        if self._inner is None:
            call()
        else:
            self._inner.when_ready(call)

    def mask(self) -> NDArray[np.bool_]:
        """See :class:`quatre.engine.constraint.Constraint`. A character that is not complete is completed first."""
        allowed = self._all if self._inner is None else self._inner.mask()
        if not self._thinking or self._left > 0 or not allowed[self._closing]:
            return allowed
        only = np.zeros_like(self._all)
        only[self._closing] = True
        return only

    def accept(self, token: int) -> bool:
        """See :class:`quatre.engine.constraint.Constraint`."""
        if token == self._closing:
            self._thinking = False
        elif self._thinking:
            self._left -= 1
        elif token == self._opening:
            self._thinking = True
        return self._inner is not None and self._inner.accept(token)

    def fork(self) -> ThinkingBudget:
        """See :class:`quatre.engine.constraint.Constraint`."""
        inner, think, budget, vocab_size, is_open = self._start
        return ThinkingBudget(None if inner is None else inner.fork(), think, budget, vocab_size, is_open=is_open)
