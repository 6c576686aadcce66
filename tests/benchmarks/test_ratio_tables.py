"""Medians, ratios, spreads, and the files that a run leaves."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import vs_llamacpp
from peers.drawing import drawing
from peers.machine import machine
from peers.report import write
from peers.tables import Row, table


def speeds() -> Row:
    return Row("decode", "decode behind 4,096", "tokens/s", 4096, pairs=[(30, 10), (90, 20), (60, 30)], others=[0.1])


def test_ratio_is_that_of_the_medians() -> None:
    row = speeds()
    assert (row.ours, row.theirs, row.ratio) == (60, 20, 3)
    assert row.ratios == pytest.approx([3, 4.5, 2])


def test_times_count_the_other_way_round() -> None:
    row = Row("load", "load", "s", sooner=True, pairs=[(2, 10), (4, 10)])
    assert row.ratio == pytest.approx(10 / 3)
    assert row.ratios == pytest.approx([5, 2.5])


def test_wide_is_more_than_thirty_percent_of_the_median() -> None:
    assert speeds().wide
    assert Row("", "", "", pairs=[(1.16, 1), (1.0, 1), (0.85, 1)]).wide
    assert not Row("", "", "", pairs=[(1.14, 1), (1.0, 1), (0.86, 1)]).wide


def test_a_line_of_the_table() -> None:
    assert speeds().line() == (
        "| decode behind 4,096, tokens/s | 60.0 | 20.0 | **3.00** | 2.00 – 4.50 (wide) | 3 | 10 % |"
    )


def test_every_line_has_as_many_cells_as_the_head() -> None:
    lines = table([speeds(), Row("memory", "peak", "GiB", pairs=[(1, 2)]), Row("batch", "not measured", "")])
    cells = [line.count("|") for line in lines.splitlines()]
    assert len(cells) == 4
    assert len(set(cells)) == 1


def test_disagreeing_pairs_are_measured_again(capsys: pytest.CaptureFixture[str]) -> None:
    steady, jumping = iter([(2, 1, 0.0)] * 2), iter([(1, 1, 0.0), (2, 1, 0.0), (1.5, 1, 0.0), (1.4, 1, 0.0)])
    assert len(vs_llamacpp.fill(Row("", "a", ""), 2, lambda: next(steady)).pairs) == 2
    row = vs_llamacpp.fill(Row("", "b", ""), 2, lambda: next(jumping))
    assert len(row.pairs) == len(row.others) == 4  # what was measured first is kept
    assert "(wide)" in capsys.readouterr().out


def test_files_of_a_run(tmp_path: Path) -> None:
    about = {"date": "2026-01-31", "peer": "llama.cpp", "command": "python x.py", "machine": machine()}
    written = write(tmp_path / "new", about, [speeds()])
    assert [path.name for path in written] == ["results.json", "results.md"]
    read = json.loads(written[0].read_text())
    assert read["rows"][0]["pairs"] == [[30, 10], [90, 20], [60, 30]]
    assert read["rows"][0]["ratio"] == 3
    entry = written[1].read_text()
    assert entry.startswith("## 2026-01-31\n")
    assert "- command: python x.py" in entry
    assert speeds().line() in entry


def test_the_machine_is_named() -> None:
    found = machine()
    assert int(found["cores"]) >= 1
    assert found["cpu"]
    assert found["memory"].endswith(" GiB")


def test_a_drawing_has_a_bar_for_every_row_of_a_kind_with_several() -> None:
    rows = [Row("prefill", "", "", x, pairs=[(2 * x, x), (3 * x, x)]) for x in (512, 4096)]
    text = drawing([*rows, speeds(), Row("memory", "", "", pairs=[(1, 2)])], "<peer>")
    assert text is not None
    root = ElementTree.fromstring(text)
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("prefill, times <peer>") == 1
    assert not any("decode" in (word or "") for word in words)
    assert [word for word in words if word in ("512", "4,096")] == ["512", "4,096"]
    assert drawing([speeds()], "x") is None
