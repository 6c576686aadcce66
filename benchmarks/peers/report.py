"""A run as files: JSON for machines, Markdown for RESULTS.md, SVG for eyes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peers.drawing import drawing
from peers.tables import Row, table


def write(folder: Path, about: dict[str, Any], rows: list[Row]) -> list[Path]:
    """The files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "results.json", folder / "results.md"]
    written[0].write_text(json.dumps({**about, "rows": [_record(row) for row in rows]}, indent=1) + "\n")
    written[1].write_text(markdown(about, rows))
    drawn = drawing(rows, about["peer"])
    if drawn is not None:
        written.append(folder / "results.svg")
        written[-1].write_text(drawn)
    return written


def markdown(about: dict[str, Any], rows: list[Row]) -> str:
    """An entry for RESULTS.md."""
    facts = [f"- {name}: {value}" for name, value in about.items() if name not in ("date", "machine", "peer")]
    machine = ", ".join(f"{name} {value}" for name, value in about.get("machine", {}).items())
    return "\n".join([f"## {about['date']}", "", *facts, f"- machine: {machine}", "", table(rows, about["peer"]), ""])


def _record(row: Row) -> dict[str, Any]:
    return {**asdict(row), "ratio": row.ratio, "ratios": row.ratios}
