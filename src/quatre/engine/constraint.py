"""What the sampler asks of a grammar. The engine knows token ids only; :mod:`quatre.grammar` implements this."""

from __future__ import annotations

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

    def mask(self) -> NDArray[np.bool_]:
        """bool ``[vocab]``, True for tokens that may come next. EngineError if the grammar cannot go on."""
        ...

    def accept(self, token: int) -> bool:
        """Record a token out of the mask and begin on the next mask; True if nothing may follow it."""
        ...

    def fork(self) -> Self:
        """The same constraint at its beginning, for another answer to the same request."""
        ...
