"""What the terminals of a grammar cost the lexer: a repetition in one counts like that of a regular expression, with
all that it is made of. Repetitions in rules are the parser's, and cost it nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from quatre.grammar.tryout_child import MOST_STATES

DEFINITION = re.compile(
    r"^[^\S\n]*[?!]*(?P<rule>[\w-]+)[^\S\n]*"
    r'(?P<attributes>\[(?:"(?:[^"\\\n]|\\.)*"|/(?:[^/\\\n]|\\.)*/|[^\]"/\n])*\])?'
    r"(?:\.-?\d+)?[^\S\n]*(?:(?P<ebnf>::=)|:)",
    re.MULTILINE,
)
_PART = (
    r"(?P<comment>//[^\n]*|#[^\n]*|<[^<>\n]*>)|(?P<regex>/(?:[^/\\\n]|\\.)+/?)"
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"?)|(?P<name>[A-Za-z_][\w-]*)'
    r"|\{\s*0*(?P<least>\d{1,12})\s*(?:,\s*0*(?P<most>\d{0,12})\s*)?\}"
    r"|~\s*0*(?P<from>\d{1,12})(?:\s*\.\.\s*0*(?P<to>\d{1,12}))?"
)
LARK = re.compile(_PART + r"|(?P<open>[(\[])|(?P<close>[)\]])|(?P<class>(?!))", re.DOTALL)
EBNF = re.compile(_PART + r"|(?P<open>\()|(?P<close>\))|(?P<class>\[(?:\\.|[^\[\]\\])*\]?)", re.DOTALL)
"""Linear in the length of the text: what is not closed is a part all the same, so that nothing is read again."""
ESCAPED = re.compile(r"\\.|.", re.DOTALL)


def terminal_states(grammar: str, of_regex: Callable[[str], int], of_character: int) -> int:
    """Roughly, and rather too many: those of all terminals that rules use, or nobody does, and of the regular
    expressions in rules and their attributes. In EBNF (``::=``) any rule may become a terminal. RecursionError if they
    are nested too deeply."""
    found = list(DEFINITION.finditer(grammar))
    if not found:
        return 0  # a grammar without rules is the compiler's to refuse
    ends = [*(match.start() for match in found[1:]), len(grammar)]
    notation = EBNF if any(match["ebnf"] for match in found) else LARK
    bodies = {
        match["rule"]: list(notation.finditer(grammar, match.end(), end))
        for match, end in zip(found, ends, strict=True)
    }
    terminals = {match["rule"] for match in found if match["ebnf"] or match["rule"].lstrip("_")[:1].isupper()}
    cost = _costs({name: bodies[name] for name in terminals}, of_regex, of_character)
    inner = {part["name"] for name in terminals for part in bodies[name] if part["name"] != name}
    in_rules = [
        *notation.finditer(grammar, 0, found[0].start()),  # directives, such as %ignore
        *(
            part
            for match in found
            if match["attributes"]
            for part in notation.finditer(grammar, *match.span("attributes"))
        ),
        *(part for name in bodies.keys() - terminals for part in bodies[name]),
    ]
    lexemes = (terminals - inner) | {part["name"] for part in in_rules if part["name"] in terminals}
    return sum(of_regex(part["regex"][1:-1]) for part in in_rules if part["regex"]) + sum(map(cost, lexemes))


def _costs(
    terminals: Mapping[str, Sequence[re.Match[str]]], of_regex: Callable[[str], int], of_character: int
) -> Callable[[str], int]:
    open_now: set[str] = set()  # a terminal within itself is the compiler's to refuse

    @cache
    def cost(name: str) -> int:
        if name not in terminals or name in open_now:
            return 0
        open_now.add(name)
        sums, last = [0], 0  # of each group that is open; of what stands before a count
        for part in terminals[name]:
            count = part["least"] or part["from"]
            if part["open"]:
                sums.append(0)
            elif part["close"]:
                last = sums.pop() if len(sums) > 1 else 0
                sums[-1] += last
            elif count:
                times = max(1, int(count), int(part["most"] or part["to"] or 0))
                sums[-1] += last * (times - 1)
                last = min(last * times, MOST_STATES + 1)
            elif not part["comment"]:
                last = own(part)
                sums[-1] += last
        open_now.discard(name)
        return min(sum(sums), MOST_STATES + 1)

    def own(part: re.Match[str]) -> int:
        if part["regex"]:
            return of_regex(part["regex"][1:-1])
        if part["name"]:
            return cost(part["name"])
        return of_character * (1 if part["class"] else len(ESCAPED.findall(part["text"][1:-1])))

    return cost
