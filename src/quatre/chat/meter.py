"""How much a template may do. Counted, not timed: the same template is refused on every machine, or on none."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

# A unit is about a character copied or a small operation done: four million take half a second.
FREE_UNITS = 2**22
UNITS_PER_INPUT = 32  # templates in use take up to seven
NODE = 16  # units of any value that is not text, and of each place in a list

MOST_LEVELS = 200  # of lists in lists: hashing a tuple goes down all of them, on the stack of the process
MOST_BITS = 1024  # of a number


class TooCostly(Exception):
    """The template does more than any honest one needs."""


class Meter:
    """The allowance of one rendering, in proportion to what the template was given.

    It also knows how large a value would be if it were written out: ``[x, x]`` is twice as large as ``x`` although
    it takes no more memory, and sixty such steps would keep any function busy that walks through the value.
    """

    def __init__(self, inputs: Any) -> None:
        # Size and levels by identity; the value is kept so that its id stays its own.
        self._known: dict[int, tuple[Any, int, int]] = {}
        self.most = FREE_UNITS + UNITS_PER_INPUT * self.size(inputs)
        self._left = self.most

    def spend(self, units: int) -> None:
        """Take units off the allowance. TooCostly when nothing is left."""
        self._left -= units
        if self._left < 0:
            raise TooCostly

    def size(self, value: Any) -> int:
        """Units of the value written out in full. Containers must not change afterwards."""
        if isinstance(value, str):
            return NODE + len(value)
        if isinstance(value, range):
            return NODE * (1 + len(value))
        if not isinstance(value, dict | list | tuple):
            return NODE
        if id(value) not in self._known:
            parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value
            size = NODE + sum(map(self.size, parts))
            self._known[id(value)] = (value, size, 1 + max(map(self._levels, parts), default=0))
        return self._known[id(value)][1]

    def _levels(self, value: Any) -> int:
        """How deep the containers in a measured value are nested."""
        return self._known[id(value)][2] if isinstance(value, dict | list | tuple) else 0

    def check(self, value: Any) -> None:
        """TooCostly if the value is too large, or too deep, to be handled in one piece."""
        if self.size(value) > self.most or self._levels(value) > MOST_LEVELS:
            raise TooCostly
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            raise TooCostly

    def made(self, value: Any) -> Any:
        """Charge for a value that the template made; itself again."""
        self.check(value)
        if isinstance(value, str):
            self.spend(len(value))
        elif isinstance(value, dict | list | tuple):
            self.spend(NODE * (1 + len(value)))
        return value

    def read(self, value: Any) -> Any:
        """Charge for walking through a value, as a comparison does; itself again."""
        if isinstance(value, Sized):
            self.spend(self.size(value) // NODE)
        return value
