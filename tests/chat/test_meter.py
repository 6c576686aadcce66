"""The allowance of a template: what values weigh, and that it ends."""

from __future__ import annotations

from typing import Any

import pytest

from quatre.chat.meter import FREE_UNITS, NODE, UNITS_PER_INPUT, Meter, TooCostly


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, NODE),
        (10**100, NODE),
        ("abc", NODE + 3),
        ([], NODE),
        (["abc", 1], NODE + (NODE + 3) + NODE),
        ({"a": "bc"}, NODE + (NODE + 1) + (NODE + 2)),
        ((1, [2]), NODE + NODE + (NODE + NODE)),
        (range(10), NODE * 11),
        (range(10**15), NODE * (1 + 10**15)),
    ],
)
def test_size(value: Any, size: int) -> None:
    assert Meter(None).size(value) == size


def test_what_stands_twice_counts_twice() -> None:
    """Sixty doublings are sixty lists in memory, and more than any program could write down."""
    meter = Meter(None)
    value: Any = [1]
    for _ in range(60):
        value = [value, value]
        meter.size(value)
    assert meter.size(value) > 2**60
    with pytest.raises(TooCostly):
        meter.check(value)


def test_the_allowance_grows_with_what_is_given() -> None:
    assert Meter("").most == FREE_UNITS + UNITS_PER_INPUT * NODE
    assert Meter("a" * 1000).most - Meter("").most == UNITS_PER_INPUT * 1000


def test_the_allowance_ends() -> None:
    meter = Meter(None)
    meter.spend(meter.most)
    with pytest.raises(TooCostly):
        meter.spend(1)


def test_values_come_back_as_they_are() -> None:
    meter = Meter(None)
    for value in ("x", [1], {"a": 1}, None, iter([])):
        assert meter.made(value) is value
        assert meter.read(value) is value
