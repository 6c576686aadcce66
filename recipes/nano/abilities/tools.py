"""Calling functions: tools never seen by name, arguments out of the request, answers out of results."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from recipes.nano.abilities import tool_results, tool_talk, values
from recipes.nano.abilities.tool_drawing import Call, Tool, call, rendered, request, style, tool
from recipes.nano.abilities.tool_specs import BY_SPLIT, DOMAINS, Parameter, Template, ToolSpec, made_up
from recipes.nano.abilities.worlds import joined
from recipes.nano.example import Effort, Example, Split

NAME = "tools"
_KINDS = ("single", "choose", "parallel", "none-fits", "answer", "second-step")
_SHARES: dict[Split, tuple[int, ...]] = {"train": (15, 28, 21, 12, 10, 14), "test": (20, 22, 16, 13, 17, 12)}
EARLIER: dict[Split, tuple[int, ...]] = {  # weights of 0, 1, … rounds before the last; the tools are read once for all
    "train": (20, 16, 16, 16, 16, 16),
    "test": (58, 30, 12),
}
CHAINS = 0.1  # chance of a request in training whose second half needs the result of the first
_REFERRED_TO = frozenset("id email city person first company title file url pseudo ticker phone word noun".split())
_VERBS = frozenset(
    """Add Book Buy Call Can Cancel Check Could Create Delete Do Find Get Give How I Is List Make Move Now Open Order Pay
    Play Please Print Put Read Remind Reserve Send Set Show Start Stop Tell Translate Turn What When Where Which Who
    Write""".split()
)
_SAME = frozenset(
    ("city", "person", "first", "company", "ticker", "country", "noun", "pseudo", "id", "word", "thing", "color")
)


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A conversation with tools; its kind says what the last answer does."""
    kind = rng.choices(_KINDS, _SHARES[split])[0]
    talk = _Talk(rng, split, effort, offered(rng, split, kind))
    if rng.random() < 0.2:
        talk.messages.append({"role": "system", "content": tool_talk.system(rng, split)})
    earlier = rng.choices(range(len(EARLIER[split])), EARLIER[split])[0]
    if kind == "second-step":
        earlier = max(1, earlier)
    for _ in range(earlier):
        if split == "train" and rng.random() < CHAINS and talk.chain():
            continue
        if kind != "second-step" and rng.random() < 0.12:
            talk.no_call()
        else:
            talk.calls(parallel=rng.random() < (0.35 if split == "train" else 0.2))
            talk.answer()
    expect: dict[str, Any]
    if split == "train" and rng.random() < CHAINS and talk.chain():
        kind, expect = "answer", {"contains": []}
    elif kind == "none-fits":
        talk.no_call()
        expect = {"calls": []}
    elif kind == "answer":
        talk.calls(parallel=rng.random() < 0.3)
        expect = {"contains": talk.answer()}
    else:
        follows = kind == "second-step" and rng.random() < 0.4
        made = talk.calls(parallel=kind == "parallel", follows=follows)
        expect = {"calls": [{"name": one.tool.name, "arguments": one.arguments} for one in made]}
    return Example(
        ability=NAME,
        kind=kind,
        messages=tuple(talk.messages),
        effort=effort,
        expect=expect,
        tools=tuple(made.definition for made in talk.tools),
        key=f"{','.join(made.name for made in talk.tools)}|{json.dumps(expect, ensure_ascii=False)}",
    )


def offered(rng: random.Random, split: Split, kind: str) -> list[Tool]:
    """The tools of a conversation, in any order."""
    look = style(rng)
    if kind == "choose":
        count = rng.choices((2, 3, 4, 5, 6), (28, 40, 24, 5, 3))[0]
    else:
        count = rng.choices((1, 2, 3, 4), (46, 32, 16, 6))[0]
    specs: list[ToolSpec] = []
    if rng.random() < 0.5:
        domains = rng.sample(BY_SPLIT[split], min(count, 4))
        related = list(DOMAINS[domains[0]])
        rng.shuffle(related)
        specs = related[: max(1, count - rng.choice((0, 1)))]
        others = [spec for domain in domains[1:] for spec in DOMAINS[domain]]
        rng.shuffle(others)
        specs += others[: count - len(specs)]
    while len(specs) < count:
        like = (
            specs[0] if specs and specs[0].domain not in DOMAINS and (kind == "choose" or rng.random() < 0.4) else None
        )
        specs.append(made_up(rng, split, like))
    made: dict[str, Tool] = {}
    for spec in specs:
        drawn = tool(rng, split, spec, look)
        made.setdefault(drawn.name, drawn)
    tools = list(made.values())
    rng.shuffle(tools)
    return tools


class _Talk:
    """A conversation as it grows."""

    def __init__(self, rng: random.Random, split: Split, effort: Effort, tools: list[Tool]) -> None:
        self.rng, self.split, self.effort, self.tools = rng, split, effort, tools
        self.messages: list[dict[str, Any]] = []
        self.made: list[Call] = []

    def _assistant(self, content: str | None, thought: str, calls: list[dict[str, Any]] | None = None) -> None:
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if self.effort == "high":
            message["reasoning_content"] = thought
        if calls:
            message["tool_calls"] = calls
        self.messages.append(message)

    def _user(self, text: str) -> None:
        self.messages.append({"role": "user", "content": tool_talk.around(self.rng, self.split, text)})

    def calls(self, *, parallel: bool = False, follows: bool = False) -> list[Call]:
        """The user asks, the assistant calls."""
        rng = self.rng
        said = _follow_up(rng, self.split, self.made) if follows and self.made else None
        if said is not None:
            self.messages.append({"role": "user", "content": said[0]})
            self.made = [said[1]]
        elif parallel:
            text, self.made = self._several()
            self._user(text)
        else:
            text, one = request(rng, self.split, rng.choice(self.tools))
            self._user(text)
            self.made = [one]
        return self._call(self.made)

    def _call(self, made: list[Call]) -> list[Call]:
        self.made, start = made, len(self.messages)
        calls = [
            {
                "id": f"call{start:03}{number:02}",
                "type": "function",
                "function": {"name": one.tool.name, "arguments": json.dumps(one.arguments, ensure_ascii=False)},
            }
            for number, one in enumerate(self.made)
        ]
        self._assistant(None, _thought(self.made), calls)
        return self.made

    def _several(self) -> tuple[str, list[Call]]:
        rng = self.rng
        count = 3 if rng.random() < 0.2 else 2
        if self.split == "train" and rng.random() < 0.25:
            return self._in_a_sentence()
        if rng.random() < 0.6:
            for made in rng.sample(self.tools, len(self.tools)):
                if (said := _for_each(rng, self.split, made, count)) is not None:
                    return said
        asked = [request(rng, self.split, rng.choice(self.tools)) for _ in range(2)]
        first, second = asked[0][0], asked[1][0]
        if first[-1] not in ".?!":
            first += "."
        between = rng.choice((" ", " Also: ", " And then: ", " After that: ", "\n", " Second: "))
        return first + between + second, [one for _, one in asked]

    def _in_a_sentence(self) -> tuple[str, list[Call]]:
        """Two requests with no more than an *and* between, for different calls if the tools have any."""
        for _ in range(5):
            (first, one), (second, other) = (
                request(self.rng, self.split, self.rng.choice(self.tools)) for _ in range(2)
            )
            if (one.tool.name, one.arguments) != (other.tool.name, other.arguments):
                break
        return _with_and(self.rng, first, second), [one, other]

    def chain(self) -> bool:
        """Two requests of which the second needs what the first one finds, both done before the answer; whether the
        tools are fit for that."""
        rng, pairs = self.rng, _chained(self.tools)
        if not pairs:
            return False
        first, second, field, parameter = rng.choice(pairs)
        text, one = request(rng, self.split, first)
        fields = {name: values.draw(kind, rng, self.split) for name, kind in first.spec.results}
        then, other = _referring(rng, self.split, second, parameter, field, fields[field].value)
        if other is None:
            return False
        self._user(_with_and(rng, text, then))
        self._call([one])
        self.messages.append(
            {
                "role": "tool",
                "tool_call_id": self.messages[-1]["tool_calls"][0]["id"],
                "content": json.dumps({name: value.value for name, value in fields.items()}, ensure_ascii=False),
            }
        )
        self._call([other])
        self.answer()
        return True

    def answer(self) -> list[str]:
        """The tools return, the assistant tells; the values that it must tell."""
        returned = [tool_results.result(self.rng, self.split, one) for one in self.made]
        for asked, (content, _, _) in zip(self.messages[-1]["tool_calls"], returned, strict=True):
            self.messages.append({"role": "tool", "tool_call_id": asked["id"], "content": content})
        failed = any(clause.startswith("that did not work") for _, clause, _ in returned)
        thought = "The call failed." if failed else "I have the result."
        self._assistant(tool_results.answer(self.made, [clause for _, clause, _ in returned]), thought)
        return list(dict.fromkeys(told for _, _, values_told in returned for told in values_told))

    def no_call(self) -> None:
        """The user wants what no tool does."""
        rng = self.rng
        if rng.random() < 0.45:
            said, reply, thought = tool_talk.small_talk(rng, self.split)
            self.messages.append({"role": "user", "content": said})
            self._assistant(reply, thought)
            return
        taken = {made.spec.domain for made in self.tools}
        if rng.random() < 0.5:
            domain = rng.choice([name for name in BY_SPLIT[self.split] if name not in taken])
            spec = rng.choice(DOMAINS[domain])
        else:
            spec = made_up(rng, self.split)
            while any(set(spec.nouns) & set(made.spec.nouns) for made in self.tools):
                spec = made_up(rng, self.split)
        text, _ = request(rng, self.split, tool(rng, self.split, spec, style(rng)))
        self._user(text)
        self._assistant(tool_talk.NONE_FITS, _thought([]))


def _sole(made: Tool) -> str | None:
    """The slot of the one required parameter, if its values can be listed in one request."""
    required = [parameter for parameter in made.spec.parameters if parameter.required]
    return required[0].slot if len(required) == 1 and required[0].kind in _SAME and not required[0].group else None


def _for_each(rng: random.Random, split: Split, made: Tool, count: int) -> tuple[str, list[Call]] | None:
    """One request for the same with two or three values."""
    if (slot := _sole(made)) is None:
        return None
    kind = next(parameter.kind for parameter in made.spec.parameters if parameter.slot == slot)
    each = {value.text: value for value in (values.draw(kind, rng, split) for _ in range(count))}
    if len(each) < 2:
        return None
    drawn = {parameter.slot: values.draw(parameter.kind, rng, split) for parameter in made.spec.parameters}
    template = rng.choice(made.spec.templates)
    said = joined(list(each))
    if split == "train" and rng.random() < 0.5:
        said = _enumerated(rng, template, slot, list(each))
    drawn[slot] = values.Value(said, None, {})
    text, given = rendered(rng, template, drawn)
    return text, [call(made, given | {slot: value}) for value in each.values()]


def _enumerated(rng: random.Random, template: Template, slot: str, each: list[str]) -> str:
    """``a, b, and c``, ``a and in b``: what comes before the first may come before all."""
    before = re.search(rf"\b(in|for|to|of|from|with|at|on|about) {{{slot}}}", "".join(piece for piece, _ in template))
    if before and rng.random() < 0.5:
        each = [each[0], *(f"{before[1]} {other}" for other in each[1:])]
    if len(each) > 2:
        return rng.choice((f"{', '.join(each[:-1])}, and {each[-1]}", " and ".join(each), f"{', '.join(each)}"))
    return f"{each[0]} {rng.choice(('and', 'and', '&', 'and also', 'as well as'))} {each[1]}"


def _follow_up(rng: random.Random, split: Split, before: list[Call]) -> tuple[str, Call] | None:
    """The same again with another value."""
    last = before[-1]
    if (slot := _sole(last.tool)) is None:
        return None
    kind = next(parameter.kind for parameter in last.tool.spec.parameters if parameter.slot == slot)
    value = values.draw(kind, rng, split)
    said = (
        "And {}?",
        "What about {}?",
        "The same for {}, please.",
        "Now {}.",
        "And for {}?",
        "Do it again with {}.",
        "Next: {}",
    )
    return rng.choice(said).format(value.text), call(last.tool, last.given | {slot: value})


def _chained(tools: list[Tool]) -> list[tuple[Tool, Tool, str, Parameter]]:
    """Pairs of tools, a field that the first one returns, and a parameter of the second which takes such a value."""
    return [
        (first, second, field, parameter)
        for first in tools
        for second in tools
        for field, kind in first.spec.results
        for parameter in second.spec.parameters
        if first is not second and not parameter.group and parameter.required and _alike(kind, parameter.kind)
    ]


def _referring(
    rng: random.Random, split: Split, made: Tool, parameter: Parameter, field: str, value: Any
) -> tuple[str, Call | None]:
    """A request that has the name of a result's field in the place of a value, and its call, if it has that place."""
    said = rng.choice(("that {}", "the {} you get", "this {}", "its {}", "the {} from it", "the {}"))
    drawn = {other.slot: values.draw(other.kind, rng, split) for other in made.spec.parameters}
    drawn[parameter.slot] = values.Value(said.format(field.replace("_", " ")), value, {})
    text, given = rendered(rng, rng.choice(made.spec.templates), drawn)
    return text, call(made, given) if parameter.slot in given else None


def _alike(kind: str, other: str) -> bool:
    """Whether values of both kinds are numbers, or names of something."""
    sorts = {one.partition(" ")[0] for one in (kind, other)}
    return sorts <= {"int"} or sorts <= _REFERRED_TO


def _with_and(rng: random.Random, first: str, second: str) -> str:
    """Both in a sentence; a word that begins a value keeps its capital."""
    word = second.partition(" ")[0]
    if word in _VERBS:
        second = word.lower() + second[len(word) :]
    return first.rstrip(".") + rng.choice((" and ", " and ", " and then ", ", then ", " and also ")) + second


def _thought(made: list[Call]) -> str:
    """Which tools are called, a line for each call."""
    return "\n".join(one.tool.name for one in made) or "No tool fits."
