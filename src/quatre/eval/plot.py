"""Scores as a chart, like that of a launch: a group of bars per ability, a bar per effort. SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from quatre.bench.plot import drawing
from quatre.eval.report import Line

COLOURS = ("#9ca3af", "#c2410c", "#1d4ed8", "#15803d")
BAR, GAP, LEFT, RIGHT, TOP, TALL, BOTTOM = 30, 26, 44, 16, 64, 240, 44


def plot(title: str, lines: Sequence[Line]) -> str:
    """Shares of right answers in percent, with their 95 % intervals."""
    efforts = [score.effort for score in lines[0].scores] if lines else []
    group = max(BAR * len(efforts), 96) + GAP
    width, height = LEFT + group * max(len(lines), 3) + RIGHT, TOP + TALL + BOTTOM
    parts = [_grid(width)]
    for place, effort in enumerate(efforts):
        x = LEFT + 110 * place
        parts.append(f'<rect x="{x}" y="36" width="11" height="11" fill="{COLOURS[place % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 16}" y="46">effort {escape(effort)}</text>')
    for place, line in enumerate(lines):
        parts.append(_group(LEFT + group * place + group / 2, line))
    return drawing(title, width, height, parts)


def _grid(width: int) -> str:
    parts = []
    for share in (0, 25, 50, 75, 100):
        y = _y(share / 100)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{width - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share}%</text>')
    return "".join(parts)


def _group(middle: float, line: Line) -> str:
    parts = []
    left = middle - BAR * len(line.scores) / 2
    for place, score in enumerate(line.scores):
        x, y = left + BAR * place, _y(score.share)
        centre = x + BAR / 2
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{BAR - 4}" height="{_y(0) - y:.1f}" fill="{colour}"/>')
        parts.append(f'<path d="M{centre:.1f} {_y(score.low):.1f}V{_y(score.high):.1f}" stroke="black"/>')
        parts.append(
            f'<text x="{centre:.1f}" y="{_y(score.high) - 4:.1f}" text-anchor="middle">{_number(score.share)}</text>'
        )
    name, _, variant = line.name.partition(", ")
    for row, text in enumerate((name, variant)):
        parts.append(
            f'<text x="{middle:.1f}" y="{_y(0) + 16 + 13 * row:.1f}" text-anchor="middle">{escape(text)}</text>'
        )
    return "".join(parts)


def _number(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _y(share: float) -> float:
    return TOP + TALL * (1 - share)
