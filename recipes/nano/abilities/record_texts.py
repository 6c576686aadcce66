"""The scenes as records: a text, and the fields that one may ask for."""

from __future__ import annotations

import random

from recipes.nano.abilities import values
from recipes.nano.abilities.record_scenes import SCENES
from recipes.nano.abilities.records import SLOT, Domain, Told, fields_of, key, key_case

UNASKED = 0.3  # chance that the text tells a field which nobody asks for


def _parsed() -> list[Domain]:
    domains = []
    for block in SCENES.strip().removeprefix("# ").split("\n# "):
        head, *texts = block.strip().splitlines()
        name, _, fields = head.partition(" : ")
        domains.append(Domain(name, fields_of(fields), tuple(texts)))
    return domains


ALL = _parsed()


def told(rng: random.Random, *, plain: bool = False, whole: bool = False) -> Told:
    """A text of the training split, with keys and values. ``plain`` gives the fields the names one would expect;
    ``whole``: every field that the text tells is there."""
    scene, case = rng.choice(ALL), "snake" if plain else key_case(rng)
    text, fields = rng.choice(scene.firsts), {one.slot: one for one in scene.fields}
    slots = list(dict.fromkeys(SLOT.findall(text)))
    drawn = {slot: values.draw(fields[slot].kind, rng, "train") for slot in slots}
    said = (text[0].upper() + text[1:]).format(**{slot: value.text for slot, value in drawn.items()})
    untold = [one for one in scene.fields if one.slot not in slots]
    if len(slots) > 2 and rng.random() < UNASKED and not plain and not whole:
        slots.remove(rng.choice(slots))
    if rng.random() < 0.3 and not plain:
        rng.shuffle(slots)
    keys = {slot: slot if plain else key(rng, "train", fields[slot].names, case) for slot in slots}
    entries = {keys[slot]: drawn[slot] for slot in slots}
    return Told(scene.name, said, entries, tuple(key(rng, "train", one.names, case) for one in untold))
