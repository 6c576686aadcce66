"""Records - some fields and their values - and texts that tell them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from recipes.nano.abilities import record_domains_life as life
from recipes.nano.abilities import record_domains_technical as technical
from recipes.nano.abilities import values, worlds
from recipes.nano.abilities.record_domains import RECORDS, ROWS
from recipes.nano.abilities.tool_drawing import cased
from recipes.nano.example import Split


@dataclass(frozen=True)
class Field:
    slot: str
    names: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Domain:
    name: str
    fields: tuple[Field, ...]
    firsts: tuple[str, ...] = ()
    sentences: tuple[tuple[str, frozenset[str]], ...] = ()  # and their slots


@dataclass(frozen=True)
class Told:
    """A text, with the key and the value of each field in it."""

    domain: str
    text: str
    entries: dict[str, values.Value] = field(default_factory=dict)
    untold: tuple[str, ...] | None = None  # keys of fields that the text could tell and does not, where that is known


HELD_OUT = frozenset("flight rental song complaint animal loan payment planet trips staff visits rooms plants".split())
LONGER = 0.25
SLOT = re.compile(r"\{(\w+)\}")


def fields_of(text: str) -> tuple[Field, ...]:
    """Of ``slot name name : kind ; …``, where every word before the kind is a name that the field may have."""
    fields = []
    for part in text.split(" ; "):
        names, kind = part.strip().split(" : ")
        words = tuple(names.split())
        fields.append(Field(words[0], words, kind.strip()))
    return tuple(fields)


def _parsed(text: str) -> dict[str, Domain]:
    domains = {}
    for block in text.strip().split("# ")[1:]:
        name, fields, firsts, sentences = block.strip().splitlines()
        domains[name] = Domain(
            name,
            fields_of(fields.removeprefix(": ")),
            tuple(part.strip() for part in firsts.removeprefix("! ").split(" | ")),
            tuple((part.strip(), frozenset(SLOT.findall(part))) for part in sentences.removeprefix("> ").split(" | ")),
        )
    return domains


def _rows(text: str) -> list[Domain]:
    rows = []
    for line in text.strip().splitlines():
        head, *templates = line.removeprefix("* ").split(" | ")
        titles, _, fields = head.partition(" : ")
        rows.append(Domain(titles, fields_of(fields), tuple(templates)))
    return rows


DOMAINS = _parsed(RECORDS) | _parsed(life.RECORDS) | _parsed(technical.RECORDS)
BY_SPLIT: dict[Split, list[Domain]] = {
    "train": [domain for name, domain in DOMAINS.items() if name not in HELD_OUT],
    "test": [domain for name, domain in DOMAINS.items() if name in HELD_OUT],
}
_ALL_ROWS = [*_rows(ROWS), *_rows(life.ROWS), *_rows(technical.ROWS)]
_ROWS: dict[Split, list[Domain]] = {
    "train": [domain for domain in _ALL_ROWS if not HELD_OUT & set(domain.name.split())],
    "test": [domain for domain in _ALL_ROWS if HELD_OUT & set(domain.name.split())],
}
_KINDS = (
    "int 0 100",
    "int -40 40",
    "int 1 9",
    "int 100 99999",
    "num 0 10",
    "num 1 300",
    "word",
    "noun",
    "pseudo",
    "person",
    "first",
    "city",
    "company",
    "color",
    "date",
    "time",
    "id",
    "phrase",
    "title",
    "email",
    "job",
    "country",
)


def key_case(rng: random.Random) -> str:
    return rng.choices(("snake", "camel", "pascal", "kebab"), (74, 18, 4, 4))[0]


def key(rng: random.Random, split: Split, names: tuple[str, ...], case: str) -> str:
    """One of a field's names; but for the first, each is for one split alone."""
    own = [name for name in names[1:] if worlds.split_of(name) == split]
    name = rng.choice(own) if own and rng.random() < 0.55 else names[0]
    return cased(name.split("_"), case)


def renamed(rng: random.Random, split: Split, entries: dict[str, values.Value]) -> dict[str, values.Value]:
    """In training some keys get a word more, so that keys are copied, not remembered."""
    if split == "test":
        return entries
    return {_longer(rng, split, key) if rng.random() < LONGER else key: value for key, value in entries.items()}


def _longer(rng: random.Random, split: Split, key: str) -> str:
    word = worlds.pseudo(rng, split) if rng.random() < 0.5 else worlds.WORDS.draw(rng, split)
    if key != key.lower():
        return f"{key}{word.capitalize()}"
    sign = "-" if "-" in key else "_"
    return rng.choice((f"{key}{sign}{word}", f"{word}{sign}{key}"))


def listed(rng: random.Random, named: dict[str, values.Value]) -> str:
    """Lines or pairs of a name and a value, as in a form."""

    def said(value: values.Value) -> str:
        return value.text if not isinstance(value.value, bool) else ("yes" if value.value else "no")

    sign, end = rng.choice(
        ((": ", "\n"), (": ", "\n"), (": ", ", "), (" = ", "\n"), (" ", ", "), (": ", "; "), (" - ", "\n"))
    )
    capital = rng.random() < 0.6
    return end.join(f"{name.capitalize() if capital else name}{sign}{said(value)}" for name, value in named.items())


def told(rng: random.Random, split: Split, count: int, *, plain: bool = False) -> Told:
    """About ``count`` fields of a record, in a text; ``plain`` gives them the names one would expect."""
    case = "snake" if plain else key_case(rng)
    if rng.random() < 0.4:
        return _made_up(rng, split, count, case)
    domain = rng.choice(BY_SPLIT[split])
    rest = list(domain.fields[1:])
    rng.shuffle(rest)
    chosen = [domain.fields[0], *rest[: count - 1]]
    drawn = {one.slot: values.draw(values.other(one.kind, rng, split), rng, split) for one in chosen}
    keys = {one.slot: one.slot if plain else key(rng, split, one.names, case) for one in chosen}
    if rng.random() < 0.25:
        text = listed(rng, {rng.choice(one.names).replace("_", " "): drawn[one.slot] for one in chosen})
    else:
        text = _prose(rng, domain, drawn)
    order = chosen if rng.random() < 0.5 and not plain else [one for one in domain.fields if one in chosen]
    return Told(domain.name, text, {keys[one.slot]: drawn[one.slot] for one in order})


def _prose(rng: random.Random, domain: Domain, drawn: dict[str, values.Value]) -> str:
    first = domain.fields[0].slot
    parts = [rng.choice(domain.firsts)]
    left = set(drawn) - {first}
    sentences = list(domain.sentences)
    rng.shuffle(sentences)
    for sentence, slots in sentences:
        if slots <= left:
            parts.append(sentence)
            left -= slots
    parts += [f"The {slot.replace('_', ' ')} is {{{slot}}}." for slot in sorted(left)]
    return _capitals(" ".join(parts)).format(**{slot: value.text for slot, value in drawn.items()})


def _capitals(text: str) -> str:
    """A template that begins like a sentence, unless a value begins it, which must stay as it is."""
    return text[0].upper() + text[1:]


_MADE_UP = (
    "The {a} of the {n} is {v}.",
    "Its {a} is {v}.",
    "It has a {a} of {v}.",
    "The {a} is {v}.",
    "{A}: {v}.",
    "{v} is its {a}.",
    "We set the {a} to {v}.",
    "For the {a} we chose {v}.",
)
_MADE_UP_IN_TRAINING = (
    *_MADE_UP,
    "{v} was measured as {a}.",
    "Someone wrote down {v} for the {a}.",
    "There is a {a}: {v}.",
    "Its {a} turned out to be {v}.",
    "They say the {a} is {v}.",
    "{A} is {v}.",
    "{A} = {v}.",
    "The {n} has {v} as {a}.",
    "The {n} comes with a {a} of {v}.",
    "According to the label, the {a} is {v}.",
    "As {a}, {v} was noted.",
    "We know its {a}, {v}.",
    "You can read {v} where the {a} stands.",
    "Under {a} it says {v}.",
    "The {a} used to be secret but is {v}.",
    "Take {v} as the {a}.",
    "{v} ({a}).",
    "The {a}, {v}, is on the sheet.",
)
_JOINTS = ("and its {a} is {v}", "with a {a} of {v}", "{a} {v}", "and the {a} is {v}")
_FIRSTS = (
    "Here is what we know about the {n}.",
    "The {n} was checked.",
    "A note on the {n}.",
    "We found a {n}.",
    "",
    "",
    "About the {n}:",
)


def _made_up(rng: random.Random, split: Split, count: int, case: str) -> Told:
    """A thing with random attributes."""
    subject = worlds.noun(rng, split)
    entries: dict[str, values.Value] = {}
    words: list[str] = []
    for _ in range(count):
        name = worlds.pseudo(rng, split) if rng.random() < 0.4 else worlds.ATTRIBUTE.draw(rng, split)
        if rng.random() < 0.15:
            name = f"{worlds.noun(rng, split)}_{name}"
        if cased(name.split("_"), case) in entries:
            continue
        said, draw = name.replace("_", " "), rng.random()
        if draw < 0.12:
            kind = f"bool has {said}/has no {said}"
        elif draw < 0.24:
            kind = "enum " + "/".join(rng.choice((worlds.ADJECTIVE, worlds.WORDS, worlds.COLOR)).several(rng, split, 3))
        else:
            kind = rng.choice(_KINDS)
        words.append(said)
        entries[cased(name.split("_"), case)] = values.draw(kind, rng, split)
    order = list(zip(words, entries.values(), strict=True))
    if rng.random() < 0.5:
        rng.shuffle(order)
    if rng.random() < 0.2:
        return Told(subject, listed(rng, dict(order)), entries)
    text = rng.choice(_FIRSTS).format(n=subject)
    made_up = _MADE_UP if split == "test" else _MADE_UP_IN_TRAINING
    for said, value in order:
        if isinstance(value.value, bool):
            text += f" It {value.text}."
        elif text.endswith(".") and rng.random() < 0.3:
            text = f"{text[:-1]}, {rng.choice(_JOINTS).format(a=said, v=value.text)}."
        else:
            text += " " + _capitals(rng.choice(made_up)).format(a=said, A=said.capitalize(), n=subject, v=value.text)
    return Told(subject, text.strip(), entries)


def rows(
    rng: random.Random, split: Split, count: int, *, plain: bool = False
) -> tuple[str, str, list[dict[str, values.Value]]]:
    """The name of a list, a text that tells its rows, and the rows."""
    case = "snake" if plain else key_case(rng)
    made_up = rng.random() < 0.35
    if made_up:
        noun = worlds.noun(rng, split)
        names = [
            worlds.ATTRIBUTE.draw(rng, split) if rng.random() < 0.6 else worlds.pseudo(rng, split) for _ in range(2)
        ]
        names = list(dict.fromkeys(names))
        fields = tuple(Field(name, (name,), rng.choice(_KINDS[:15])) for name in names)
        slots = ["{" + name + "}" for name in names]
        template = rng.choice(
            (
                ", ".join(f"{name} {slot}" for name, slot in zip(names, slots, strict=True)),
                " with ".join(f"{name} {slot}" for name, slot in zip(names, slots, strict=True)),
                " / ".join(slots),
                ": ".join(slots),
            )
        )
        title = f"{noun}s"
    else:
        domain = rng.choice(_ROWS[split])
        title, fields, template = rng.choice(domain.name.split()), domain.fields, rng.choice(domain.firsts)
        slots_used = SLOT.findall(template)
        fields = tuple(one for one in fields if one.slot in slots_used)
    keys = {one.slot: one.slot if plain else key(rng, split, one.names, case) for one in fields}
    if len(set(keys.values())) < len(keys):
        keys = {one.slot: one.slot for one in fields}
    kinds = {one.slot: values.other(one.kind, rng, split) for one in fields}
    made, texts = [], []
    for _ in range(count):
        drawn = {one.slot: values.draw(kinds[one.slot], rng, split) for one in fields}
        texts.append(template.format(**{slot: value.text for slot, value in drawn.items()}))
        made.append({keys[slot]: value for slot, value in drawn.items()})
    lead = rng.choice(
        (f"{title.capitalize()}: ", "Today: ", "", f"The {title} are ", "We have ", f"List of {title}:\n")
    )
    if lead.endswith("\n"):
        text = lead + "\n".join(f"- {row}" for row in texts)
    else:
        end = (
            rng.choice(("; ", "; ", "\n", ". "))
            if ", " in template or (not made_up and "," in texts[0])
            else rng.choice((", ", "; ", " and "))
        )
        text = lead + end.join(texts) + ("" if end == "\n" else ".")
    return title, _capitals(text), made
