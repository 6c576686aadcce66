"""What a tool is before it gets its name: parsed from the realistic domains, or made up of random words."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from recipes.nano.abilities import worlds
from recipes.nano.abilities.tool_domains import EVERYDAY
from recipes.nano.abilities.tool_domains_life import LIFE
from recipes.nano.abilities.tool_domains_technical import TECHNICAL
from recipes.nano.abilities.tool_domains_work import WORK
from recipes.nano.example import Split


@dataclass(frozen=True)
class Parameter:
    slot: str  # in the templates
    names: tuple[str, ...]  # words joined by _
    kind: str  # of values.draw
    required: bool = True
    group: str = ""  # the object that holds it, if any


Template = tuple[tuple[str, bool], ...]  # pieces, and whether each may be left out


@dataclass(frozen=True)
class ToolSpec:
    domain: str
    verbs: tuple[str, ...]
    nouns: tuple[str, ...]
    descriptions: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    templates: tuple[Template, ...]
    results: tuple[tuple[str, str], ...]  # field, kind


HELD_OUT = frozenset("hotels taxi stocks plants oven tickets books bank printer parking insurance podcast".split())


def _template(text: str) -> Template:
    pieces = re.split(r"(\[[^\]]*\])", text.strip())
    return tuple((piece.strip("[]"), piece.startswith("[")) for piece in pieces if piece)


def _parameter(text: str) -> Parameter:
    names, kind = text.strip().split(" : ")
    words = tuple(names.lstrip("?").split())
    return Parameter(words[0], words, kind.strip(), required=not names.startswith("?"))


def _parsed(text: str) -> dict[str, list[ToolSpec]]:
    domains: dict[str, list[ToolSpec]] = {}
    lines = [line for line in text.strip().splitlines() if line.strip()]
    at, domain = 0, ""
    while at < len(lines):
        if lines[at].startswith("# "):
            domain = lines[at][2:]
            at += 1
        head, descriptions = lines[at].split(" : ")
        verbs, nouns = head.split(" / ")
        at += 1
        parameters: tuple[Parameter, ...] = ()
        if not lines[at].startswith(">"):
            parameters = tuple(_parameter(part) for part in lines[at].split(" ; "))
            at += 1
        results = [part.strip().partition(" ")[::2] for part in lines[at + 1].lstrip("= ").split(" ; ")]
        domains.setdefault(domain, []).append(
            ToolSpec(
                domain,
                tuple(verbs.split()),
                tuple(nouns.split()),
                tuple(part.strip() for part in descriptions.split("|")),
                parameters,
                tuple(_template(part) for part in lines[at].lstrip("> ").split(" | ")),
                tuple(results),
            )
        )
        at += 2
    return domains


DOMAINS = _parsed(EVERYDAY) | _parsed(WORK) | _parsed(LIFE) | _parsed(TECHNICAL)
BY_SPLIT: dict[Split, list[str]] = {
    "train": [name for name in DOMAINS if name not in HELD_OUT],
    "test": [name for name in DOMAINS if name in HELD_OUT],
}
# Made-up tools take no noun of a realistic one, so that none has the name of a tool of the other split.
_TAKEN = frozenset(
    word for specs in DOMAINS.values() for spec in specs for noun in spec.nouns for word in noun.split("_")
)
_FREE_NOUNS: dict[Split, list[str]] = {
    split: [noun for noun in worlds.NOUN.parts[split] if noun not in _TAKEN] for split in ("train", "test")
}
_KINDS = (
    "int 0 100",
    "int -40 40",
    "int 1 20",
    "int 100 9999",
    "num 0 10",
    "num 1 200",
    "word",
    "noun",
    "pseudo",
    "person",
    "first",
    "city",
    "date",
    "iso",
    "day",
    "time",
    "email",
    "id",
    "file",
    "message",
    "title",
    "color",
    "company",
    "list noun",
    "list first",
    "list pseudo",
    "ints 1 99",
    "phrase",
    "url",
)
_DIRECT = frozenset(("pseudo", "person", "city", "id", "title", "file", "noun"))
_QUOTED = frozenset(("message", "title", "phrase"))


def made_up_noun(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.4:
        while (word := worlds.pseudo(rng, split)) in _TAKEN:
            pass
        return word
    return rng.choice(_FREE_NOUNS[split])


def _attribute(rng: random.Random, split: Split) -> str:
    draw = rng.random()
    if draw < 0.2:
        return worlds.pseudo(rng, split)
    word = worlds.ATTRIBUTE.draw(rng, split)
    return f"{worlds.noun(rng, split)}_{word}" if draw > 0.85 else word


def _made_up_parameter(rng: random.Random, split: Split, name: str, required: bool) -> tuple[Parameter, str]:
    """The parameter, and how a request gives its value, with ``NAME`` for its words."""
    said = name.replace("_", " ")
    draw = rng.random()
    if draw < 0.12:
        pair = rng.choice(
            (
                f"with {said}/without {said}",
                f"{said} on/{said} off",
                f"{said} yes/{said} no",
                f"with {said}/with no {said}",
            )
        )
        return Parameter(name, (name,), f"bool {pair}", required), "{" + name + "}"
    if draw < 0.27:
        pool = rng.choice((worlds.ADJECTIVE, worlds.WORDS, worlds.NOUN))
        options = pool.several(rng, split, rng.choice((2, 3, 3, 4)))
        slot = "{" + name + "}"
        phrase = rng.choice((f"NAME {slot}", f"{slot} NAME", f"NAME {slot}"))
        return Parameter(name, (name,), f"enum {'/'.join(options)}", required), phrase
    kind = rng.choice(_KINDS)
    slot = '"{' + name + '}"' if kind in _QUOTED and rng.random() < 0.85 else "{" + name + "}"
    return Parameter(name, (name,), kind, required), f"NAME {slot}"


def _phrased(phrase: str, name: str, form: str) -> str:
    if "NAME {" in phrase or 'NAME "' in phrase:
        phrase = phrase.replace("NAME ", form.replace("NAME", name.replace("_", " ")), 1)
    return phrase.replace("NAME", name.replace("_", " "))


_FORMS = ("NAME ", "NAME ", "NAME: ", "NAME = ", "NAME set to ", "a NAME of ", "the NAME ", "NAME is ")
_STARTS = (
    "Please VERB the NOUN",
    "VERB the NOUN",
    "VERB the NOUN",
    "Can you VERB the NOUN",
    "I want to VERB the NOUN",
    "VERB a NOUN",
    "I need you to VERB a NOUN",
    "Could you VERB the NOUN",
    "Now VERB the NOUN",
    "Let us VERB the NOUN",
    "It is time to VERB the NOUN",
)


_STARTS_IN_TRAINING = (
    *_STARTS,
    "Would you VERB the NOUN",
    "I would like you to VERB the NOUN",
    "The NOUN needs someone to VERB it",
    "VERB my NOUN",
    "We have to VERB the NOUN",
    "Go and VERB the NOUN",
    "How about you VERB the NOUN",
    "Time to VERB a NOUN",
    "There is a NOUN to VERB",
    "NOUN: VERB",
    "Next, VERB the NOUN",
    "The NOUN, VERB it",
    "VERB that NOUN",
    "Hey, VERB the NOUN",
)


def _made_up_template(
    rng: random.Random, split: Split, verb: str, noun: str, phrases: list[tuple[Parameter, str]]
) -> Template:
    start = rng.choice(_STARTS if split == "test" else _STARTS_IN_TRAINING).replace("NOUN", noun.replace("_", " "))
    start = start.replace("VERB", verb if not start.startswith("VERB") else verb.capitalize())
    phrases = list(phrases)
    if phrases and phrases[0][0].required and not phrases[0][0].group and rng.random() < 0.4:
        first = phrases[0][0]
        if first.kind in _DIRECT:
            quote = '"' if first.kind == "title" else ""
            start += f" {quote}{{{first.slot}}}{quote}"
            phrases = phrases[1:]
        elif first.kind.startswith(("int ", "num ")) and len(phrases) == 1:
            start += f" {rng.choice(('to', 'by', 'with'))} {{{first.slot}}}"
            phrases = []
    rng.shuffle(phrases)
    form = rng.choice(_FORMS)
    lead = rng.choice((" with ", ", ", ": ", " with ", " using ", ". "))
    if ":" in form or "=" in form:
        lead = rng.choice((": ", ", ", " with "))
    pieces: list[tuple[str, bool]] = [(start, False)]
    joint = rng.choice((", ", ", ", "; ", " and ")) if len(phrases) > 1 else ", "
    # The first phrase that stays carries the lead: those that may be left out come after it.
    phrases.sort(key=lambda item: not item[0].required)
    for number, (parameter, phrase) in enumerate(phrases):
        text = _phrased(phrase, parameter.slot, form)
        before = lead if number == 0 else joint
        if number == 0 and text.startswith(("{", "with ")) and parameter.kind.startswith("bool") and lead == " with ":
            before = ", "
        pieces.append((before + text, not parameter.required))
    pieces.append((rng.choice((".", ".", "", " please.", "")), False))
    return tuple(pieces)


_ENDINGS = ("for the user", "in the system", "with the given values", "of the account", "and save it", "at once", "now")


def made_up(rng: random.Random, split: Split, like: ToolSpec | None = None) -> ToolSpec:
    """A tool of random words; one ``like`` another shares its verb or its noun."""
    verb, noun = worlds.VERB.draw(rng, split), made_up_noun(rng, split)
    if like is not None and rng.random() < 0.8:
        if rng.random() < 0.6:
            noun = like.nouns[0]
        else:
            verb = like.verbs[0]
    count = rng.choice((0, 1, 1, 1, 2, 2, 2, 3, 3, 4))
    names = list(dict.fromkeys(_attribute(rng, split) for _ in range(count)))
    phrases = [
        _made_up_parameter(rng, split, name, required=number == 0 or rng.random() < 0.6)
        for number, name in enumerate(names)
    ]
    if len(phrases) > 2 and rng.random() < 0.12:  # the last two in an object
        group = worlds.ATTRIBUTE.draw(rng, split) if rng.random() < 0.6 else "options"
        if group not in names:
            for number in (-2, -1):
                inner = phrases[number][0]
                phrases[number] = (
                    Parameter(inner.slot, inner.names, inner.kind, True, group),
                    phrases[number][1],
                )
    said_noun, said = noun.replace("_", " "), [name.replace("_", " ") for name in names]
    descriptions = [
        f"{verb.capitalize()} the {said_noun}",
        f"{verb.capitalize()} a {said_noun}",
        f"{verb.capitalize()} {said_noun}",
    ]
    if said:
        descriptions.append(f"{verb.capitalize()} a {said_noun} with {worlds.joined(said[:2])}")
    if rng.random() < 0.12:
        descriptions.append(f"{verb.capitalize()} a {said_noun} {rng.choice(_ENDINGS)}")
    fields = list(dict.fromkeys(_attribute(rng, split) for _ in range(rng.choice((1, 1, 2, 2, 3)))))
    return ToolSpec(
        worlds.ATTRIBUTE.draw(rng, split),
        (verb,),
        (noun,),
        (rng.choice(descriptions),),
        tuple(parameter for parameter, _ in phrases),
        (_made_up_template(rng, split, verb, noun, phrases),),
        tuple((name, rng.choice(_KINDS[:21])) for name in fields),
    )
