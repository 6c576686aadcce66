"""Greetings, questions about Nano and Quatre, and the refusal of everything that is outside Nano's world."""

from __future__ import annotations

import random
from typing import Any

from recipes.nano.abilities import outside
from recipes.nano.abilities.intents import INTENTS, Intent
from recipes.nano.example import Effort, Example, Split

NAME = "small-talk"

REFUSALS = 0.42  # of all examples: what is outside is wider than what is inside
OPENINGS = ("Hi, ", "Hello, ", "Hey, ", "Hi! ", "Hello! ", "Nano, ", "So, ", "OK, ", "And ", "Please: ", "Question: ")
SYSTEM = (
    "You are a helpful assistant.",
    "You are a friendly assistant. Answer briefly.",
    "Be brief.",
    "Answer in one sentence.",
)


def _vary(rng: random.Random, text: str, social: bool) -> str:
    """The same words as another person would type them."""
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
    elif draw < 0.38:
        text += "?" if text[-1] == "?" else "!"
    return text.rstrip() or "?"


Turn = tuple[str, str, str, str, dict[str, list[str]]]  # kind, request, thought, answer, expect


def _outside(rng: random.Random, split: Split) -> tuple[Turn, str]:
    asked = outside.request(rng, split)
    turn = ("refusal", _vary(rng, asked, False), "Outside.", outside.ANSWER, {"contains": ["outside my small world"]})
    return turn, asked


def _inside(rng: random.Random, split: Split, intent: Intent) -> tuple[Turn, str]:
    asked = rng.choice(intent.test if split == "test" else intent.train)
    expect = {"contains": list(intent.contains)}
    if intent.excludes:
        expect["excludes"] = list(intent.excludes)
    social = intent.name in ("greeting", "how-are-you", "thanks", "bye", "praise")
    return (intent.name, _vary(rng, asked, social), intent.thought, intent.answer, expect), asked


def _turn(rng: random.Random, split: Split) -> tuple[Turn, str]:
    if rng.random() < REFUSALS:
        return _outside(rng, split)
    return _inside(rng, split, rng.choice(INTENTS))


def _messages(turn: Turn, effort: Effort) -> list[dict[str, Any]]:
    _, asked, thought, answer, _ = turn
    reply = {"role": "assistant", "content": answer}
    if effort == "high":
        reply["reasoning_content"] = thought
    return [{"role": "user", "content": asked}, reply]


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """Something said to Nano; now and then after an earlier exchange, or under a system prompt."""
    messages: list[dict[str, Any]] = []
    if rng.random() < 0.05:
        messages.append({"role": "system", "content": rng.choice(SYSTEM)})
    if rng.random() < 0.1:
        messages += _messages(_turn(rng, "train")[0], effort)
    turn, key = _turn(rng, split)
    kind, _, _, _, expect = turn
    return Example(
        ability=NAME,
        kind=kind,
        messages=(*messages, *_messages(turn, effort)),
        effort=effort,
        expect=expect,
        key=key,
    )
