"""Ratios as a drawing: SVG, which browsers show and nothing needs to be installed for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from peers.tables import Row

WIDTH, HEIGHT = 320, 260
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 40, 46
GROUPS = {"decode": "tokens of context", "prefill": "tokens of prompt", "batch": "sequences at once"}


def drawing(rows: Sequence[Row], peer: str) -> str | None:
    """A panel for each kind of row that has several: bars of the ratio, with the spread of its pairs."""
    panels = {group: [row for row in rows if row.group == group and row.pairs] for group in GROUPS}
    panels = {group: shown for group, shown in panels.items() if len(shown) > 1}
    if not panels:
        return None
    width = WIDTH * len(panels)
    drawn = "".join(_panel(place, group, shown, peer) for place, (group, shown) in enumerate(panels.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>{drawn}</svg>\n'
    )


def _panel(place: int, group: str, rows: Sequence[Row], peer: str) -> str:
    most = max(1.0, *(max(row.ratios) for row in rows)) * 1.1

    def height(ratio: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * ratio / most

    step = (WIDTH - LEFT - RIGHT) / len(rows)
    parts = [
        f'<g transform="translate({WIDTH * place} 0)"><text x="{LEFT}" y="22">{group}, times {escape(peer)}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{GROUPS[group]}</text>',
    ]
    for i, row in enumerate(rows):
        middle, top = LEFT + step * (i + 0.5), height(row.ratio)
        bar = f'x="{middle - step * 0.3:.1f}" y="{top:.1f}" width="{step * 0.6:.1f}"'
        parts.append(f'<rect {bar} height="{HEIGHT - BOTTOM - top:.1f}" fill="#c2410c"/>')
        parts.append(
            f'<path d="M{middle:.1f} {height(max(row.ratios)):.1f}V{height(min(row.ratios)):.1f}" stroke="#222"/>'
        )
        parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{row.x:,}</text>')
        parts.append(
            f'<text x="{middle:.1f}" y="{height(max(row.ratios)) - 4:.1f}" text-anchor="middle">{row.ratio:.2f}</text>'
        )
    parts.append(f'<path d="M{LEFT} {height(1):.1f}H{WIDTH - RIGHT}" stroke="#222" stroke-dasharray="4 3"/>')
    parts.append(f'<text x="{LEFT - 6}" y="{height(1) + 4:.1f}" text-anchor="end">1.0</text></g>')
    return "".join(parts)
