"""When requests set out."""

from __future__ import annotations

import math

import numpy as np

from quatre.errors import ConfigError


def arrival_times(count: int, rate: float, burstiness: float, seed: int) -> list[float]:
    """Seconds after the start at which each of ``count`` requests sets out, ascending from 0.

    ``rate`` is requests per second; infinite sends all at once. Gaps are drawn from a gamma distribution with mean
    ``1 / rate`` and shape ``burstiness``: 1 is a Poisson process, less comes in bursts, more is steadier.
    """
    if not rate > 0:
        raise ConfigError(f"the request rate must be above 0 per second, or inf for all at once; got {rate}")
    if not 0 < burstiness < math.inf:
        raise ConfigError(f"burstiness must be above 0, got {burstiness}")
    if math.isinf(rate):
        return [0.0] * count
    gaps = np.random.default_rng(seed).gamma(burstiness, 1 / (rate * burstiness), max(count - 1, 0))
    return [0.0, *np.cumsum(gaps).tolist()][:count]
