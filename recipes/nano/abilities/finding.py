"""Finding what belongs to what: the second skill of tool calls and extraction, in a few tokens each.

A tool is chosen by words that it shares with the request, an argument by the words beside it; here are the same
choices without the JSON schemas around them, several about the same list, so that most of what is read is about to
be answered.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from recipes.nano.abilities import values, worlds
from recipes.nano.abilities.tool_drawing import cased
from recipes.nano.example import Effort, Example, Split

NAME = "finding"
NOBODY = "none"
_SORTS = ("word", "noun", "pseudo", "person", "first", "city", "company", "color", "date", "time", "id", "phrase",
          "int 0 100", "int -40 40", "int 100 99999", "num 0 10", "num 1 300", "email", "job")  # fmt: skip
_CASES = ("snake", "snake", "camel", "kebab", "words")

Turn = tuple[str, str]  # what is asked, what is answered


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A list and questions about it."""
    kind = rng.choices(list(MAKERS), (35, 15, 35, 15))[0]
    turns = MAKERS[kind](rng, split)
    messages: list[dict[str, Any]] = []
    for asked, answer in turns:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    return Example(
        ability=NAME,
        kind=kind,
        messages=tuple(messages),
        effort=effort,
        expect={"text": turns[-1][1]},
        key=json.dumps(turns, ensure_ascii=False),
    )


def _word(rng: random.Random, split: Split) -> str:
    """Of any sort, in small letters."""
    pool = rng.choice((worlds.VERB, worlds.NOUN, worlds.NOUN, worlds.ATTRIBUTE, worlds.WORDS, None))
    return worlds.pseudo(rng, split) if pool is None else pool.draw(rng, split)


def _words(rng: random.Random, split: Split, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[_word(rng, split)] = None
    return list(found)


def _written(words: list[str], case: str) -> str:
    return " ".join(words) if case == "words" else cased(words, case)


# -- Which name has these words? -----------------------------------------------------------------------------------


def _choose(rng: random.Random, split: Split) -> list[Turn]:
    """Names of two or three words, some in common; a request has the words of one of them, or of none."""
    count = rng.randint(2, 7)
    shared = _words(rng, split, 2 * count)
    if rng.random() < 0.5:  # names that differ in one word alone
        shared[count:] = [rng.choice(shared[count : count + 2]) for _ in range(count)]
    pairs = list(dict.fromkeys(zip(shared[:count], shared[count:], strict=True)))
    case = rng.choice(_CASES)
    told = {_written(list(pair), case): pair for pair in pairs}
    described = rng.random()
    lines = [_described(rng, name, pair, described) for name, pair in told.items()]
    text = rng.choice(("\n", "\n", ", ", "; ")).join(lines)
    turns: list[Turn] = []
    asked_about: list[str | None] = list(rng.sample(list(told), min(len(told), rng.randint(1, 6))))
    asked_about += [None] * (rng.random() < 0.5) + [None] * (rng.random() < 0.2)
    rng.shuffle(asked_about)
    form = rng.choice(WHICH)
    for name in asked_about:
        first, second = told[name] if name is not None else _words(rng, split, 2)
        if name is None and {first, second} & set(shared):
            continue
        said = rng.choice(REQUESTS).format(a=first, b=second, A=first.capitalize(), B=second.capitalize())
        turns.append((form.format(q=said), name or NOBODY))
    turns = turns or [(form.format(q="Hello!"), NOBODY)]
    return [(f"{text}\n{turns[0][0]}", turns[0][1]), *turns[1:]]


def _described(rng: random.Random, name: str, pair: tuple[str, str], described: float) -> str:
    if described < 0.4:
        return name
    first, second = pair
    about = rng.choice(("{A} a {b}", "{A} the {b}.", "{A}s {b}", "The {b}, to {a}", "{B}: {a}", "{B}"))
    said = about.format(a=first, b=second, A=first.capitalize(), B=second.capitalize())
    if described > 0.8:
        return f'{{"name": "{name}", "description": "{said}"}}'
    return f"{name}: {said}"


# -- What of whom? -------------------------------------------------------------------------------------------------


def _table(rng: random.Random, split: Split) -> list[Turn]:
    """The same facts of several: an answer must be right about both."""
    whose = list(dict.fromkeys(worlds.person(rng, split) if rng.random() < 0.5 else _word(rng, split)
                               for _ in range(rng.randint(2, 5))))  # fmt: skip
    facts = {name: rng.choice(_SORTS) for name in _words(rng, split, rng.randint(1, 4))}
    rows = {one: {fact: values.draw(sort, rng, split).text for fact, sort in facts.items()} for one in whose}
    pattern, between = rng.choice(CELLS)
    text = "\n".join(
        f"{one}{rng.choice((':', ':', ' -'))} " + between.join(pattern.format(k=k, v=v) for k, v in row.items())
        for one, row in rows.items()
    )
    cells = [(one, fact) for one in rows for fact in facts]
    form = rng.choice(("{k} of {o}?", "What is the {k} of {o}?", "{o}: {k}", "{o}'s {k}?", "Tell me the {k} of {o}."))
    turns = [
        (form.format(k=fact, o=one), rows[one][fact])
        for one, fact in rng.sample(cells, min(len(cells), rng.randint(1, 6)))
    ]
    if rng.random() < 0.4:  # and the other way
        fact = rng.choice(list(facts))
        one = rng.choice(list(rows))
        if sum(row[fact] == rows[one][fact] for row in rows.values()) == 1:
            turns.append((rng.choice(("Whose {k} is {v}?", "Who has {k} {v}?")).format(k=fact, v=rows[one][fact]), one))
    return [(f"{text}\n{turns[0][0]}", turns[0][1]), *turns[1:]]


# -- Fields into JSON ----------------------------------------------------------------------------------------------


def _fill(rng: random.Random, split: Split) -> list[Turn]:
    """Clauses in any order, and JSON with the fields that are asked for."""
    fields = {tuple(_words(rng, split, rng.choice((1, 1, 1, 2)))): rng.choice(_SORTS) for _ in range(rng.randint(2, 6))}
    drawn = {words: values.draw(sort, rng, split) for words, sort in fields.items()}
    clause, between = rng.choice(CLAUSES)
    said = rng.sample(list(drawn), len(drawn))
    text = between.join(clause.format(k=" ".join(words), v=drawn[words].text) for words in said)
    text = text[0].upper() + text[1:] if rng.random() < 0.7 else text
    case = rng.choice(_CASES[:4])
    turns: list[Turn] = []
    for turn in range(rng.choice((1, 2, 2, 3))):
        asked: list[tuple[str, ...]] = rng.sample(list(drawn), rng.randint(1, len(drawn)))
        if rng.random() < 0.3:
            asked.insert(rng.randint(0, len(asked)), tuple(_words(rng, split, 1)))
        answer = {_written(list(words), case): drawn[words].value if words in drawn else None for words in asked}
        form = rng.choice(("Fields: {f}", "{f} as JSON", "JSON with {f}", "Fill in: {e}", "{e}", "Extract {f}."))
        question = form.format(f=", ".join(answer), e=json.dumps(dict.fromkeys(answer, "")))
        turns.append((f"{text}\n{question}" if not turn else question, json.dumps(answer, ensure_ascii=False)))
    return turns


def _each(rng: random.Random, split: Split) -> list[Turn]:
    """The same for every one of a list, and then no more."""
    name = _written(_words(rng, split, 2), rng.choice(_CASES[:4]))
    turns: list[Turn] = []
    key = _word(rng, split)
    sort = rng.choice(_SORTS)
    for _ in range(rng.randint(1, 5)):
        drawn = {value.text: value.value for value in (values.draw(sort, rng, split) for _ in range(rng.randint(1, 5)))}
        listed = worlds.joined(list(drawn)) if rng.random() < 0.8 else ", ".join(drawn)
        asked = f"{rng.choice(('', 'for ', 'And ', 'the same for '))}{listed}"
        answer = "\n".join(f"{name} {json.dumps({key: value}, ensure_ascii=False)}" for value in drawn.values())
        turns.append((asked, answer))
    return [(f"{name}({key})\n{turns[0][0]}", turns[0][1]), *turns[1:]]


MAKERS: dict[str, Callable[[random.Random, Split], list[Turn]]] = {
    "choose": _choose,
    "table": _table,
    "fill": _fill,
    "each": _each,
}
WHICH = ("{q}", "Which one? {q}", "{q} Which one is it?", 'Which fits "{q}"', "Name for: {q}", "Choose: {q}")
REQUESTS = ("{A} the {b}.", "Please {a} the {b}", "{a} {b}", "Can you {a} my {b}?", "I want to {a} the {b}.", "{B}: {a} it",
            "The {b}, {a} it please.", "{A} {b}!", "Could you {a} a {b} for me?", "My {b}... {a}?", "{b} {a}",
            "We need the {b} and {a}", "{A}, {b}")  # fmt: skip
CELLS = (("{k} {v}", ", "), ("{k}: {v}", ", "), ("{k} = {v}", "; "), ("the {k} is {v}", " and "), ("{v} ({k})", ", "))
CLAUSES = (("the {k} is {v}", ", "), ("the {k} is {v}", " and "), ("{k}: {v}", "\n"), ("{k}: {v}", ", "), ("{k} is {v}.", " "),
           ("its {k} is {v}", "; "), ("{v} is the {k}", ", "), ("{k} {v}", ", "), ("with {v} as {k}", " "))  # fmt: skip
