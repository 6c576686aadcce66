"""How much a template may do. Counted, not timed: the same template is refused on every machine, or on none."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

# A unit is about a character copied or a small operation done: four million take half a second.
FREE_UNITS = 2**22
UNITS_PER_INPUT = 64
NODE = 16  # units of any value that is not text, and of each place in a list


class TooCostly(Exception):
    """The template does more than any honest one needs."""


class Meter:
    """The allowance of one rendering, in proportion to what the template was given.

    It also knows how large a value would be if it were written out: ``[x, x]`` is twice as large as ``x`` although
    it takes no more memory, and sixty such steps would keep any function busy that walks through the value.
    """

    def __init__(self, inputs: Any) -> None:
        self._sizes: dict[int, tuple[Any, int]] = {}  # by identity; the value is kept so that its id stays its own
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
        known = self._sizes.get(id(value))
        if known is None:
            parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value
            known = self._sizes[id(value)] = (value, NODE + sum(map(self.size, parts)))
        return known[1]

    def check(self, value: Any) -> None:
        """TooCostly if the value is too large to be handled in one piece."""
        if self.size(value) > self.most:
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
