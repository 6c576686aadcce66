"""A constraint that is being made, for those who wait for it in whichever way they can."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import CancelledError, Future
from contextlib import suppress

from quatre.errors import OverloadedError
from quatre.grammar.constraint import GrammarConstraint
from quatre.grammar.lane import stopping

Made = Future[GrammarConstraint]
Steps = Generator[Made, None, GrammarConstraint]
"""What to wait for before each step; at last the constraint. Closing it means that nobody waits any more."""

PATIENCE_S = 20.0


class Making:
    """``steps`` one after the other; between them it is left to the caller how to wait."""

    constraint: GrammarConstraint
    """There once :meth:`advance` has said so."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._door = threading.Lock()  # who gives up may do so during a step

    @property
    def patience(self) -> float:
        """Seconds to wait before each step; whoever waits no longer is told that the machine is busy."""
        return PATIENCE_S

    def advance(self) -> Made | None:
        """Compute until there is something to wait for; None if it is made. The errors of ``Grammars.constraint``."""
        with self._door:
            try:
                return next(self._steps)
            except StopIteration as end:
                self.constraint = end.value
                return None

    def close(self) -> None:
        """Nobody waits for it any more."""
        with self._door:
            self._steps.close()

    def result(self) -> GrammarConstraint:
        """Wait, and return it."""
        try:
            while (made := self.advance()) is not None:
                with suppress(Exception):  # they are for the next step
                    made.exception(self.patience)
            return self.constraint
        finally:
            self.close()


def outcome(made: Made) -> GrammarConstraint:
    """What came of it by now."""
    try:
        return made.result(0)
    except TimeoutError:
        raise OverloadedError("the grammar is not compiled yet: the machine is busy; try again later") from None
    except CancelledError:
        raise stopping() from None
