"""How far texts may be counted: a counted character costs states of llguidance's lexer, of which an answer has so many.

Without this check an answer would fail in its middle, where it has used them up. Items of arrays cost none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from quatre.errors import RequestError
from quatre.grammar.terminals import terminal_states
from quatre.grammar.tryout_child import MOST_STATES

STATES = 7
"""Of one character of a text in JSON, whichever it is: its bytes and its escapes (measured: 6.7)."""
WIDE_STATES = 120
"""The same where it must belong to a class with tables of Unicode (measured: 113)."""
MOST_COUNTED = MOST_STATES * 96 // 100  # the rest is for what is not counted
LONGEST = MOST_COUNTED // STATES
"""Characters that a form may count, all its texts together."""

WIDE = re.compile(r"\\[wWpP]")
PART = re.compile(
    r"(?P<open>\((?:\?(?:[A-Za-z-]*:|P?<\w+>))?)|(?P<close>\))|\{(?P<least>\d{1,12})(?:,(?P<most>\d{0,12}))?\}"
    r"|(?P<sign>[*+?|^$])|(?P<atom>\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)


def check_schema(schema: Any, values: tuple[str, ...], param: str) -> None:
    """RequestError that names the keyword which counts most, if all texts together are too long.

    ``values``: keywords under which data stands and no schema.
    """
    costs = dict(_costs(schema, values))
    if sum(costs.values()) > MOST_COUNTED:
        keyword, asked = max(costs, key=costs.__getitem__)[:2]
        raise RequestError(
            f"structured output: {keyword} {asked!r:.60} is not supported: a schema may count {LONGEST} characters in "
            f"all, or {MOST_COUNTED // WIDE_STATES} where a pattern has \\w or \\p, together; lower it",
            param=param,
        )


def check_regex(regex: str, name: str, param: str) -> None:
    """RequestError if its repetitions are too many."""
    _check(states(regex), name, param)


def _check(counted: int, name: str, param: str) -> None:
    if counted > MOST_COUNTED:
        raise RequestError(
            f"structured output: {name} is not supported: its repetitions may be {LONGEST} characters together, or "
            f"{MOST_COUNTED // WIDE_STATES} of \\w or \\p; lower them",
            param=param,
        )


def check_grammar(grammar: str, param: str) -> None:
    """The same for the terminals of a grammar."""
    try:
        counted = terminal_states(grammar, states, STATES)
    except RecursionError:
        counted = MOST_STATES
    _check(counted, "grammar", param)


def _costs(node: Any, values: tuple[str, ...]) -> Iterator[tuple[tuple[str, Any, Any], int]]:
    """States of each kind of text: kinds that are equal share theirs."""
    if isinstance(node, Mapping):
        yield from _own_costs(node)
        for name, value in node.items():
            if name not in values:
                yield from _costs(value, values)
    elif isinstance(node, list):
        for value in node:
            yield from _costs(value, values)


def _own_costs(node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, Any, Any], int]]:
    pattern = node.get("pattern")
    pattern = pattern if isinstance(pattern, str) else ""
    lengths = {name: node[name] for name in ("maxLength", "minLength") if isinstance(node.get(name), int)}
    keyword = max(lengths, key=lengths.__getitem__, default="")
    each = WIDE_STATES if WIDE.search(pattern) else STATES
    length, repeated = lengths.get(keyword, 0) * each, states(pattern)
    if repeated > length:
        yield ("pattern", pattern, tuple(lengths.values())), repeated
    elif keyword:
        yield (keyword, lengths[keyword], (pattern, *lengths.values())), length


def states(regex: str) -> int:
    """Roughly, and rather too many: those of each character, as often as it is repeated."""
    sums, last = [0], 0  # of each group that is open; of what stands before a count
    for part in PART.finditer(regex):
        match part.lastgroup:
            case "open":
                sums.append(0)
            case "close" if len(sums) > 1:
                last = sums.pop()
                sums[-1] += last
            case "least" | "most":
                times = max(1, int(part["least"]), int(part["most"] or 0))
                sums[-1] += last * (times - 1)
                last = min(last * times, MOST_STATES + 1)
            case "atom":
                last = WIDE_STATES if WIDE.search(part[0]) else STATES
                sums[-1] += last
            case _:
                pass
    return sum(sums)
