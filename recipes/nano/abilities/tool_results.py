"""What a tool gives back, and the sentence that tells it to the user."""

from __future__ import annotations

import json
import random
from typing import Any

from recipes.nano.abilities import values, worlds
from recipes.nano.abilities.tool_drawing import Call, cased
from recipes.nano.example import Split

_ERRORS = (
    "{} not found",
    "unknown {}",
    "no {} given",
    "{} is not available",
    "{} is locked",
    "the {} service is down",
    "access to {} denied",
    "invalid {}",
    "{} already exists",
    "too many requests for {}",
)


def shown(value: Any) -> str:
    """A value as it is said in a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return worlds.joined([str(item) for item in value])
    return str(value)


def stated(fields: dict[str, Any]) -> str:
    """``the temperature is 14 and the condition is sunny``."""
    return worlds.joined([f"the {words(name)} is {shown(value)}" for name, value in fields.items()])


def words(key: str) -> str:
    """``max_speed`` and ``maxSpeed`` as ``max speed``."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key)
    return spaced.replace("_", " ").strip()


def sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def result(rng: random.Random, split: Split, made: Call) -> tuple[str, str, list[str]]:
    """What the tool returns, the clause that tells it, and the values that must be told."""
    draw = rng.random()
    if draw < 0.1:
        about = rng.choice(("user", "server", made.tool.spec.nouns[0].replace("_", " "), worlds.noun(rng, split)))
        error = rng.choice(_ERRORS).format(about)
        content = json.dumps({rng.choice(("error", "error", "message")): error})
        if content.startswith('{"message'):
            content = json.dumps({"status": "error", "message": error})
        if rng.random() < 0.3:
            content = f"Error: {error}"
        return content, f"that did not work: {error}", [error]
    if draw < 0.16:
        return (
            rng.choice(('{"status": "ok"}', '{"success": true}', "ok", "done", '{"ok": true}', "null")),
            "done",
            ["done"],
        )
    case = "camel" if rng.random() < 0.15 else "snake"
    specs = made.tool.spec.results
    drawn = [(cased(name.split("_"), case), values.draw(kind, rng, split).value) for name, kind in specs]
    if draw < 0.22:
        value = drawn[0][1]
        return (value if isinstance(value, str) else json.dumps(value)), f"the result is {shown(value)}", [shown(value)]
    if draw < 0.32:
        text = sentence(stated(dict(drawn)))
        return text, text, [shown(value) for _, value in drawn]
    if draw < 0.38:
        rows = [
            {cased(name.split("_"), case): values.draw(kind, rng, split).value for name, kind in specs[:2]}
            for _ in range(2)
        ]
        told = "; ".join(", ".join(f"{words(key)} {shown(value)}" for key, value in row.items()) for row in rows)
        return json.dumps(rows), f"found 2: {told}", [shown(value) for row in rows for value in row.values()]
    fields = dict(drawn)
    echoes = [
        (key, value) for key, value in made.arguments.items() if isinstance(value, (str, int)) and key not in fields
    ]
    if echoes and rng.random() < 0.25 and len(str(echoes[0][1])) < 16:  # results often repeat what was asked
        fields = {echoes[0][0]: echoes[0][1], **fields}
    if rng.random() < 0.06:
        content = "\n".join(f"{words(key)}: {shown(value)}" for key, value in fields.items())
    else:
        content = json.dumps(fields if rng.random() < 0.9 else {"result": fields})
    return content, stated(fields), [shown(value) for value in fields.values()]


def answer(calls: list[Call], clauses: list[str]) -> str:
    """The sentences after the results of these calls."""
    first = [next(iter(one.arguments.values()), None) for one in calls]
    same = len({one.tool.name for one in calls}) == 1 and len(calls) > 1
    if same and all(isinstance(value, (str, int)) for value in first) and len(set(map(str, first))) == len(calls):
        return " ".join(f"{shown(value)}: {sentence(text)}" for value, text in zip(first, clauses, strict=True))
    return " ".join(sentence(text) for text in clauses)
