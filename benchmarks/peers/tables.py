"""Medians, ratios and spreads of measurements that two engines took in turns."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

WIDE = 0.30  # a spread of the ratio above this share of its median says that the machine was busy


def head(peer: str) -> str:
    """The first two lines of a table."""
    return f"| | Quatre | {peer} | ratio | lowest – highest | pairs | others' CPU |\n" + "|---" * 7 + "|"


@dataclass
class Row:
    """One line of a table. ``pairs`` are (ours, theirs), measured one right after the other.

    ``sooner``: the numbers are times, so that the ratio is theirs over ours; else it is ours over theirs.
    """

    group: str
    name: str
    unit: str
    x: int | None = None  # context, tokens or sequences, for the plot
    sooner: bool = False
    pairs: list[tuple[float, float]] = field(default_factory=list)
    others: list[float] = field(default_factory=list)  # share of the machine that others had, pair by pair

    @property
    def ours(self) -> float:
        return statistics.median(a for a, _ in self.pairs)

    @property
    def theirs(self) -> float:
        return statistics.median(b for _, b in self.pairs)

    @property
    def ratio(self) -> float:
        """Of the medians: pairs that were disturbed on one side weigh nothing."""
        return self.theirs / self.ours if self.sooner else self.ours / self.theirs

    @property
    def ratios(self) -> list[float]:
        """Pair by pair."""
        return [b / a if self.sooner else a / b for a, b in self.pairs]

    @property
    def wide(self) -> bool:
        """Whether the pairs disagree too much to be quoted without their spread."""
        return max(self.ratios) - min(self.ratios) > WIDE * statistics.median(self.ratios)

    def line(self) -> str:
        """The row in Markdown."""
        spread = f"{min(self.ratios):.2f} – {max(self.ratios):.2f}{' (wide)' if self.wide else ''}"
        numbers = f"{_short(self.ours)} | {_short(self.theirs)} | **{self.ratio:.2f}**"
        others = f"{100 * statistics.median(self.others):.0f} %" if self.others else ""
        return f"| {self.name}, {self.unit} | {numbers} | {spread} | {len(self.pairs)} | {others} |"


def table(rows: list[Row], peer: str = "llama.cpp") -> str:
    """All measured rows in Markdown."""
    return "\n".join([head(peer), *(row.line() for row in rows if row.pairs)])


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
