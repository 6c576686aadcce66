"""The held-out cases of ``quatre eval``: ``python -m recipes.nano.write_cases`` writes ``src/quatre/eval/cases/``.

Case n of an ability is a function of n alone, so a test can make any of them again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from quatre.eval import cases
from quatre.eval.cases import Case
from recipes.nano import vocabulary
from recipes.nano.abilities import arithmetic, extraction, images, languages, long_context, small_talk, tools
from recipes.nano.encode import Encoder
from recipes.nano.example import Example

SEED = "held out"
DRAWN = 2500  # examples, of which those are kept whose kind is not complete yet
PER_KIND = {arithmetic: 7, tools: 25, extraction: 30, images: 13, languages: 25, small_talk: 20}
SIZES = (500, 1000, 2000, 4000, 8000, 16000)  # tokens of the long texts
OF_EACH_SIZE = 4
NAMES = {ability.NAME: ability for ability in (*PER_KIND, long_context)}


def example(ability: str, n: int) -> Example:
    """Example n of the test split."""
    seed = f"{SEED}/{ability}/{n}"
    if ability == long_context.NAME:
        return _long(seed, SIZES[n % len(SIZES)])
    made: Example = NAMES[ability].example(random.Random(seed), "test", "none")
    return made


def _long(seed: str, size: int) -> Example:
    """A prompt of about ``size`` tokens: written and counted, because characters per token depend on the text."""
    encode, characters = _encoder(), 2.0 * size
    for _ in range(4):
        made = long_context.example_of(random.Random(seed), "test", "none", int(characters))
        characters *= size / len(encode(made).ids)
    return replace(made, kind=f"{made.kind.rpartition('-')[0]}-{size}")


@cache
def _encoder() -> Encoder:
    with TemporaryDirectory() as folder:
        return Encoder(vocabulary.write(Path(folder)))


def case(ability: str, n: int) -> Case:
    """Example n without its answer. Earlier answers show no reasoning, so that it serves every effort."""
    made = example(ability, n)
    return Case(
        id=f"{ability}-{n}",
        ability=ability,
        kind=made.kind,
        messages=tuple(map(_plain, made.messages[:-1])),
        expect=made.expect,
        tools=made.tools,
        response_format=made.response_format,
        only_constrained=bool(made.given),
    )


def _plain(message: Any) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "reasoning_content"}


def chosen(ability: str) -> Iterator[int]:
    """Which examples become cases: so many of each kind, none twice."""
    if ability == long_context.NAME:
        yield from range(OF_EACH_SIZE * len(SIZES))
        return
    quota = PER_KIND[NAMES[ability]]
    kinds: Counter[str] = Counter()
    keys: set[str] = set()
    for n in range(DRAWN):
        made = example(ability, n)
        if kinds[made.kind] < quota and made.key not in keys:
            kinds[made.kind] += 1
            keys.add(made.key)
            yield n


def write(folder: Path) -> None:
    """A file per ability."""
    folder.mkdir(parents=True, exist_ok=True)
    for ability in NAMES:
        made = [case(ability, n) for n in chosen(ability)]
        path = folder / f"{ability}.jsonl"
        path.write_text("".join(cases.lines(made)), encoding="utf-8")
        print(f"{path.name}: {len(made)} cases of {len({one.kind for one in made})} kinds, {path.stat().st_size} bytes")


if __name__ == "__main__":
    write(cases.FOLDER)
