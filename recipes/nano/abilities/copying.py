"""Saying again what was said: the first skill of tool calls, extraction and long texts, in a few tokens each."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from recipes.nano import vocabulary
from recipes.nano.abilities import worlds
from recipes.nano.abilities.stems import ENDS
from recipes.nano.example import Effort, Example, Split

NAME = "copying"


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A text to repeat, a list to write in another form, or pairs and questions about some."""
    kind = rng.choices(list(MAKERS), (20, 10, 40, 30))[0]
    messages, answer = MAKERS[kind](rng, split)
    return Example(
        ability=NAME,
        kind=kind,
        messages=tuple(messages),
        effort=effort,
        expect={"text": answer},
        key=answer,
    )


def _echo(rng: random.Random, split: Split) -> tuple[list[dict[str, Any]], str]:
    return _repeated(rng, " ".join(_word(rng, split) for _ in range(rng.randint(2, 12))))


def _pieces(rng: random.Random, split: Split) -> tuple[list[dict[str, Any]], str]:
    """Any parts of words in any order: nothing about them can be foreseen but by looking back."""
    while True:
        text = "".join(rng.choices(pieces(), k=int(2 ** rng.uniform(2, 7.3)))).strip()
        if text and worlds.split_of(text) == split:
            return _repeated(rng, text)


@cache
def pieces() -> list[str]:
    """What tokens stand for, those that are whole characters."""
    return [token["token_str"] for token in vocabulary.vocabulary()["vocab"] if token["token_str"]]


def _repeated(rng: random.Random, text: str) -> tuple[list[dict[str, Any]], str]:
    return [
        {"role": "user", "content": rng.choice(ECHO).format(text=text)},
        {"role": "assistant", "content": text},
    ], text


def _list(rng: random.Random, split: Split) -> tuple[list[dict[str, Any]], str]:
    """The same items in two forms: the token of a word after a space is not that of the word after a quotation mark."""
    items: list[str] = []
    count = rng.randint(2, 14)
    while len(items) < count:
        if (item := _item(rng, split)) not in items:
            items.append(item)
    source, target = rng.sample(list(LISTS), 2)
    answer = LISTS[target](items)
    asked = rng.choice(AS).format(text=LISTS[source](items), form=rng.choice(NAMED[target]))
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}], answer


def _item(rng: random.Random, split: Split) -> str:
    """One or two words, of every sort that the vocabulary has."""
    draw = rng.random()
    if draw < 0.2:
        return f"{_item(rng, split)} {_item(rng, split)}"
    if draw >= 0.8:
        return _word(rng, split)
    while True:
        word = rng.choice(whole_words()) + (rng.choice(ENDS) if draw >= 0.6 else "")
        if worlds.split_of(word) == split:
            return word


@cache
def whole_words() -> list[str]:
    """What has a token of its own after a space, and so another one at the beginning of a text."""
    return [piece[1:] for piece in pieces() if piece[0] == " " and piece[1:].isalpha()]


def _look_up(rng: random.Random, split: Split) -> tuple[list[dict[str, Any]], str]:
    pairs: dict[str, str] = {}
    for _ in range(rng.randint(2, 14)):
        pairs[_word(rng, split)] = " ".join(_word(rng, split) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    form, question = rng.choice(FORMS)
    text = rng.choice(("\n", "\n", ", ", "; ", " ")).join(form.format(k=key, v=value) for key, value in pairs.items())
    messages: list[dict[str, Any]] = []
    for key in rng.sample(list(pairs), min(len(pairs), rng.randint(1, 7))):
        asked = question.format(k=key)
        messages.append({"role": "user", "content": asked if messages else f"{text}\n{asked}"})
        messages.append({"role": "assistant", "content": pairs[key]})
    return messages, messages[-1]["content"]


def _word(rng: random.Random, split: Split) -> str:
    """A word, a name, a made-up word or a number."""
    kind = rng.random()
    if kind < 0.35:
        return worlds.noun(rng, split)
    if kind < 0.65:
        return worlds.pseudo(rng, split)
    if kind < 0.8:
        return worlds.first_name(rng, split)
    return str(rng.randint(0, 10 ** rng.randint(1, 6)))


MAKERS = {"pieces": _pieces, "echo": _echo, "list": _list, "look-up": _look_up}
LISTS: dict[str, Callable[[list[str]], str]] = {
    "json": lambda items: json.dumps(items, ensure_ascii=False),
    "object": lambda items: json.dumps({item: i for i, item in enumerate(items, 1)}, ensure_ascii=False),
    "quotes": lambda items: " ".join(f'"{item}"' for item in items),
    "commas": ", ".join,
    "lines": "\n".join,
    "bullets": lambda items: "\n".join(f"- {item}" for item in items),
    "sentence": lambda items: worlds.joined(items) + ".",
    "slashes": "/".join,
}
NAMED = {
    "json": ("JSON", "a JSON list", "a JSON array"),
    "object": ("a JSON object with numbers", "JSON, numbered"),
    "quotes": ("words in quotes", "quoted words"),
    "commas": ("a list with commas", "items with commas"),
    "lines": ("lines", "one item per line"),
    "bullets": ("bullets", "a list of bullets"),
    "sentence": ("a sentence", "one sentence"),
    "slashes": ("a path", "items with slashes"),
}
AS = ("Write this as {form}: {text}", "As {form}: {text}", "{text}\nWrite it as {form}.", "Turn this into {form}.\n{text}",
      "Give me {form}: {text}", "{text}\nAs {form}, please.")  # fmt: skip
ECHO = ("Repeat: {text}", "Repeat after me: {text}", "Say: {text}", "Copy this text.\n{text}", "{text}\nRepeat it.", "Echo {text}",
        "Please repeat \"{text}\".", "Say '{text}'.", "Write exactly: {text}", "Repeat this word for word: {text}")  # fmt: skip
FORMS = (("{k}: {v}", "What is {k}?"), ("{k} is {v}", "What is {k}?"), ("{k} = {v}", "{k}?"), ("{k} -> {v}", "{k} ->"),
         ("the {k} is {v}", "What is the {k}?"), ('"{k}": "{v}"', "{k}?"), ("{k} has {v}", "What does {k} have?"),
         ("{k} likes {v}", "What does {k} like?"))  # fmt: skip
