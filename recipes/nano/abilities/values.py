"""Values of every sort: how a text says one, what JSON has for it, and its schema."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from recipes.nano.abilities import worlds
from recipes.nano.example import Split


@dataclass(frozen=True)
class Value:
    text: str  # in the request or the text
    value: Any  # in the JSON
    schema: dict[str, Any]


_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _date(rng: random.Random, _: Split) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2031)
    return rng.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{year}-{month:02}-{day:02}",
            f"{day} {_MONTHS[month - 1]} {year}",
            f"{_MONTHS[month - 1]} {day}",
            f"{day} {_MONTHS[month - 1]}",
            f"{day:02}.{month:02}.{year}",
            f"{day:02}/{month:02}/{year}",
        )
    )


def _day(rng: random.Random, _: Split) -> str:
    return rng.choice((*_DAYS, "tomorrow", "today", "tonight"))


def _iso(rng: random.Random, _: Split) -> str:
    return f"{rng.randint(2019, 2031)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _time(rng: random.Random, _: Split) -> str:
    hour, minute = rng.randint(0, 23), rng.choice((0, 0, 15, 30, 45, rng.randint(0, 59)))
    if rng.random() < 0.25:
        return f"{hour % 12 + 1} {rng.choice(('am', 'pm'))}"
    return f"{hour:02}:{minute:02}"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or "x"


def _email(rng: random.Random, split: Split) -> str:
    first, last = worlds.first_name(rng, split).lower(), worlds.LAST.draw(rng, split).lower()
    host = worlds.COMPANY.draw(rng, split).lower() if rng.random() < 0.5 else worlds.pseudo(rng, split)
    first, last = _ascii(first), _ascii(last)
    user = rng.choice((first, f"{first}.{last}", f"{first[0]}{last}", f"{first}{rng.randint(1, 99)}"))
    return f"{user}@{host}.{rng.choice(('com', 'com', 'org', 'net', 'io', 'de', 'fr'))}"


def _id(rng: random.Random, split: Split) -> str:
    letters = "".join(rng.choice("ABCDEFGHKLMNPQRSTUVXYZ") for _ in range(rng.randint(1, 3)))
    return rng.choice(
        (
            f"{letters}-{rng.randint(10, 99999)}",
            f"{letters}{rng.randint(10, 9999)}",
            f"{rng.randint(1000, 999999)}",
            f"{worlds.pseudo(rng, split)}-{rng.randint(1, 99)}",
        )
    )


def _file(rng: random.Random, split: Split) -> str:
    stem = rng.choice((worlds.WORDS.draw(rng, split), worlds.noun(rng, split), worlds.pseudo(rng, split)))
    if rng.random() < 0.3:
        stem += f"_{rng.randint(1, 2030)}"
    name = f"{stem}.{rng.choice('txt pdf csv md json png jpg py docx'.split())}"
    return f"{rng.choice(('docs', 'data', 'src', 'home', 'tmp'))}/{name}" if rng.random() < 0.3 else name


def _url(rng: random.Random, split: Split) -> str:
    host = f"{worlds.noun(rng, split)}.{rng.choice(('com', 'org', 'net', 'io'))}"
    return f"https://{host}/{worlds.WORDS.draw(rng, split)}" if rng.random() < 0.5 else f"https://{host}"


def _phone(rng: random.Random, _: Split) -> str:
    return rng.choice(
        (
            f"+{rng.randint(1, 99)} {rng.randint(100, 999)} {rng.randint(1000, 99999)}",
            f"555-{rng.randint(1000, 9999)}",
            f"0{rng.randint(10, 99)} {rng.randint(10000, 999999)}",
        )
    )


def _message(rng: random.Random, split: Split) -> str:
    word, adjective, noun = worlds.WORDS.draw(rng, split), worlds.ADJECTIVE.draw(rng, split), worlds.noun(rng, split)
    name = worlds.first_name(rng, split)
    return rng.choice(
        (
            f"I will be {rng.randint(2, 50)} minutes late",
            f"The {noun} is ready",
            f"See you at {_time(rng, split)}",
            f"Please bring the {adjective} {noun}",
            f"Where is the {noun}?",
            f"{name} has the {noun}",
            f"Call {name} about the {word}",
            f"Buy {rng.randint(2, 20)} {worlds.THING.draw(rng, split)}",
            f"Happy birthday, {name}!",
            f"The {word} is {adjective}",
            f"Meeting moved to {_day(rng, split)}",
            f"Do not forget the {noun} and the {word}",
            f"Thanks for the {adjective} {word}",
            f"{word.capitalize()} {worlds.WORDS.draw(rng, split)} {noun}",
            f"{name}, your {word} and my {worlds.WORDS.draw(rng, split)} are {adjective}",
            f"{worlds.pseudo(rng, split)} {word} {worlds.WORDS.draw(rng, split)} {worlds.noun(rng, split)}",
        )
    )


def _title(rng: random.Random, split: Split) -> str:
    adjective, noun, word = worlds.ADJECTIVE.draw(rng, split), worlds.noun(rng, split), worlds.WORDS.draw(rng, split)
    return rng.choice(
        (
            f"{adjective.capitalize()} {noun.capitalize()}",
            f"The {adjective.capitalize()} {noun.capitalize()}",
            f"{noun.capitalize()} {word.capitalize()}",
            f"{word.capitalize()} and {noun.capitalize()}",
            f"{noun.capitalize()} of {worlds.city(rng, split)}",
        )
    )


def _event(rng: random.Random, split: Split) -> str:
    return rng.choice(
        (
            f"{worlds.WORDS.draw(rng, split)} {rng.choice(('meeting', 'party', 'lunch', 'call', 'review', 'class'))}",
            f"{rng.choice(('lunch', 'dinner', 'meeting', 'call'))} with {worlds.first_name(rng, split)}",
            f"{worlds.noun(rng, split)} {rng.choice(('workshop', 'check', 'visit', 'training'))}",
        )
    )


def _phrase(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.5:
        return worlds.TOPIC.draw(rng, split)
    first = worlds.ADJECTIVE.draw(rng, split) if rng.random() < 0.5 else worlds.WORDS.draw(rng, split)
    return f"{first} {worlds.noun(rng, split)}"


def _ticker(rng: random.Random, split: Split) -> str:
    while (
        worlds.split_of(name := "".join(rng.choice("ABCDEFGHKLMNPRSTVXZ") for _ in range(rng.choice((3, 4))))) != split
    ):
        pass
    return name


def _address(rng: random.Random, split: Split) -> str:
    street = f"{worlds.noun(rng, split).capitalize()} {rng.choice(('Street', 'Road', 'Avenue', 'Lane'))}"
    return f"{rng.randint(1, 199)} {street}"


_STRINGS: dict[str, Callable[[random.Random, Split], str]] = {
    "person": worlds.person,
    "first": worlds.first_name,
    "city": worlds.city,
    "country": worlds.COUNTRY.draw,
    "company": worlds.COMPANY.draw,
    "thing": worlds.THING.draw,
    "job": worlds.JOB.draw,
    "color": worlds.COLOR.draw,
    "word": worlds.WORDS.draw,
    "noun": worlds.noun,
    "pseudo": worlds.pseudo,
    "phrase": _phrase,
    "date": _date,
    "iso": _iso,
    "day": _day,
    "time": _time,
    "email": _email,
    "id": _id,
    "file": _file,
    "url": _url,
    "phone": _phone,
    "message": _message,
    "title": _title,
    "event": _event,
    "ticker": _ticker,
    "address": _address,
}
OTHER = 0.2
ANY = (
    "person",
    "first",
    "city",
    "company",
    "noun",
    "pseudo",
    "word",
    "phrase",
    "title",
    "id",
    "job",
    "thing",
    "country",
    "event",
)
NUMBER_WORDS = "two three four five six seven eight nine ten".split()
_STRING = {"type": "string"}


@lru_cache(maxsize=10_000)
def schema_of(kind: str) -> dict[str, Any]:
    """The schema of a kind; not to be changed."""
    return draw(kind, random.Random(0), "train").schema


def draw(kind: str, rng: random.Random, split: Split) -> Value:
    """A value of a kind: a name above, ``int 1 90``, ``num 0 10`` (with a fraction), ``bool on/off``,
    ``enum low/high`` (or ``economy=cheap/first``: value=wording), ``list thing``, ``ints 1 9``.
    """
    sort, _, rest = kind.partition(" ")
    if sort in _STRINGS:
        text = _STRINGS[sort](rng, split)
        return Value(text, text, _STRING)
    if sort == "int":
        low, high = rest.split()
        number = rng.randint(int(low), int(high))
        return Value(str(number), number, {"type": "integer"})
    if sort == "num":
        low, high = rest.split()
        if rng.random() < 0.2:
            number = rng.randint(int(low) + 1, int(high))
            return Value(str(number), number, {"type": "number"})
        digits = rng.choice((1, 2))
        scale = 10**digits
        scaled = rng.randint(int(low) * scale, int(high) * scale - 1)
        if scaled % 10 == 0:
            scaled += rng.randint(1, 9)
        number_text = f"{scaled // scale}.{scaled % scale:0{digits}}"
        return Value(number_text, float(number_text), {"type": "number"})
    if sort == "bool":
        wordings = rest.split("/")
        truth = rng.random() < 0.5
        return Value(wordings[0] if truth else wordings[1], truth, {"type": "boolean"})
    if sort == "enum":
        options = [option.partition("=") for option in rest.split("/")]
        value, _, wording = rng.choice(options)
        return Value(wording or value, value, {"type": "string", "enum": [option[0] for option in options]})
    if sort == "list":
        drawn = [draw(rest, rng, split) for _ in range(rng.choice((1, 2, 2, 3)))]
        texts = list(dict.fromkeys(value.text for value in drawn))
        return Value(worlds.joined(texts), texts, {"type": "array", "items": _STRING})
    if sort == "ints":
        low, high = rest.split()
        numbers = [rng.randint(int(low), int(high)) for _ in range(rng.choice((2, 2, 3)))]
        text = worlds.joined([str(number) for number in numbers])
        return Value(text, numbers, {"type": "array", "items": {"type": "integer"}})
    raise ValueError(f"no such kind: {kind}")


def other(kind: str, rng: random.Random, split: Split) -> str:
    """In training sometimes another kind of the same type: where a value stands tells what it is, not how it looks."""
    if split == "test" or rng.random() > OTHER:
        return kind
    sort, _, rest = kind.partition(" ")
    if sort in ANY:
        return rng.choice(ANY)
    if sort == "int" and not rest.startswith("-"):
        return rng.choice(("int 0 9", "int 0 100", "int 100 9999", "int 1000 99999"))
    return kind
