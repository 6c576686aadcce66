"""Scores as tables: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from quatre.eval.score import Score

BAR = 10  # characters of a bar in the terminal
CELLS = " ▏▎▍▌▋▊▉█"
WIDEST = 1_000  # columns; more than any table wishes for


@dataclass(frozen=True)
class Line:
    """What the table says of an ability, or of a kind within it: a score for each effort."""

    name: str
    scores: tuple[Score, ...]

    @property
    def gain(self) -> str:
        """Points between the first effort and the last."""
        return f"{100 * (self.scores[-1].share - self.scores[0].share):+.1f}"

    @property
    def valid(self) -> str:
        """Shares of answers in the form asked for."""
        return " / ".join("–" if s.valid is None else f"{100 * s.valid:.0f}" for s in self.scores).replace("– / –", "")

    @property
    def tokens(self) -> str:
        """Tokens of an answer, its reasoning included."""
        return " / ".join(f"{s.reasoning_tokens + s.content_tokens:.0f}" for s in self.scores)


def lines_of(scores: Sequence[Score]) -> list[Line]:
    """Scores that differ in nothing but the effort, side by side."""
    groups: dict[str, list[Score]] = {}
    for score in scores:
        name = score.ability if score.kind is None else f"{score.ability}: {score.kind}"
        groups.setdefault(name + (", constrained" if score.variant == "constrained" else ""), []).append(score)
    return [Line(name, tuple(group)) for name, group in groups.items()]


def table(title: str, lines: Sequence[Line], console: Console) -> Table:
    """A bar, the share of right answers, and its 95 % interval, in percent.

    What would be wider than the terminal has no bars and fewer rules, and breaks the names of abilities.
    """
    wide = _table(title, lines, bars=True)
    wished = console.measure(wide, options=console.options.update(max_width=WIDEST)).maximum
    return wide if wished <= console.width else _table(title, lines, bars=False)


def _table(title: str, lines: Sequence[Line], *, bars: bool) -> Table:
    efforts = _efforts(lines)
    result = Table(title=title, title_justify="left", title_style="bold")
    if not bars:
        result.box, result.padding, result.show_edge, result.pad_edge = box.SIMPLE_HEAD, (0, 1, 0, 0), False, False
    result.add_column("ability", no_wrap=bars, overflow="fold")
    for name in ("cases", *efforts, *_tail(efforts)):
        result.add_column(name, justify="left" if name in efforts else "right", no_wrap=True)
    for line in lines:
        cells = (f"[orange3]{_bar(score.share)}[/] {_share(score)}" if bars else _share(score) for score in line.scores)
        result.add_row(line.name, str(line.scores[0].cases), *cells, *_rest(line))
    return result


def markdown(lines: Sequence[Line]) -> str:
    """The same for a document."""
    efforts = _efforts(lines)
    rows = [
        ["ability", "cases", *(f"effort {effort}" for effort in efforts), *_tail(efforts)],
        ["---", *["---:"] * (1 + len(efforts) + len(_tail(efforts)))],
        *([line.name, str(line.scores[0].cases), *map(_share, line.scores), *_rest(line)] for line in lines),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _efforts(lines: Sequence[Line]) -> list[str]:
    return [score.effort for score in lines[0].scores] if lines else []


def _tail(efforts: Sequence[str]) -> list[str]:
    return [*(["gain"] if len(efforts) > 1 else []), "valid %", "tokens"]


def _rest(line: Line) -> list[str]:
    return [*([line.gain] if len(line.scores) > 1 else []), line.valid, line.tokens]


def _share(score: Score) -> str:
    return f"{100 * score.share:.1f} ({100 * score.low:.0f}–{100 * score.high:.0f})"


def _bar(share: float) -> str:
    whole, part = divmod(round(share * BAR * 8), 8)
    return ("█" * whole + CELLS[part]).rstrip().ljust(BAR) if whole < BAR else "█" * BAR
