"""Greetings, questions about Nano and Quatre, and the refusal of everything that is outside Nano's world."""

from __future__ import annotations

import random

from recipes.nano.abilities import outside
from recipes.nano.abilities.intents import INTENTS, Intent
from recipes.nano.example import Effort, Example, Split

NAME = "small_talk"

REFUSALS = 0.42  # of all examples: what is outside is wider than what is inside
OPENINGS = ("Hi, ", "Hello, ", "Hey, ", "Hi! ", "Hello! ", "Nano, ", "So, ", "OK, ", "And ", "Please: ", "Question: ")
SOCIAL = ("greeting", "how-are-you", "thanks", "bye", "praise")
REWORDINGS = (
    (
        "How do I ",
        "How can I |How to |How would I |Tell me how to |Show me how to |I want to know how to |How should I ",
    ),
    ("How can I ", "How do I |How to |Tell me how to |Is there a way to "),
    ("What is your ", "What's your |Tell me your |Can you tell me your |May I know your |I want to know your "),
    ("What is the ", "What's the |Tell me the |Can you tell me the |Do you know the |I need the "),
    ("What is ", "What's |Do you know what this is: |Can you tell me what this is: |What exactly is "),
    ("Can you ", "Could you |Are you able to |Can Nano |Please tell me if you can |Would you |I wonder if you can "),
    ("Can I ", "Could I |May I |Is it possible to |I want to |Am I able to |I would like to "),
    ("Do you ", "Does Nano |Tell me, do you |Do you really |Do you also |Please tell me: do you "),
    ("Are you ", "Are you really |Tell me, are you |So are you |Is it true that you are |Are you maybe |Aren't you "),
    ("Which ", "Tell me which |Please say which |What "),
    ("Is ", "Tell me, is |So is |I wonder: is "),
    ("Tell me ", "Please tell me |Can you tell me |Could you tell me |I want you to tell me |Say |Let me know "),
    ("Write ", "Please write |Can you write |Could you write |I want you to write |I need you to write |Now write "),
    ("Explain ", "Please explain |Can you explain |Could you explain |I want you to explain |Explain to me "),
    ("How many ", "Tell me how many |Do you know how many |I wonder how many "),
    ("Who ", "Tell me who |Do you know who |Can you tell me who "),
    ("Where ", "Tell me where |Do you know where |Can you say where "),
    ("Why ", "Tell me why |Do you know why |Can you say why "),
)
"""Other beginnings, used in training only, so that the wordings of the test stay unseen."""


def plain(text: str) -> str:
    """``text`` without case and punctuation."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


UNSEEN = frozenset(plain(text) for intent in INTENTS for text in intent.test)


def _reword(rng: random.Random, text: str) -> str:
    for start, others in REWORDINGS:
        if text.startswith(start):
            return rng.choice(others.split("|")) + text[len(start) :]
    return text


def _vary(rng: random.Random, text: str, split: Split, social: bool = False) -> str:
    """The same request as another person would type it."""
    if split == "train" and rng.random() < 0.35:
        text = _reword(rng, text)
    draw = rng.random()
    if draw < 0.15 and not social:
        opening = rng.choice(OPENINGS)
        keep = text.startswith(("I ", "I'", "Nano", "Quatre", "Mistral", "JSON"))
        text = opening + (text if keep else text[0].lower() + text[1:])
    elif draw < 0.3:
        text = text[0].lower() + text[1:]
    draw = rng.random()
    if draw < 0.15:
        text = text.rstrip("?!.")
    elif draw < 0.2:
        text = text.rstrip("?!.").lower()
    elif draw < 0.35 and text[-1] not in "?!.":
        text += "."
    elif draw < 0.38 and text[-1] != "?":
        text += "!"
    return text.rstrip()


Turn = tuple[str, str, str, dict[str, list[str]]]  # request, thought, answer, what is expected of it


def _inside(rng: random.Random, split: Split, intent: Intent) -> tuple[str, Turn]:
    asked = rng.choice(intent.test if split == "test" else intent.train)
    expect = {"contains": list(intent.contains)}
    if intent.excludes:
        expect["excludes"] = list(intent.excludes)
    while True:
        text = _vary(rng, asked, split, intent.name in SOCIAL)
        if split == "test" or plain(text) not in UNSEEN:
            return asked, (text, intent.thought, intent.answer, expect)


def _outside(rng: random.Random, split: Split) -> tuple[str, Turn]:
    asked = outside.request(rng, split)
    return asked, (_vary(rng, asked, split), "Outside.", outside.ANSWER, {"contains": ["outside my small world"]})


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """Something said to Nano, and its answer."""
    if rng.random() < REFUSALS:
        kind = "refusal"
        key, (asked, thought, answer, expect) = _outside(rng, split)
    else:
        intent = rng.choice(INTENTS)
        kind = intent.name
        key, (asked, thought, answer, expect) = _inside(rng, split, intent)
    reply = {"role": "assistant", "content": answer}
    if effort == "high":
        reply["reasoning_content"] = thought
    return Example(
        ability=NAME,
        kind=kind,
        messages=({"role": "user", "content": asked}, reply),
        effort=effort,
        expect=expect,
        key=key,
    )
