"""A tool as a client offers it - its name, its schema - and a request that it fits."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from recipes.nano.abilities import values
from recipes.nano.abilities.tool_specs import Parameter, Template, ToolSpec
from recipes.nano.example import Split


@dataclass(frozen=True)
class Tool:
    spec: ToolSpec
    name: str
    keys: dict[str, str]  # of each slot, the parameter's name
    definition: dict[str, Any]


@dataclass(frozen=True)
class Call:
    tool: Tool
    arguments: dict[str, Any]
    given: dict[str, values.Value]  # by slot


@dataclass(frozen=True)
class Style:
    """What the tools of one list have in common."""

    case: str
    parameter_case: str
    dialect: str
    describe: float  # how many parameters have a description


def style(rng: random.Random) -> Style:
    case = rng.choices(("snake", "camel", "kebab", "pascal", "space", "turned", "noun"), (48, 20, 7, 3, 10, 6, 6))[0]
    return Style(
        case,
        "camel" if case in ("camel", "pascal") or rng.random() < 0.1 else "snake",
        rng.choices(("plain", "strict", "titles", "required first"), (73, 14, 5, 8))[0],
        rng.choice((0.0, 0.0, 0.5, 1.0)),
    )


def cased(words: list[str], case: str) -> str:
    if case in ("camel", "pascal"):
        text = "".join(word.capitalize() for word in words)
        return text if case == "pascal" else text[0].lower() + text[1:]
    return ("-" if case == "kebab" else "_").join(words)


def _name(rng: random.Random, spec: ToolSpec, look: Style) -> str:
    verb, noun = rng.choice(spec.verbs).split("_"), rng.choice(spec.nouns).split("_")
    if look.case == "space" and spec.domain not in noun:
        return cased([*spec.domain.split("_"), *verb, *noun], "snake")
    if look.case == "turned":
        return cased([*noun, *verb], "snake")
    if look.case == "noun" and len(noun) > 1:
        return cased(noun, "snake")
    return cased([*verb, *noun], look.case)


def _described(rng: random.Random, split: Split, parameter: Parameter, words: str) -> str:
    sort = parameter.kind.partition(" ")[0]
    if sort not in ("bool", "enum", "message", "list", "ints") and rng.random() < 0.12:
        # A sample is no value of the request.
        sample = values.draw(parameter.kind, rng, split).text
        return f"{rng.choice(('The ', ''))}{words}, {rng.choice(('e.g.', 'for example', 'such as'))} {sample}"
    if sort == "bool":
        return f"True for {parameter.kind.partition(' ')[2].partition('/')[0]}"
    if sort in ("city", "email", "date", "time", "url", "file") and sort not in words and rng.random() < 0.5:
        return f"The {words}, a {'path' if sort == 'file' else sort}"
    return rng.choice((f"The {words}", words.capitalize()))


def _schema(rng: random.Random, split: Split, spec: ToolSpec, look: Style, keys: dict[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in spec.parameters:
        key, schema = keys[parameter.slot], dict(values.schema_of(parameter.kind))
        words = parameter.names[0].replace("_", " ")
        if look.dialect == "titles":
            if not parameter.required and "enum" not in schema and rng.random() < 0.3:
                schema = {"anyOf": [schema, {"type": "null"}], "default": None}
            schema["title"] = key.replace("_", " ").title()
        if rng.random() < look.describe or (schema.get("type") == "boolean" and rng.random() < 0.5):
            schema["description"] = _described(rng, split, parameter, words)
        if parameter.group:
            inner = properties.setdefault(parameter.group, {"type": "object", "properties": {}, "required": []})
            inner["properties"][key] = schema
            inner["required"].append(key)
            if parameter.group not in required:
                required.append(parameter.group)
            continue
        properties[key] = schema
        if parameter.required:
            required.append(key)
    whole: dict[str, Any] = {"type": "object"}
    if look.dialect == "required first" and required:
        whole |= {"required": required, "properties": properties}
    else:
        whole["properties"] = properties
        if required:
            whole["required"] = required if rng.random() < 0.8 else required[::-1]
    if look.dialect == "strict":
        whole["additionalProperties"] = False
    return whole


def tool(rng: random.Random, split: Split, spec: ToolSpec, look: Style) -> Tool:
    keys: dict[str, str] = {}
    for parameter in spec.parameters:
        free = [name for name in parameter.names if cased(name.split("_"), look.parameter_case) not in keys.values()]
        name = parameter.names[0] if rng.random() < 0.4 and parameter.names[0] in free else rng.choice(free)
        keys[parameter.slot] = cased(name.split("_"), look.parameter_case)
    function: dict[str, Any] = {"name": _name(rng, spec, look)}
    if rng.random() < 0.95:
        function["description"] = rng.choice(spec.descriptions) + rng.choice(("", "", "."))
        if rng.random() < 0.08:
            stop = "" if function["description"].endswith(".") else "."
            function["description"] += f"{stop} Returns the {spec.results[0][0].replace('_', ' ')}."
    function["parameters"] = _schema(rng, split, spec, look, keys)
    return Tool(spec, function["name"], keys, {"type": "function", "function": function})


def call(made: Tool, given: dict[str, values.Value]) -> Call:
    """The arguments that these values make, in the schema's order."""
    arguments: dict[str, Any] = {}
    for parameter in made.spec.parameters:
        if parameter.group:
            inner = arguments.setdefault(parameter.group, {})
            inner[made.keys[parameter.slot]] = given[parameter.slot].value
        elif parameter.slot in given:
            arguments[made.keys[parameter.slot]] = given[parameter.slot].value
    return Call(made, arguments, given)


def rendered(
    rng: random.Random, template: Template, drawn: dict[str, values.Value]
) -> tuple[str, dict[str, values.Value]]:
    """A request, and the values that it gives."""
    text = "".join(piece for piece, optional in template if not optional or rng.random() < 0.5)
    given = {slot: value for slot, value in drawn.items() if "{" + slot + "}" in text}
    return text.format(**{slot: value.text for slot, value in given.items()}), given


def request(rng: random.Random, split: Split, made: Tool) -> tuple[str, Call]:
    """A request that the tool fits, and the call."""
    drawn = {
        parameter.slot: values.draw(values.other(parameter.kind, rng, split), rng, split)
        for parameter in made.spec.parameters
    }
    text, given = rendered(rng, rng.choice(made.spec.templates), drawn)
    return text, call(made, given)
