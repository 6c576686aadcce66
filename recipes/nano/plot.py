"""The loss of each ability over a run: ``python -m recipes.nano.plot build/nano/log.jsonl losses.svg``."""

from __future__ import annotations

import json
import math
import sys
from html import escape
from itertools import cycle
from pathlib import Path
from statistics import mean
from typing import Any

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 40, 44
LOWEST = 0.003  # nats per token; below that, a line runs along the floor
COLOURS = ("#1d4ed8", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0e7490", "#a16207", "#4b5563", "#db2777", "#65a30d")
POINTS = 90  # of a line; more are drawn as means


def plot(lines: list[dict[str, Any]]) -> str:
    """An SVG of cross entropy per learned token, on a logarithmic scale."""
    names = sorted({name for line in lines for name in line["by_ability"]})
    first, last = (choose(line["step"] for line in lines) for choose in (min, max))
    first -= first % 100  # a run that went on from another begins at its step
    highest = max(loss for line in lines for loss in line["by_ability"].values())

    def across(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (step - first) / max(last - first, 1)

    def up(loss: float) -> float:
        share = math.log(max(loss, LOWEST) / LOWEST) / math.log(highest / LOWEST)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [f'<text x="{LEFT}" y="22" font-size="14">Loss of nano while it learns, nats per token</text>']
    for tick in (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3):
        if tick < highest:
            parts.append(f'<path d="M{LEFT} {up(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{up(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for step in range(first, last + 1, max((last - first) // 5, 1)):
        parts.append(f'<text x="{across(step):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{step}</text>')
    parts.append(f'<text x="{across((first + last) / 2):.1f}" y="{HEIGHT - 8}" text-anchor="middle">step</text>')
    ends = []
    for name, colour in zip(names, cycle(COLOURS), strict=False):
        points = _means([(line["step"], line["by_ability"][name]) for line in lines if name in line["by_ability"]])
        line_points = " ".join(f"{across(step):.1f},{up(loss):.1f}" for step, loss in points)
        parts.append(f'<polyline points="{line_points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        ends.append((up(points[-1][1]), name, colour))
    at = float(TOP)
    for place, name, colour in sorted(ends):  # labels beside the ends of their lines, none above another
        at = max(at + 14, place)
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{at + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


def _means(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Not many more than :data:`POINTS`, each the mean of its neighbours."""
    size = max(len(points) // POINTS, 1)
    runs = [points[first : first + size] for first in range(0, len(points), size)]
    return [(mean(step for step, _ in run), mean(loss for _, loss in run)) for run in runs]


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    target.write_text(plot([json.loads(line) for line in source.read_text().splitlines()]))


if __name__ == "__main__":
    main()
