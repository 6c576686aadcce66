"""When requests set out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from quatre.bench.arrivals import arrival_times
from quatre.errors import ConfigError


def test_all_at_once() -> None:
    assert arrival_times(3, math.inf, 1, 0) == [0, 0, 0]


@pytest.mark.parametrize("burstiness", [0.25, 1, 16])
def test_rate_and_burstiness_are_those_asked_for(burstiness: float) -> None:
    times = arrival_times(20_000, 50, burstiness, 1)
    gaps = np.diff(times)
    assert times[0] == 0
    assert gaps.min() >= 0
    assert gaps.mean() == pytest.approx(1 / 50, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(burstiness**-0.5, rel=0.05)  # of a gamma distribution


def test_a_seed_is_a_schedule() -> None:
    assert arrival_times(9, 2, 1, 5) == arrival_times(9, 2, 1, 5) != arrival_times(9, 2, 1, 6)
    assert arrival_times(0, 2, 1, 5) == []


@pytest.mark.parametrize(("rate", "burstiness"), [(0, 1), (-1, 1), (math.nan, 1), (1, 0), (1, math.inf), (1, math.nan)])
def test_impossible_arrivals(rate: float, burstiness: float) -> None:
    with pytest.raises(ConfigError):
        arrival_times(1, rate, burstiness, 0)
