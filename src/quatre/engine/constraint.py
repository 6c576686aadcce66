"""What the sampler asks of a grammar. The engine knows token ids only; :mod:`quatre.grammar` implements this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:  # requests travel through the scheduler, which knows no arrays
    import numpy as np
    from numpy.typing import NDArray


class Constraint(Protocol):
    """Which tokens may follow, for one answer while it grows. Used by one thread; masks are computed beside it."""

    @property
    def ready(self) -> bool:
        """Whether :meth:`mask` returns at once."""
        ...

    def when_ready(self, call: Callable[[], None]) -> None:
        """Have ``call`` called, in any thread, once :attr:`ready` is true; at once if it is."""
        ...

    def mask(self) -> NDArray[np.bool_]:
        """bool ``[vocab]``, True for tokens that may come next. EngineError if the grammar cannot go on."""
        ...

    def accept(self, token: int) -> bool:
        """Record a token out of the mask and begin on the next mask; True if nothing may follow it."""
        ...

    def fork(self) -> Self:
        """The same constraint at its beginning, for another answer to the same request."""
        ...
