"""The scenes as records: a text, and the fields that one may ask for."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from recipes.nano.abilities import values
from recipes.nano.abilities.record_scenes import SCENES
from recipes.nano.abilities.records import Field, Told, fields_of, key, key_case

_SLOT = re.compile(r"\{(\w+)\}")
UNASKED = 0.3  # chance that the text tells a field which nobody asks for


@dataclass(frozen=True)
class Scene:
    name: str
    fields: dict[str, Field]
    texts: tuple[str, ...]


def _parsed() -> list[Scene]:
    scenes = []
    for block in SCENES.strip().removeprefix("# ").split("\n# "):
        head, *texts = block.strip().splitlines()
        name, _, fields = head.partition(" : ")
        scenes.append(Scene(name, {one.slot: one for one in fields_of(fields)}, tuple(texts)))
    return scenes


ALL = _parsed()


def told(rng: random.Random, *, plain: bool = False) -> Told:
    """A text of the training split, with keys and values; ``plain`` gives the fields the names one would expect."""
    scene, case = rng.choice(ALL), "snake" if plain else key_case(rng)
    text = rng.choice(scene.texts)
    slots = list(dict.fromkeys(_SLOT.findall(text)))
    drawn = {slot: values.draw(values.other(scene.fields[slot].kind, rng, "train"), rng, "train") for slot in slots}
    said = (text[0].upper() + text[1:]).format(**{slot: value.text for slot, value in drawn.items()})
    if len(slots) > 2 and rng.random() < UNASKED and not plain:
        slots.remove(rng.choice(slots))
    if rng.random() < 0.3 and not plain:
        rng.shuffle(slots)
    keys = {slot: slot if plain else key(rng, "train", scene.fields[slot].names, case) for slot in slots}
    return Told(scene.name, said, {keys[slot]: drawn[slot] for slot in slots})
