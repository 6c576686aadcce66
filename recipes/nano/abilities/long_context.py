"""Finding one thing in a long text: a record among records, a record among sentences, or a needle in prose."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from recipes.nano.abilities.haystack import (
    FORMS,
    KEYS,
    NUMERIC,
    TEXTUAL,
    VALUES,
    Form,
    distinct,
    pick,
    prose,
)
from recipes.nano.abilities.haystack_words import NAMES, PLACES, THINGS
from recipes.nano.example import Effort, Example, Split

NAME = "long_context"
PER_TOKEN = 3.2  # characters
SHORTEST, LONGEST = 100, 1200  # tokens of an example of unsaid size

# a record, its value, a question for it, and what to look for and find: from the key in the record to the value, or back
Asked = tuple[str, str, str, str]


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A text of 100 to 1,200 tokens (short ones as often as long ones, in octaves), and a question about it."""
    tokens = math.exp(rng.uniform(math.log(SHORTEST), math.log(LONGEST)))
    return example_of(rng, split, effort, int(tokens * PER_TOKEN))


def example_of(
    rng: random.Random, split: Split, effort: Effort, characters: int, questions: int | None = None
) -> Example:
    """A text of about so many characters; when it trains, often with several questions in turn, or with so many."""
    kind, make = pick(rng, KINDS)
    if questions is None:
        questions = pick(rng, (1, 2, 3, 5, 8)) if split == "train" else 1
    text, asked = make(rng, split, characters, questions)
    tail = pick(rng, TAILS) if rng.random() < 0.4 else ""
    first = asked[0][2] + tail
    messages: list[dict[str, Any]] = []
    place = rng.random()
    if place < 0.1:
        messages += [{"role": "system", "content": pick(rng, HEADS) + text}, {"role": "user", "content": first}]
    elif place < 0.3:
        messages += [{"role": "user", "content": first + pick(rng, ("\n\n", "\n\n", "\n")) + text}]
    else:
        gap = " " if text.endswith(".") and rng.random() < 0.2 else pick(rng, GAPS)
        messages += [{"role": "user", "content": pick(rng, HEADS) + text + gap + first}]
    for number, (_, value, question, found) in enumerate(asked):
        if number:
            messages.append({"role": "user", "content": question + tail})
        answer = {"role": "assistant", "content": value}
        if effort == "high":
            answer["reasoning_content"] = f"Found: {found}"
        messages.append(answer)
    size = min(SIZES, key=lambda tokens: abs(math.log(characters / (tokens * PER_TOKEN))))
    return Example(
        ability=NAME,
        kind=f"{kind}-{size}",
        messages=tuple(messages),
        effort=effort,
        expect={"text": asked[-1][1]},
        key=asked[-1][1],
    )


SIZES = (250, 500, 1000, 2000, 4000, 8000, 16000)  # tokens, as kinds name them

HEADS = ("", "", "", "Here is a list:\n", "Here is a text:\n\n", "Read this text carefully.\n\n", "Read the following.\n",
         "Text:\n", "Context:\n", "Document:\n\n", "Notes:\n", "Memorize this:\n", "Look at these lines:\n", "Data:\n",
         "Some information is hidden in this text. Find it and memorize it.\n\n", "Log:\n", "Here are my notes.\n\n",
         "Below is a long text.\n---\n", "I will ask you about this:\n\n", "Records:\n\n")  # fmt: skip
GAPS = ("\n\n", "\n\n", "\n\n", "\n", "\n\nQuestion: ", "\nQ: ", "\n---\n", "\n\nNow answer: ", "\n\nFrom the above: ",
        "\n\n\n")  # fmt: skip
TAILS = (" Answer with the value only.", " Just the value.", " Reply with nothing else.", " Only the value, please.",
         " Answer in one word.", " Be brief.", " Give only the answer.", " Answer briefly.", " Thanks.")  # fmt: skip


def records(rng: random.Random, split: Split, characters: int, questions: int) -> tuple[str, list[Asked]]:
    """Records and nothing else, mostly of one form."""
    if characters < 400 or rng.random() < 0.8:
        form = _form(rng, split)
        lines = _lines(rng, split, form, characters - len(form.head), questions, set())
        text = form.head.format() + form.joint.join(line for line, *_ in lines) + form.tail.format()
    else:
        taken: set[str] = set()
        forms = rng.randint(2, 4)
        lines = [
            line for _ in range(forms) for line in _lines(rng, split, _form(rng, split), characters // forms, 1, taken)
        ]
        rng.shuffle(lines)
        text = "\n".join(line.strip() for line, *_ in lines)
    return text, rng.sample(lines, min(len(lines), questions))


def among_prose(rng: random.Random, split: Split, characters: int, questions: int) -> tuple[str, list[Asked]]:
    """A few records of one form, each somewhere among sentences."""
    form = _form(rng, split, prose=True)
    lines = _lines(rng, split, form, int(characters * rng.uniform(0.02, 0.5)), max(questions, 2), set())
    sentences = prose(rng, characters - sum(len(line) for line, *_ in lines))
    for line, *_ in lines:
        sentences.insert(int(rng.random() * (len(sentences) + 1)), line)
    return pick(rng, (" ", " ", "\n")).join(sentences), rng.sample(lines, questions)


def needle(rng: random.Random, split: Split, characters: int, _: int) -> tuple[str, list[Asked]]:
    """One thing said once in a text about nothing."""
    what, numeric = pick(rng, SECRETS)
    value = distinct(rng, split, VALUES[pick(rng, NUMERIC if numeric else (*NUMERIC, *TEXTUAL))], 1, set())[0]
    owner = pick(rng, OWNERS) if rng.random() < 0.4 else ""
    what += owner.format(name=pick(rng, NAMES), place=pick(rng, PLACES), thing=pick(rng, THINGS))
    record = pick(rng, SAYINGS[split if rng.random() < 0.5 else "train"]).format(what=what, v=value)
    sentences = prose(rng, characters - len(record))
    sentences.insert(rng.randint(0, len(sentences)), record)
    text = pick(rng, (" ", " ", " ", "\n", "\n\n")).join(sentences)
    return text, [(record, value, pick(rng, WORDINGS).format(what=what), _between(record, what, value))]


Kind = Callable[[random.Random, Split, int, int], tuple[str, list[Asked]]]
KINDS: tuple[tuple[str, Kind], ...] = (
    ("records", records),
    ("records", records),
    ("among-prose", among_prose),
    ("needle", needle),
)

SECRETS = (("secret number", True), ("secret code", False), ("secret word", False), ("magic number", True),
           ("special number", True), ("lucky number", True), ("pass key", True), ("passkey", False), ("password", False),
           ("access code", False), ("hidden code", False), ("code", False), ("code word", False), ("PIN", True),
           ("token", False), ("key", False), ("secret", False), ("passphrase", False), ("number", True),
           ("special magic number", True), ("combination", True), ("phone number", True), ("room number", True),
           ("launch code", False), ("answer", False), ("serial number", False), ("secret key", False))  # fmt: skip
OWNERS = (" of {name}", " for {place}", " for the vault", " of the safe", " for the north gate", " of the {thing}",
          " for the server room", " of the garden door", " for today", " for the project", " of the library",
          " for {name}", " for the {thing}", " of the laboratory", " for the wifi", " in {place}")  # fmt: skip
SAYINGS: dict[Split, tuple[str, ...]] = {
    "train": (
        "The {what} is {v}.", "The {what} is {v}.", "The {what} is: {v}.", "Remember: the {what} is {v}.",
        "Note that the {what} is {v}.", "Important: the {what} is {v}.", "By the way, the {what} is {v}.",
        "Please remember that the {what} is {v}.", "The {what} was {v}.", "The {what}: {v}.", "Do not forget: the {what} is {v}.",
        "He whispered that the {what} is {v}.", "Someone wrote on the wall that the {what} is {v}.",
        "NOTE: The {what} is {v}.", "And {v} is the {what}.", "{v} is the {what}.", "The {what} is {v}. Remember it.",
        "The {what} is {v}. Remember it. {v} is the {what}.", "The {what} is '{v}'.", 'The {what} is "{v}".',
        "It is said that the {what} is {v}.", "Keep in mind that the {what} is {v}.", "My {what} is {v}.",
        "One more thing: the {what} is {v}.", "The {what} has been set to {v}.", "The {what} is {v}, she said.",
    ),
    "test": (
        "Nobody should know that the {what} is {v}.", "As for the {what}, it is {v}.", "The new {what} is {v}.",
        "Use {v} as the {what}.", "Fact: the {what} is {v}.", "I tell you: the {what} is {v}!",
    ),
}  # fmt: skip
WORDINGS = (
    "What is the {what}?", "What is the {what}?", "What's the {what}?", "Tell me the {what}.",
    "Find the {what}.", "Which is the {what}?", "What was the {what}?", "Give me the {what}.", "Please tell me the {what}.",
    "What is the {what} in the text?", "What is the {what} mentioned in the text?", "According to the text, what is the {what}?",
    "Do you remember the {what}?", "Say the {what}.", "Look for the {what} and give it.", "What is the {what} hidden in the text?",
    "Somewhere the {what} is given. What is it?", "Can you find the {what}?", "I need the {what}.",
)  # fmt: skip


def _form(rng: random.Random, split: Split, *, prose: bool = False) -> Form:
    """A form of the split; tests also see those of training, with other keys and values."""
    forms = FORMS[split if rng.random() < 0.5 else "train"]
    return pick(rng, [form for form in forms if form.prose or not prose])


def _lines(
    rng: random.Random, split: Split, form: Form, characters: int, at_least: int, taken: set[str]
) -> list[Asked]:
    """Records of about so many characters, no key or value of which stands in another."""
    value_kind = pick(rng, form.values)
    kind = pick(rng, form.keys)
    for other in (kind, *form.keys):
        size = len(form.line) - 6 + len(form.joint) + len(KEYS[other][0](rng)) + len(VALUES[value_kind](rng))
        count = max(at_least, characters // size)
        if count <= KEYS[other][1]:
            kind = other
            break
    keys = distinct(rng, split, KEYS[kind][0], count, taken)
    values = distinct(rng, split, VALUES[value_kind], count, taken)
    return [
        (line := form.line.format(k=key, v=value), value, pick(rng, form.ask).format(k=key), _between(line, key, value))
        for key, value in zip(keys, values, strict=False)  # either may have run out
    ]


def _between(record: str, key: str, value: str) -> str:
    """From the key, which a question has, to the value: what is copied up to there tells where to read on."""
    start, end = record.find(key), record.rfind(value)
    return record[start : end + len(value)] if start < end else f"{key} {value}"
