"""The cases: JSON Lines in the folder ``cases/``, a file per ability or benchmark, found by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quatre.errors import ConfigError

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request, and what is expected of its answer (see :mod:`quatre.eval.judge`).

    ``kind``: what within the ability, such as ``addition-3-digits``. ``response_format``: the form in which the
    constrained variant asks for the answer; ``only_constrained``: nothing else says so, so there is no other variant.
    """

    id: str
    ability: str
    kind: str
    messages: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Any]
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: Mapping[str, Any] | None = None
    only_constrained: bool = False

    @property
    def may_be_constrained(self) -> bool:
        """Whether a client could ask for the answer in a form that the server keeps to."""
        return self.response_format is not None or bool(self.tools and self.expect.get("calls"))


def names() -> list[str]:
    """What there is."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def load(name: str, limit: int | None = None) -> list[Case]:
    """The cases of an ability, or of a file ``….jsonl`` of one's own; with a limit, as many of each kind as can be.

    ConfigError for an unknown name and for a line that is no case.
    """
    path = Path(name) if name.endswith(".jsonl") else FOLDER / f"{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(
            f"there are no cases {name!r} ({error.strerror}); there are {', '.join(names())}, or give a .jsonl file"
        ) from error
    cases = [_case(f"{path.name}, line {place}", line) for place, line in enumerate(lines, 1) if line.strip()]
    return cases if limit is None else _spread(cases, limit)


def _case(where: str, line: str) -> Case:
    try:
        data = json.loads(line)
        case = Case(**{**data, "messages": tuple(data["messages"]), "tools": tuple(data.get("tools", ()))})
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{where} is no case: {error}") from error
    if not case.messages or not case.expect:
        raise ConfigError(f"{where} is no case: it needs messages and what to expect")
    if case.only_constrained and not case.may_be_constrained:
        raise ConfigError(f"{where} is no case: only_constrained needs a response_format, or tools to call")
    return case


def _spread(cases: list[Case], limit: int) -> list[Case]:
    """The first ``limit`` cases when kinds take turns, in the order of the file."""
    seen: dict[str, int] = {}
    turns: list[tuple[int, int]] = []
    for place, case in enumerate(cases):
        turns.append((seen.get(case.kind, 0), place))
        seen[case.kind] = seen.get(case.kind, 0) + 1
    return [cases[place] for place in sorted(place for _, place in sorted(turns)[:limit])]


def lines(cases: list[Case]) -> Iterator[str]:
    """As :func:`load` reads them; empty fields are left out."""
    for case in cases:
        data = {
            "id": case.id,
            "ability": case.ability,
            "kind": case.kind,
            "messages": case.messages,
            "tools": case.tools,
            "response_format": case.response_format,
            "only_constrained": case.only_constrained,
            "expect": case.expect,
        }
        yield json.dumps({name: value for name, value in data.items() if value}, ensure_ascii=False) + "\n"
