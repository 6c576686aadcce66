"""Calling functions: tools never seen by name, arguments out of the request, answers out of results."""

from __future__ import annotations

import json
import random
from typing import Any

from recipes.nano.abilities import tool_results, tool_talk, values
from recipes.nano.abilities.tool_drawing import Call, Tool, call, rendered, request, style, tool
from recipes.nano.abilities.tool_specs import BY_SPLIT, DOMAINS, ToolSpec, made_up
from recipes.nano.abilities.worlds import joined
from recipes.nano.example import Effort, Example, Split

NAME = "tools"
_KINDS = ("single", "choose", "parallel", "none-fits", "answer", "second-step")
_SHARES: dict[Split, tuple[int, ...]] = {"train": (15, 28, 21, 12, 10, 14), "test": (20, 22, 16, 13, 17, 12)}
EARLIER: dict[Split, tuple[int, ...]] = {  # weights of 0, 1, … rounds before the last; the tools are read once for all
    "train": (20, 16, 16, 16, 16, 16),
    "test": (58, 30, 12),
}
_SAME = frozenset(
    ("city", "person", "first", "company", "ticker", "country", "noun", "pseudo", "id", "word", "thing", "color")
)


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A conversation with tools; its kind says what the last answer does."""
    kind = rng.choices(_KINDS, _SHARES[split])[0]
    talk = _Talk(rng, split, effort, _offered(rng, split, kind))
    if rng.random() < 0.2:
        talk.messages.append({"role": "system", "content": tool_talk.system(rng, split)})
    earlier = rng.choices(range(len(EARLIER[split])), EARLIER[split])[0]
    if kind == "second-step":
        earlier = max(1, earlier)
    for _ in range(earlier):
        if kind != "second-step" and rng.random() < 0.12:
            talk.no_call()
        else:
            talk.calls(parallel=rng.random() < (0.35 if split == "train" else 0.2))
            talk.answer()
    expect: dict[str, Any]
    if kind == "none-fits":
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


def _offered(rng: random.Random, split: Split, kind: str) -> list[Tool]:
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
        start = len(self.messages)
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
    drawn[slot] = values.Value(joined(list(each)), None, {})
    text, given = rendered(rng, rng.choice(made.spec.templates), drawn)
    return text, [call(made, given | {slot: value}) for value in each.values()]


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


def _thought(made: list[Call]) -> str:
    """Which tools are called, a line for each call."""
    return "\n".join(one.tool.name for one in made) or "No tool fits."
