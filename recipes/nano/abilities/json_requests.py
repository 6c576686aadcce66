"""How developers ask for JSON: with lists of keys, skeletons, documented schemas. For training alone."""

from __future__ import annotations

import json
import random
from typing import Any

from recipes.nano.abilities import schema_forms, tool_results, worlds

Schema = dict[str, Any]
Messages = list[dict[str, Any]]

_KEYS = (
    "Return a JSON object with the keys {k}.",
    "Answer with a JSON object that has the keys {k}.",
    "Give me a JSON object with the fields {k}.",
    "Return JSON with the keys {k}.",
    "Return JSON with these keys: {k}",
    "Return only a JSON object with the following keys: {k}.",
    "Extract {k} as JSON.",
    "Extract {k} from the following text. Reply in JSON.",
    "Please extract {k} and answer with JSON only.",
    "I need {k} from this text. Output JSON.",
    "Parse this into JSON with {k}:",
    "JSON with {k}, please.",
    "Produce a JSON object ({k}) from the text.",
    "Get me {k} as a JSON object.",
    "Which {k} does the text give? JSON only.",
)
LIST = (
    "Extract the following fields from the text and return JSON only:",
    "Extract these fields as JSON:",
    "Return a JSON object with these fields:",
    "From the text below, extract:",
    "I need the following information as JSON:",
    "Read the text and output a JSON object with",
    "Fields to extract:",
    "Fill in these fields and answer in JSON:",
    "The JSON must have these keys:",
)
_SHAPE = (
    "Answer with JSON of exactly this shape:",
    "Return JSON in this format:",
    "Use this format:",
    "Respond with JSON like this:",
    "Fill in this template:",
    "Complete this JSON from the text:",
    "Your answer must look like this:",
)
_BY_SCHEMA = (
    "Extract the information from the following text as JSON that matches this schema:",
    "Return a JSON object that conforms to the following JSON Schema:",
    "Answer with JSON that is valid under this schema:",
    "Respond only with JSON following this JSON schema:",
    "Extract the data. JSON schema:",
    "Output must validate against this schema:",
    "You will be given a text. Return JSON according to the schema.\nSchema:",
)
_BY_TYPE = (
    "Convert to JSON of type:",
    "Return JSON of this TypeScript type:",
    "Give me an object of this type as JSON:",
    "Extract the text into this interface, as JSON:",
    "Answer with a JSON value of this type:",
)
_MARKERS = ("- {}", "- {}", "- {}", "* {}", "• {}", "{n}. {}", "{n}) {}", "{}")
_TYPES = ("{k} ({t})", "{k} ({t})", "{k}: {t}", "{k} - {t}", "`{k}` ({t})", "{k} <{t}>", '"{k}": {t}')
_TEXTS = (
    "{}",
    "{}",
    "Text: {}",
    "Text:\n{}",
    "Input: {}",
    "Input:\n{}",
    "Here is the text:\n{}",
    "Document:\n{}",
    '"{}"',
    '"""\n{}\n"""',
    "```\n{}\n```",
    "<document>\n{}\n</document>",
    "The text is: {}",
    "Message: {}",
)
_SYSTEM = (
    "You extract structured data.",
    "You are a data extraction assistant. Answer with JSON only.",
    "Extract the information from the text.",
    "You turn text into JSON.",
    "Only output JSON.",
)


def messages(rng: random.Random, text: str, schema: Schema, null: str) -> tuple[str, Messages]:
    """Which of ``schema_forms.FORMS`` it is most like, and the request. ``schema`` is that of an object; ``null``: what
    is said about missing fields."""
    flat = all(one["type"] not in ("object", "array") for one in schema["properties"].values())
    ways = [(_documented, 3.0), (_typed, 1.2), (_skeleton, 1.5)]
    if flat or rng.random() < 0.5:
        ways += [(_named, 3.0), (_listed, 3.0)]
    form, ask = rng.choices([way for way, _ in ways], [share for _, share in ways])[0](rng, schema)
    ask += null if ask.endswith(".") else null.replace(" ", "\n", 1)
    shown = rng.choice(_TEXTS).format(text)
    if rng.random() < 0.15:
        return form, [{"role": "system", "content": ask}, {"role": "user", "content": rng.choice((text, shown))}]
    joint = rng.choice(("\n\n", "\n\n", "\n"))
    made: Messages = [{"role": "user", "content": ask + joint + shown if rng.random() < 0.7 else shown + joint + ask}]
    if rng.random() < 0.12:
        made.insert(0, {"role": "system", "content": rng.choice(_SYSTEM)})
    return form, made


def _named(rng: random.Random, schema: Schema) -> tuple[str, str]:
    quote = rng.choice(("{}", "{}", "{}", '"{}"', "`{}`"))
    keys = [quote.format(key) for key in _paths(schema)]
    said = ", ".join(keys) if rng.random() < 0.5 else worlds.joined(keys)
    return "fields", rng.choice(_KEYS).format(k=said)


def _paths(schema: Schema) -> list[str]:
    """Names of all fields, with those within an object or a list behind its name."""
    found = []
    for key, one in schema["properties"].items():
        inner = one.get("items", one)
        found.append(f"{key} ({', '.join(inner['properties'])})" if "properties" in inner else key)
    return found


def _listed(rng: random.Random, schema: Schema) -> tuple[str, str]:
    typed, described = rng.random() < 0.7, rng.random() < 0.3
    marker, form = rng.choice(_MARKERS), rng.choice(_TYPES)
    lines = []
    for number, (key, one) in enumerate(schema["properties"].items()):
        line = form.format(k=key, t=_type(one)) if typed else key
        line += f": {_about(rng, key)}" if described and rng.random() < 0.6 else ""
        lines.append(marker.format(line, n=number + 1))
    if rng.random() < 0.12:
        return "typed fields" if typed else "fields", f"{rng.choice(LIST)} {', '.join(line for line in lines)}"
    return "typed fields" if typed else "fields", rng.choice(LIST) + "\n" + "\n".join(lines)


def _type(one: Schema) -> str:
    kind, null = one["type"], False
    if isinstance(kind, list):
        kind, null = kind[0], True
    if "enum" in one:
        said = " | ".join(json.dumps(word) for word in one["enum"] if word)
    elif kind == "array":
        items = one["items"]
        said = f"list of {{{', '.join(items['properties'])}}}" if "properties" in items else f"list of {items['type']}s"
    else:
        said = f"object with {', '.join(one['properties'])}" if kind == "object" else kind
    return said + (" or null" if null else "")


def _skeleton(rng: random.Random, schema: Schema) -> tuple[str, str]:
    empty = rng.choice(({"string": "", "integer": 0, "number": 0.0, "boolean": False}, {}))

    def blank(one: Schema) -> Any:
        kind = one["type"][0] if isinstance(one["type"], list) else one["type"]
        if kind == "object":
            return {key: blank(inner) for key, inner in one["properties"].items()}
        if kind == "array":
            return [blank(one["items"])]
        return empty.get(kind, f"<{kind}>" if empty else "...")

    return "placeholders", f"{rng.choice(_SHAPE)}\n{json.dumps(blank(schema), indent=rng.choice((None, None, 2)))}"


def _typed(rng: random.Random, schema: Schema) -> tuple[str, str]:
    name = rng.choice(("Result", "Data", "Item", "Answer", "Info"))
    return "typescript", f"{rng.choice(_BY_TYPE)}\n\ninterface {name} {schema_forms.typescript(schema)}"


def _documented(rng: random.Random, schema: Schema) -> tuple[str, str]:
    """A JSON schema as programs write them."""
    closed, described = rng.random() < 0.6, rng.choice((0.0, 0.0, 0.4, 1.0))

    def full(one: Schema, key: str = "") -> Schema:
        made: Schema = {}
        for name, value in one.items():
            if name == "properties":
                made[name] = {inner: full(part, inner) for inner, part in value.items()}
            else:
                made[name] = full(value) if name == "items" else value
        if "properties" in one and closed:
            made["additionalProperties"] = False
        if key and "properties" not in one and rng.random() < described:
            made["description"] = _about(rng, key)
        return made

    made = full(schema)
    if rng.random() < 0.15:
        made = {"title": worlds.noun(rng, "train").capitalize(), **made}
    text = json.dumps(made, indent=rng.choice((None, None, None, 2)))
    if rng.random() < 0.25:
        text = f"```json\n{text}\n```"
    return "schema", f"{rng.choice(_BY_SCHEMA)}\n{text}"


def _about(rng: random.Random, key: str) -> str:
    said = rng.choice(("{}", "The {}", "the {} in the text", "{} as it stands in the text"))
    said = said.format(tool_results.words(key).replace("-", " "))
    return said[0].upper() + said[1:]
