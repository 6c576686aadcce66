"""JSON out of a text, by a schema never seen."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from recipes.nano.abilities import json_requests, record_texts, records, schema_forms, values, worlds
from recipes.nano.example import Effort, Example, Split

NAME = "extraction"
_KINDS = ("flat", "nested", "list", "missing", "types")
_SHARES = (28, 19, 20, 15, 18)
ALL = "All is there."
SCENES = 0.35  # of the records in training
AS_PEOPLE_ASK = 0.45  # of the requests in training
_GROUPS = worlds.Pool(
    "details info data contact address customer order item meta facts payment source main extra result"
)
_LISTS = worlds.Pool(
    "items tags names things words list entries elements keywords labels members results values topics"
)


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A text and a schema, and the JSON."""
    kind = rng.choices(_KINDS, _SHARES)[0]
    # Without a schema in the prompt, the client's response_format alone says which keys: those one would expect.
    bare = kind in ("flat", "types", "list") and rng.random() < 0.22
    text, schema, value = _MAKERS[kind](rng, split, bare)
    thought = ALL
    if bare:
        messages = _bare(rng, text)
    else:
        messages, doubted = _asked(rng, split, text, schema, kind == "missing" or rng.random() < 0.08)
        thought = _thought(value, doubted)
    answer: dict[str, Any] = {"role": "assistant", "content": json.dumps(value, ensure_ascii=False)}
    if effort == "high":
        answer["reasoning_content"] = thought
    return Example(
        ability=NAME,
        kind=kind,
        messages=(*messages, answer),
        effort=effort,
        expect={"json": value},
        response_format={"type": "json_schema", "json_schema": {"name": "data", "schema": schema}},
        key=f"{text}|{answer['content']}",
        given={len(messages): frozenset(_keys(value))} if bare else {},
    )


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(inner)


_Made = tuple[str, dict[str, Any], Any]  # text, schema, value


def _object(entries: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": entries, "required": list(entries)}


def _flat_of(entries: dict[str, values.Value]) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = _object({key: dict(value.schema) for key, value in entries.items()})
    return schema, {key: value.value for key, value in entries.items()}


def _told(rng: random.Random, split: Split, count: int, *, plain: bool = False, whole: bool = False) -> records.Told:
    """A record; in training often one that is told as people tell it, ``whole`` or not."""
    if split == "train" and rng.random() < SCENES:
        return record_texts.told(rng, plain=plain, whole=whole)
    return records.told(rng, split, count, plain=plain)


def _flat(rng: random.Random, split: Split, plain: bool) -> _Made:
    told = _told(rng, split, rng.choice((2, 3, 3, 4, 5)), plain=plain)
    if plain:
        return told.text, *_flat_of(told.entries)
    entries = dict(records.renamed(rng, split, told.entries))
    if len(entries) > 2 and rng.random() < 0.3:  # the text tells more than is asked for
        del entries[rng.choice(list(entries))]
    if rng.random() < 0.3:
        entries = {key: entries[key] for key in rng.sample(list(entries), len(entries))}
    schema, value = _flat_of(entries)
    return told.text, schema, value


def _types(rng: random.Random, split: Split, plain: bool) -> _Made:
    for _ in range(20):
        told = _told(rng, split, rng.choice((3, 4, 4, 5)), plain=plain)
        entries = {
            key: value
            for key, value in told.entries.items()
            if plain or value.schema["type"] != "string" or "enum" in value.schema or rng.random() < 0.25
        }
        if len(entries) >= 2:
            break
    schema, value = _flat_of(entries)
    return told.text, schema, value


def _missing(rng: random.Random, split: Split, _: bool) -> _Made:
    told = _told(rng, split, rng.choice((2, 3, 3, 4)), whole=True)
    absent = list(told.untold or ()) or _absent(rng, split, told)
    absent = rng.sample(absent, min(len(absent), rng.choice((1, 1, 2))))
    keys = [*told.entries, *absent]
    rng.shuffle(keys)
    properties: dict[str, Any] = {}
    value: dict[str, Any] = {}
    every = rng.random() < 0.6
    for key in keys:
        found = told.entries.get(key)
        value[key] = found.value if found else None
        unknown = {"type": rng.choice(("string", "string", "integer", "number", "boolean"))}
        schema: dict[str, Any] = dict(found.schema if found else unknown)
        if not found or every:
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        properties[key] = schema
    return told.text, _object(properties), value


def _absent(rng: random.Random, split: Split, told: records.Told) -> list[str]:
    """Keys of fields that the text does not tell."""
    if told.untold is not None:  # it tells all that it could
        return [worlds.pseudo(rng, split)]
    other = records.told(rng, split, 5)
    absent = [key for key in other.entries if key not in told.entries]
    domain = records.DOMAINS.get(told.domain)
    if domain is None:
        return absent
    near = [records.key(rng, split, one.names, "snake") for one in domain.fields]  # the harder ones
    kinds = {key for one in domain.fields for key in one.names if one.slot in _slots(told, domain)}
    return [key for key in near if key not in kinds and key not in told.entries] or absent


def _slots(told: records.Told, domain: records.Domain) -> set[str]:
    """The slots that the text tells, whatever their keys."""
    lowered = {key.lower().replace("_", "").replace("-", "") for key in told.entries}
    return {one.slot for one in domain.fields if any(name.replace("_", "") in lowered for name in one.names)}


def _nested(rng: random.Random, split: Split, _: bool) -> _Made:
    if rng.random() < 0.4:
        return _record_and_rows(rng, split)
    told = _told(rng, split, rng.choice((3, 4, 4, 5)))
    entries = records.renamed(rng, split, told.entries)
    keys = list(entries)
    cut = rng.randint(1, max(1, len(keys) - 2))
    outer, inner = keys[:cut], keys[cut:]
    group = _GROUPS.draw(rng, split)
    while group in entries:
        group = worlds.pseudo(rng, split)
    schema, value = _flat_of({key: entries[key] for key in outer})
    inner_schema, inner_value = _flat_of({key: entries[key] for key in inner})
    if rng.random() < 0.3:  # two objects
        name = told.domain if told.domain not in (group, *keys) else "thing"
        return told.text, _object({name: schema, group: inner_schema}), {name: value, group: inner_value}
    if rng.random() < 0.7:
        properties = {**schema["properties"], group: inner_schema}
        return told.text, _object(properties), {**value, group: inner_value}
    properties = {group: inner_schema, **schema["properties"]}
    return told.text, _object(properties), {group: inner_value, **value}


def _record_and_rows(rng: random.Random, split: Split) -> _Made:
    told = records.told(rng, split, rng.choice((1, 2, 2)))
    schema, value = _flat_of(told.entries)
    if rng.random() < 0.6:
        title, text, made = records.rows(rng, split, rng.choice((1, 2, 2, 3)))
        items = _flat_of(made[0])[0]
        found: Any = [_flat_of(row)[1] for row in made]
    else:
        title, text, found = _strings(rng, split)
        items = {"type": "string"}
    if title in schema["properties"]:
        title = f"{title}_list"
    properties = {**schema["properties"], title: {"type": "array", "items": items}}
    return f"{told.text}{rng.choice((' ', chr(10)))}{text}", _object(properties), {**value, title: found}


def _strings(rng: random.Random, split: Split) -> tuple[str, str, list[str]]:
    kind = rng.choice(
        ("thing", "first", "city", "noun", "pseudo", "company", "country", "color", "person", "job", "word")
    )
    count = rng.choice((2, 3, 3, 4))
    found = list(dict.fromkeys(values.draw(kind, rng, split).text for _ in range(count)))
    title = _LISTS.draw(rng, split) if rng.random() < 0.6 else f"{worlds.noun(rng, split)}s"
    lead = rng.choice(
        (
            "The {t} are {v}.",
            "{T}: {v}.",
            "We need {v}.",
            "There are {v}.",
            "I saw {v}.",
            "Please note {v}.",
            "{v} are on the list.",
        )
    )
    said = worlds.joined(found) if rng.random() < 0.8 else ", ".join(found)
    said = lead.format(t=title, T=title.capitalize(), v=said)
    return title, said[0].upper() + said[1:] if lead[0] != "{" else said, found


def _list(rng: random.Random, split: Split, plain: bool) -> _Made:
    if rng.random() < 0.3:
        title, text, found = _strings(rng, split)
        items: dict[str, Any] = {"type": "string"}
        value: Any = found
    else:
        title, text, made = records.rows(rng, split, rng.choice((2, 2, 3, 3, 4)), plain=plain)
        items = _flat_of(made[0])[0]
        value = [_flat_of(row)[1] for row in made]
    schema: dict[str, Any] = {"type": "array", "items": items}
    if rng.random() < 0.3 and not plain:
        return text, schema, value
    return text, _object({title: schema}), {title: value}


_MAKERS = {"flat": _flat, "types": _types, "missing": _missing, "nested": _nested, "list": _list}

_BARE = (
    "Extract the data as JSON.",
    "Turn this into JSON.",
    "Give me this as JSON.",
    "Read the text and answer in JSON.",
    "JSON please.",
    "Convert the text to JSON.",
    "What are the facts? Answer as JSON.",
)
_WITH = (
    "Extract the data as JSON.",
    "Extract the information into this schema.",
    "Fill in the schema from the text.",
    "Return JSON that matches the schema.",
    "Answer with JSON only.",
    "Parse the text into JSON of this form.",
    "Read the text and fill in the fields.",
    "Convert the text to this JSON format.",
    "Give me the data in this format.",
    "Output a JSON object, nothing else.",
    "Find the values and return them as JSON.",
)
_FOR_FIELDS = (
    "Extract {s} from the text as JSON.",
    "Return JSON with these fields: {s}.",
    "Give me JSON with {s}.",
    "I need the fields {s} as JSON.",
    "Get {s} out of this text, as JSON.",
    "Fields: {s}. Answer in JSON.",
    "Extract: {s}",
)
_AROUND = (
    "Hi team, {} Best regards",
    "Hello, {} Thanks!",
    "{} See you soon.",
    "{} That is all for now.",
    "Dear all,\n{}\nKind regards",
    "{} Please reply by tomorrow.",
    "As I said on the phone: {}",
    "{} The rest is in the next mail.",
)
_NULL = (
    " Use null for what is missing.",
    " Missing fields are null.",
    " If a value is not in the text, use null.",
    " Unknown values: null.",
)


def _asked(
    rng: random.Random, split: Split, text: str, schema: dict[str, Any], missing: bool
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """What the client sends: instruction, text and schema, in some order; and the keys whose values may be missing, as
    far as it tells."""
    if split == "train" and schema["type"] == "object" and rng.random() < AS_PEOPLE_ASK:
        null = rng.choice(_NULL) if missing and rng.random() < 0.6 else ""
        form, messages = json_requests.messages(rng, text, schema, null)
        return messages, _doubted(schema, form, said=bool(null))
    quoted = _quoted(rng, text)
    form, shown = schema_forms.shown(rng, schema)
    null = rng.choice(_NULL) if missing and rng.random() < 0.6 else ""
    doubted = _doubted(schema, form, said=bool(null))
    if form in ("fields", "typed fields") and rng.random() < 0.75:
        ask = rng.choice(_FOR_FIELDS).format(s=shown) + null
    else:
        label = rng.choice(
            ("Schema: ", "\n", "\n", "JSON schema: ", "Format: ", "\nSchema:\n", "The format is ", "Fields: ")
        )
        if form in ("bullets", "class"):
            label = "\n"
        elif label != "\n" and not label.startswith("\n"):
            label = rng.choice((" ", "\n")) + label
        ask = rng.choice(_WITH) + null + label + shown
    if rng.random() < 0.15:
        return [{"role": "system", "content": ask}, {"role": "user", "content": text}], doubted
    joint = rng.choice(("\n", "\n\n"))
    content = ask + joint + quoted if rng.random() < 0.6 else quoted + joint + ask
    messages = [{"role": "user", "content": content}]
    if rng.random() < 0.1:
        messages.insert(
            0, {"role": "system", "content": rng.choice(("You extract data.", "You answer in JSON.", "Be exact."))}
        )
    return messages, doubted


def _doubted(schema: dict[str, Any], form: str, *, said: bool) -> frozenset[str]:
    """The fields that may be null where the form of the schema shows it; else all, if any may be or if it is ``said``
    what to write for those that are missing."""
    fields = dict(_fields(schema))
    nullable = frozenset(key for key, one in fields.items() if isinstance(one["type"], list))
    if nullable and form in schema_forms.SHOWING_NULL:
        return nullable
    return frozenset(fields) if nullable or said else frozenset()


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, one in schema.get("properties", {}).items():
        if one["type"] == "object":
            yield from _fields(one)
        else:
            yield key, one


def _bare(rng: random.Random, text: str) -> list[dict[str, Any]]:
    """What a client sends that has its schema in ``response_format`` alone."""
    ask = rng.choice(_BARE)
    if rng.random() < 0.2:
        return [{"role": "system", "content": ask}, {"role": "user", "content": text}]
    quoted = _quoted(rng, text)
    content = f"{ask}{rng.choice((chr(10), ' '))}{quoted}" if rng.random() < 0.7 else f"{quoted}\n{ask}"
    return [{"role": "user", "content": content}]


def _quoted(rng: random.Random, text: str) -> str:
    if rng.random() < 0.12:
        text = rng.choice(_AROUND).format(text)
    return rng.choice(
        ("{}", "{}", "Text: {}", 'Text: "{}"', "<text>{}</text>", '"""{}"""', "Text:\n{}", "Input: {}", "---\n{}\n---")
    ).format(text)


def _thought(value: Any, doubted: frozenset[str]) -> str:
    """How long the lists are, and which of the fields that may be missing are there: what has to be known before it is
    written."""
    notes = []
    for key, found in _leaves({"list": value} if isinstance(value, list) else value):
        if isinstance(found, list):
            notes.append(f"{key} {len(found)}")
        elif key in doubted:
            notes.append(f"{key} {'no' if found is None else 'yes'}")
    return f"{', '.join(notes)}." if notes else ALL


def _leaves(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, one in found.items():
        if isinstance(one, dict):
            yield from _leaves(one)
        else:
            yield key, one
