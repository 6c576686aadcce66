"""Files of cases."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quatre.errors import ConfigError
from quatre.eval import cases
from quatre.eval.cases import Case, lines, load


def line(id: str, kind: str = "k", **more: Any) -> str:
    case = {"id": id, "ability": "a", "kind": kind, "messages": [{"role": "user", "content": "?"}]}
    return json.dumps({**case, "expect": {"text": "x"}, **more})


def file(folder: Path, *lines: str) -> str:
    path = folder / "own.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    shape = {"type": "json_object"}
    one, two, three = load(
        file(tmp_path, line("1"), line("2", tools=[tool], expect={"calls": []}), line("3", response_format=shape))
    )
    assert (one.id, one.tools, one.response_format, one.may_be_constrained) == ("1", (), None, False)
    assert (two.tools, two.may_be_constrained) == ((tool,), False)
    assert (three.response_format, three.may_be_constrained) == (shape, True)
    assert not any(case.only_constrained for case in (one, two, three))
    (four,) = load(file(tmp_path, line("4", response_format=shape, only_constrained=True)))
    assert four.only_constrained


def test_a_limit_takes_of_all_kinds(tmp_path: Path) -> None:
    kinds = "aaaabbc"
    name = file(tmp_path, *(line(str(place), kind) for place, kind in enumerate(kinds)))
    assert "".join(case.kind for case in load(name, 3)) == "abc"
    assert [case.id for case in load(name, 5)] == ["0", "1", "4", "5", "6"]
    assert len(load(name, 100)) == len(kinds)


def test_written_and_read(tmp_path: Path) -> None:
    messages = ({"role": "user", "content": "é"},)
    plain = Case(id="1", ability="a", kind="k", messages=messages, expect={"text": "é"})
    rich = Case(id="2", ability="a", kind="k", messages=messages, expect={"calls": []}, tools=({"type": "function"},))
    bare = replace(plain, id="3", response_format={"type": "json_object"}, only_constrained=True)
    path = tmp_path / "own.jsonl"
    path.write_text("".join(lines([plain, rich, bare])), encoding="utf-8")
    assert load(str(path)) == [plain, rich, bare]
    assert "é" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '{"id": "1"}',
        line("1", more=1),
        line("1", messages=[]),
        line("1", expect={}),
        line("1", only_constrained=True),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ConfigError, match=r"own\.jsonl, line 2 is no case"):
        load(file(tmp_path, line("0"), bad))


def test_unknown_names_list_the_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "FOLDER", tmp_path)
    (tmp_path / "chess.jsonl").write_text(line("1"))
    assert cases.names() == ["chess"]
    assert len(load("chess")) == 1
    with pytest.raises(ConfigError, match=r"no cases 'go'.*there are chess"):
        load("go")
