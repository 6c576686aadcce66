"""What haystacks are made of: keys, values, records that join them, and prose that says nothing of either.

A text is held out from training when its hash says so, whatever record it stands in; some formats are only in tests.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from recipes.nano.abilities.haystack_words import ADJECTIVES, ADVERBS, NAMES, NOUNS, PLACES, THINGS, VERBS
from recipes.nano.example import Split

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr qu r s sh sk sl sm st t tr v w y z".split()
VOWELS = "a e i o u ai ea ee oo ou".split()
CODAS = ["", "", "", *"b ck d g k l ll m n nd nt p r rk rn s sh st t x".split()]
T = TypeVar("T")
HEX = "0123456789abcdef"


def held_out(text: str) -> bool:
    """Whether the text is one of the fifth that only tests see."""
    return zlib.crc32(text.lower().encode()) % 5 == 0


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """``rng.choice``, several times as fast."""
    return choices[int(rng.random() * len(choices))]


def pseudo_word(rng: random.Random) -> str:
    """A word of two or three syllables that no dictionary has."""
    end = pick(rng, VOWELS) + pick(rng, CODAS)
    middle = pick(rng, VOWELS) + pick(rng, ONSETS) if rng.random() < 0.3 else ""
    return pick(rng, ONSETS) + middle + pick(rng, VOWELS[:5]) + pick(rng, ONSETS) + end


def _digits(rng: random.Random, count: int) -> str:
    return str(int((0.1 + 0.9 * rng.random()) * 10**count))


def _capitals(rng: random.Random) -> str:
    return chr(65 + int(rng.random() * 26)) + chr(65 + int(rng.random() * 26))


Maker = Callable[[random.Random], str]

# kind → how it is made, and how many the smaller split has, at least
KEYS: dict[str, tuple[Maker, int]] = {
    "name": (lambda rng: pick(rng, NAMES), 20),
    "place": (lambda rng: pick(rng, PLACES), 12),
    "thing": (lambda rng: pick(rng, THINGS), 20),
    "full name": (lambda rng: f"{pick(rng, NAMES)} {pseudo_word(rng).capitalize()}", 10**6),
    "word": (pseudo_word, 10**5),
    "Word": (lambda rng: pseudo_word(rng).capitalize(), 10**5),
    "pair": (lambda rng: f"{pick(rng, ADJECTIVES)}-{pick(rng, THINGS)}", 4000),
    "small number": (lambda rng: _digits(rng, 2), 14),
    "number": (lambda rng: _digits(rng, 3 + int(rng.random() * 2)), 1500),
    "long number": (lambda rng: _digits(rng, 5), 15000),
    "code": (lambda rng: f"{_capitals(rng)}-{_digits(rng, 3)}", 10**5),
    "hex": (lambda rng: "".join(pick(rng, HEX) for _ in range(6)), 10**6),
}
WORDS = ("name", "place", "thing", "full name", "word", "Word", "pair")
NUMBERS = ("small number", "number", "long number")
ANY = (*WORDS, *NUMBERS, "code", "hex")
PEOPLE = ("name", "full name", "Word")

VALUES: dict[str, Maker] = {
    "4": lambda rng: _digits(rng, 4),
    "5": lambda rng: _digits(rng, 5),
    "digits": lambda rng: _digits(rng, 3 + int(rng.random() * 5)),
    "pair": lambda rng: f"{pick(rng, ADJECTIVES)}-{pick(rng, THINGS)}",
    "word": pseudo_word,
    "word and number": lambda rng: f"{pick(rng, THINGS)}-{_digits(rng, 2)}",
    "code": lambda rng: f"{_capitals(rng)}-{_digits(rng, 3)}",
    "hex": lambda rng: "".join(pick(rng, HEX) for _ in range(6)),
}
NUMERIC = ("4", "5", "digits")
TEXTUAL = ("pair", "word", "word and number", "code", "hex")


def distinct(rng: random.Random, split: Split, make: Maker, count: int, taken: set[str]) -> list[str]:
    """So many new texts of a split, all different, or as many as were found soon; ``taken`` grows by them."""
    texts: list[str] = []
    wanted = split == "test"
    for _ in range(20 * count + 200):
        text = make(rng)
        if text not in taken and held_out(text) == wanted:
            taken.add(text)
            texts.append(text)
            if len(texts) == count:
                break
    return texts


@dataclass(frozen=True)
class Form:
    """How records are written: ``line`` has ``{k}`` and ``{v}``; ``ask`` are questions for the value of ``{k}``."""

    line: str
    ask: tuple[str, ...]
    keys: tuple[str, ...] = ANY
    values: tuple[str, ...] = (*NUMERIC, *NUMERIC, *TEXTUAL)
    joint: str = "\n"
    head: str = ""
    tail: str = ""
    prose: bool = False  # whether it can stand among sentences


CODE = ("What is the code of {k}?", "What's the code of {k}?", "Which code does {k} have?", "Tell me the code of {k}.",
        "Give me the code of {k}.", "Find the code of {k}.", "{k}: which code?", "I need the code of {k}.")  # fmt: skip
VALUE = ("What is the value of {k}?", "What is the value for {k}?", "What value does {k} have?", "Give the value of {k}.",
         "Look up {k}.", "Which value belongs to {k}?", "What is stored under {k}?", "Return the value of {k}.",
         "{k}?", "What does {k} map to?", "Find {k} and give its value.", "What is {k}?")  # fmt: skip

FORMS: dict[Split, tuple[Form, ...]] = {
    "train": (
        Form("The code of {k} is {v}.", CODE, prose=True),
        Form("The code for {k} is {v}.", ("What is the code for {k}?", *CODE), prose=True),
        Form("{k}'s code is {v}.", ("What is {k}'s code?", *CODE), PEOPLE, prose=True),
        Form("{k}: {v}", VALUE),
        Form("- {k}: {v}", VALUE),
        Form("{k} = {v}", VALUE),
        Form("{k}={v}", VALUE),
        Form("{k} -> {v}", VALUE),
        Form("{k} {v}", VALUE, joint="\n"),
        Form("{k}\t{v}", VALUE),
        Form("{k},{v}", VALUE, head="name,value\n"),
        Form("{k}: {v}", VALUE, joint=", "),
        Form("{k}={v}", VALUE, joint="; "),
        Form("| {k} | {v} |", VALUE, head="| key | value |\n|---|---|\n"),
        Form('"{k}": "{v}"', VALUE, joint=", ", head="{{", tail="}}"),
        Form('  "{k}": "{v}"', VALUE, joint=",\n", head="{{\n", tail="\n}}"),
        Form('{{"key": "{k}", "value": "{v}"}}', VALUE),
        Form('{{"id": "{k}", "code": "{v}"}}', (*CODE, "What is the code of id {k}?")),
        Form('{{"user": "{k}", "pin": {v}}}', ("What is the pin of {k}?", "What is the PIN of user {k}?",
             "Which pin does {k} have?"), PEOPLE, NUMERIC),
        Form("key-{k}: {v}", ("What is key-{k}?", "What is the value of key-{k}?", "Give me key-{k}.",
             "What does key-{k} hold?", "key-{k}?"), NUMBERS),
        Form("item {k}: {v}", ("What is item {k}?", "Which value has item {k}?", "What is the value of item {k}?"), NUMBERS),
        Form("line {k}: REGISTER_CONTENT is <{v}>", ("What is the REGISTER_CONTENT in line {k}?",
             "Tell me the REGISTER_CONTENT of line {k}.", "Which content has line {k}?"), (*NUMBERS, "pair")),
        Form("user {k} -> {v}", ("What is the value of user {k}?", "What belongs to user {k}?",
             "Which value does user {k} have?", "user {k}?"), (*PEOPLE, "word")),
        Form("[INFO] {k} set to {v}", ("What was {k} set to?", "To what is {k} set?", "Which value was {k} set to?")),
        Form("10:42 WARN node {k} reports {v}", ("What does node {k} report?", "What did node {k} report?"),
             (*NUMBERS, "word", "thing", "code")),
        Form("The phone number of {k} is {v}.", ("What is the phone number of {k}?", "Which number does {k} have?",
             "What is {k}'s phone number?", "How can I call {k}? Give the number."), PEOPLE, NUMERIC, prose=True),
        Form("{k} lives in room {v}.", ("In which room does {k} live?", "Which room does {k} live in?",
             "What is the room of {k}?"), PEOPLE, (*NUMERIC, "code"), prose=True),
        Form("{k} sits at desk {v}.", ("At which desk does {k} sit?", "Where does {k} sit?", "What is the desk of {k}?"),
             PEOPLE, (*NUMERIC, "code"), joint=" ", prose=True),
        Form("The password for {k} is {v}.", ("What is the password for {k}?", "Which password opens {k}?",
             "Tell me the password for {k}."), prose=True),
        Form("The password of {k} is {v}.", ("What is the password of {k}?", "Which password does {k} use?",
             "What is {k}'s password?"), PEOPLE, prose=True),
        Form("The price of the {k} is {v}.", ("What is the price of the {k}?", "How much is the {k}?",
             "What does the {k} cost?"), ("thing", "word", "pair"), NUMERIC, joint=" ", prose=True),
        Form("Order {k} was shipped with number {v}.", ("With which number was order {k} shipped?",
             "What is the shipping number of order {k}?", "Which number does order {k} have?"),
             (*NUMBERS, "code"), (*NUMERIC, "code"), prose=True),
        Form("One of the special magic numbers for {k} is: {v}.", ("What is the special magic number for {k}?",
             "What is the special magic number for {k} mentioned in the provided text?"), WORDS, NUMERIC, prose=True),
        Form("In {k}, the ticket number is {v}.", ("What is the ticket number in {k}?",
             "Which ticket number is for {k}?"), ("place", "Word"), (*NUMERIC, "code"), joint=" ", prose=True),
        Form("{v} is the code of {k}.", CODE, prose=True),
        Form("{v} belongs to {k}.", ("What belongs to {k}?", "What is it that belongs to {k}?", "What does {k} own?"),
             WORDS, prose=True),
        Form("<{k}>{v}</{k}>", VALUE, ("name", "thing", "word", "Word", "pair")),
        Form("{k} ({v})", ("What stands in brackets after {k}?", "What is in the brackets after {k}?", *VALUE)),
        Form("set {k} {v}", VALUE),
        Form("{k} has number {v}", ("Which number has {k}?", "What number does {k} have?", "What is the number of {k}?"),
             WORDS, NUMERIC),
    ),
    "test": (
        Form("The access code for {k} is {v}.", ("What is the access code for {k}?", "Which access code is for {k}?"),
             prose=True),
        Form("{k} => {v}", VALUE),
        Form("{k};{v}", VALUE, head="key;value\n"),
        Form("* {k} | {v}", VALUE),
        Form('{{"name": "{k}", "number": "{v}"}}', ("What is the number of {k}?", "Which number does {k} have?")),
        Form("record {k}: {v}", ("What is in record {k}?", "What is the value of record {k}?"), NUMBERS),
        Form("The locker of {k} has the number {v}.", ("What is the number of {k}'s locker?",
             "Which number does the locker of {k} have?"), PEOPLE, NUMERIC, prose=True),
        Form("{k} drives bus {v}.", ("Which bus does {k} drive?", "What bus does {k} drive?"), PEOPLE,
             (*NUMERIC, "code"), joint=" ", prose=True),
    ),
}  # fmt: skip


def sentence(rng: random.Random) -> str:
    """Prose of common words, without any key or value."""
    a, n, v = pick(rng, ADJECTIVES), pick(rng, NOUNS), pick(rng, VERBS)
    m = pick(rng, NOUNS)
    shape = int(rng.random() * 10)
    if shape == 0:
        return f"The {a} {n} {v} the {m}."
    if shape == 1:
        return f"The {n} {v} the {a} {m} {pick(rng, ADVERBS)}."
    if shape == 2:
        return f"A {n} near the {m} was {a}."
    if shape == 3:
        return f"In the {n}, the {a} {m} {v} a {pick(rng, NOUNS)}."
    if shape == 4:
        return f"The {n} and the {m} were both {a}."
    if shape == 5:
        return f"She {v} the {n}, and he {pick(rng, VERBS)} the {m}."
    if shape == 6:
        return f"When the {n} {v} the {m}, every {pick(rng, NOUNS)} was {a}."
    if shape == 7:
        return f"It was a {a} {n}, as the {m} of the {pick(rng, NOUNS)} said {pick(rng, ADVERBS)}."
    if shape == 8:
        return f"They {v} {int(2 + 97 * rng.random())} of the {a} {n}s."
    return f"Nobody {v} the {m} of the {a} {n}."


def prose(rng: random.Random, characters: int) -> list[str]:
    """Sentences of about so many characters: all different, a few again and again, or any of a small stock."""
    style = rng.random()
    if style < 0.2:
        stock = list(pick(rng, REFRAINS))
    elif style < 0.35:
        stock = [sentence(rng) for _ in range(rng.randint(1, 12))]
    else:
        stock = []
    sentences: list[str] = []
    size = 0
    while size < characters:
        new = stock[len(sentences) % len(stock)] if stock else sentence(rng)
        sentences.append(new)
        size += len(new) + 1
    return sentences


REFRAINS = (
    ("The grass is green.", "The sky is blue.", "The sun is yellow.", "Here we go.", "There and back again."),
    ("The grass is green.", "The sky is blue."),
    ("Lorem ipsum dolor sit amet, consectetur adipiscing elit.",),
    ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna "
     "aliqua.", "Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat."),
    ("The quick brown fox jumps over the lazy dog.",),
    ("It was a quiet day.", "Nothing happened.", "The rain fell on the town.", "People went home."),
    ("It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.",),
    ("This is a filler sentence.", "It has nothing to say."),
    ("The river flows to the sea.", "Birds sing in the trees.", "The wind is cold today."),
)  # fmt: skip
