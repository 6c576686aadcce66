"""Damage to files, drawn from a random generator: changed bytes, missing ends, absurd lengths, values of headers."""

from __future__ import annotations

import struct
from copy import deepcopy
from random import Random
from typing import Any

HOSTILE_LENGTHS = [0, 1, 7, 2**16, 2**31 - 1, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
HOSTILE_VALUES = [None, True, "1", "", [], [1], {}, {"a": 1}, -1, 0, 1, 2, 3, 0.5, 2**31 - 1, 2**31, 2**63, 10**400]
HOSTILE_REALS = [-0.5, 1e-300, 1.0 + 2**-52, 1e300]


def damaged(rng: Random, original: bytes, region: int) -> bytes:
    """``original`` cut off, with bytes changed or with absurd lengths in it; mostly in its first ``region`` bytes."""
    data = bytearray(original)
    for _ in range(rng.randint(1, 4)):
        place = rng.randint(0, region - 1)
        match rng.choice(["cut", "flip", "byte", "length", "insert", "remove"]):
            case "cut":
                data = data[: rng.choice([place, len(original) - 1, len(original) - 33])]
            case "flip" if place < len(data):
                data[place] ^= 1 << rng.randint(0, 7)
            case "byte" if place < len(data):
                data[place] = rng.randint(0, 255)
            case "length":
                data[place : place + 8] = struct.pack("<Q", rng.choice(HOSTILE_LENGTHS))
            case "insert":
                data[place:place] = rng.randbytes(rng.randint(1, 9))
            case "remove":
                del data[place : place + rng.randint(1, 9)]
    return bytes(data)


def damaged_object(rng: Random, original: dict[str, Any]) -> dict[str, Any]:
    """A JSON object with one to three of its values, at any depth, replaced, gone or under another name."""
    changed = deepcopy(original)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        place, key = _somewhere(rng, changed)
        if place is None:
            break
        match rng.choice(["value", "value", "value", "near", "remove", "rename"]):
            case "value":
                place[key] = deepcopy(rng.choice(HOSTILE_VALUES + HOSTILE_REALS))
            case "near" if type(place[key]) in (int, float):
                number = place[key]
                place[key] = rng.choice([number + 1, number - 1, 2 * number, number // 2, -number, 64 * number])
            case "remove":
                del place[key]
            case "rename" if isinstance(place, dict):
                place[rng.choice([*place, "x", "a" * 300, "\0", "é\n"])] = place.pop(key)
    return changed


def _somewhere(rng: Random, root: dict[str, Any]) -> tuple[Any, Any]:
    """A container in ``root``, or itself, and a key or an index in it."""
    place: Any = root
    while place:
        key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.1:
            return place, key
        place = inner
    return None, None
