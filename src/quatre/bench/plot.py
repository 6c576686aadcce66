"""The distribution of each metric as a drawing: SVG, which browsers show and nothing needs to be installed for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from quatre.bench.client import Timing
from quatre.bench.summary import METRICS, values_of

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 34, 40
POINTS = 200
SHARES = (0, 25, 50, 75, 100)


def plot(title: str, timings: Sequence[Timing], metrics: Sequence[str]) -> str:
    """An SVG with a panel per metric: which share of requests (of gaps, for ``itl``) took at most so many ms."""
    panels = [_panel(place, metric, values_of(metric, timings)) for place, metric in enumerate(metrics)]
    return drawing(title, 2 * WIDTH, 40 + HEIGHT * -(-len(metrics) // 2), panels)


def drawing(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    """An SVG file of ``parts`` below a title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{LEFT}" y="24" font-size="14">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _panel(place: int, metric: str, values: Sequence[float]) -> str:
    x, y = WIDTH * (place % 2), 40 + HEIGHT * (place // 2)
    parts = [f'<g transform="translate({x} {y})"><text x="{LEFT}" y="22">{METRICS[metric]}, ms</text>']
    for share in SHARES:
        height = _height(share)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{share}%</text>')
    if values:
        shares = np.linspace(0, 100, POINTS)
        reached = np.percentile(values, shares)
        longest = float(reached[-1]) or 1.0
        for tick in np.linspace(0, longest, 5):
            across = LEFT + (WIDTH - LEFT - RIGHT) * float(tick) / longest
            parts.append(f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick:.4g}</text>')
        line = " ".join(
            f"{LEFT + (WIDTH - LEFT - RIGHT) * float(value) / longest:.1f},{_height(float(share)):.1f}"
            for value, share in zip(reached, shares, strict=True)
        )
        parts.append(f'<polyline points="{line}" fill="none" stroke="#c2410c" stroke-width="2"/>')
    else:
        parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}">nothing was measured</text>')
    return "".join([*parts, "</g>"])


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / 100
