"""A run as files: JSON for machines, Markdown for RESULTS.md, a plot if matplotlib is there."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peers.tables import Row, table

PLOTTED = {"decode": "tokens of context", "prefill": "tokens of prompt", "batch": "sequences at once"}


def write(folder: Path, about: dict[str, Any], rows: list[Row]) -> list[Path]:
    """The files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "results.json", folder / "results.md"]
    written[0].write_text(json.dumps({**about, "rows": [_record(row) for row in rows]}, indent=1) + "\n")
    written[1].write_text(markdown(about, rows))
    groups = [g for g in PLOTTED if sum(row.group == g and bool(row.pairs) for row in rows) > 1]
    if groups and importlib.util.find_spec("matplotlib"):
        written.append(plot(folder / "results.png", groups, rows, about["peer"]))
    return written


def markdown(about: dict[str, Any], rows: list[Row]) -> str:
    """An entry for RESULTS.md."""
    facts = [f"- {name}: {value}" for name, value in about.items() if name not in ("date", "machine", "peer")]
    machine = ", ".join(f"{name} {value}" for name, value in about.get("machine", {}).items())
    return "\n".join([f"## {about['date']}", "", *facts, f"- machine: {machine}", "", table(rows, about["peer"]), ""])


def plot(path: Path, groups: list[str], rows: list[Row], peer: str) -> Path:
    """Ratio over context, prompt length and number of sequences, with the spread of the pairs."""
    from matplotlib.figure import Figure  # type: ignore[import-not-found]

    figure = Figure(figsize=(4 * len(groups), 3.2), layout="constrained")
    for axis, group in zip(figure.subplots(1, len(groups), squeeze=False)[0], groups, strict=True):
        shown = [row for row in rows if row.group == group and row.pairs]
        low = [max(0.0, row.ratio - min(row.ratios)) for row in shown]
        high = [max(0.0, max(row.ratios) - row.ratio) for row in shown]
        axis.errorbar(range(len(shown)), [row.ratio for row in shown], yerr=[low, high], marker="o", capsize=3)
        axis.set_xticks(range(len(shown)), [f"{row.x:,}" for row in shown])
        axis.axhline(1.0, color="grey", linewidth=1)
        axis.set(title=group, xlabel=PLOTTED[group], ylabel=f"times {peer}", ylim=(0, None))
    figure.savefig(path, dpi=150)
    return path


def _record(row: Row) -> dict[str, Any]:
    return {**asdict(row), "ratio": row.ratio, "ratios": row.ratios}
