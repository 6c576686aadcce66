"""The tour of ``make demo``, on the checkpoint that comes with Quatre."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_tour_shows_everything_and_ends() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stderr == ""
    shown = done.stdout
    thought = shown.index('reasoning_effort: "high"')
    assert "146092" in shown[thought:]  # 48213 + 97879, after thinking
    assert re.search(r'the model calls get_weather\({"city": "Lisbon"}\)', shown)
    assert re.search(r'{"name": "[^"]+", "age": 34, "city": "Hamburg"}', shown)
    assert "a red circle" in shown
    right = re.search(r"(\d+) of 32 sums are right", shown)
    assert right is not None
    assert int(right[1]) >= 24
    assert "quatre serve" in shown[-400:]
