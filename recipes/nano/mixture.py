"""What nano reads: conversations of all abilities, packed into batches. Batch n is a function of the seed and n."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipes.nano.abilities import (
    arithmetic,
    copying,
    extraction,
    finding,
    images,
    languages,
    long_context,
    small_talk,
    tools,
)
from recipes.nano.curriculum import Phase, phase
from recipes.nano.encode import Encoded, Encoder
from recipes.nano.example import Effort, Example
from recipes.nano.plan import Plan
from recipes.nano.vocabulary import SPECIALS

REASONED = {"arithmetic": 0.75}  # share with effort high; others:
REASONED_ELSEWHERE = 0.45
ECHOED = 0.6  # of the words of a prompt that were foreseeable because they stood there before
JOINED = {"languages": 0.7, "small_talk": 0.7}  # chance of one more question in a conversation, high for short ones;
JOINED_ELSEWHERE = 0.35
LONE = ("tools", "images", "long_context")  # never joined with other conversations
FAR = ("long_context", "copying", "finding")  # read with leaps between their positions, half of them
BESIDE = 0.08  # of conversations that need no tools are offered some
FITTING = ("translate", "dictionary", "math")  # domains whose tools would have to be called
AHEAD = 6  # batches made in advance

MODULES = {
    m.NAME: m for m in (arithmetic, copying, extraction, finding, images, languages, small_talk, tools, long_context)
}

SYSTEMS = (
    "You are a helpful assistant.",
    "You are a helpful assistant. Be brief.",
    "Answer the user's question.",
    "Be brief.",
    "You are Nano.",
    "You answer questions precisely.",
    "You are a friendly assistant. Keep answers short.",
    "Today is {day} {month} {year}.",
)


@dataclass
class Pack:
    """Conversations side by side. ``abilities[d]`` is that of conversation d; targets are the next tokens."""

    ids: NDArray[np.int32]
    positions: NDArray[np.int32]
    starts: NDArray[np.int32]
    wanted: NDArray[np.int32]  # places whose next token is learned
    targets: NDArray[np.int64]
    abilities: list[str]
    images: list[tuple[NDArray[np.float32], NDArray[np.int32]]]


def batches(tokenizer: Path, plan: Plan, rank: int, size: int, first: int) -> Iterator[Pack]:
    """A crew member's part of the batches from ``first`` to the plan's end, made in another process."""
    with ProcessPoolExecutor(1, initializer=_start, initargs=(tokenizer,)) as pool:
        coming: list[Future[Pack]] = []
        for n in range(first, plan.steps + AHEAD):
            if n < plan.steps:
                coming.append(pool.submit(_make, plan, rank, size, n))
            if n - first >= AHEAD:
                yield coming.pop(0).result()


_encoder: list[Encoder] = []


def _start(tokenizer: Path) -> None:
    _encoder[:] = [Encoder(tokenizer)]


def _make(plan: Plan, rank: int, size: int, n: int) -> Pack:
    return make(_encoder[0], random.Random(f"{plan.seed}/{rank}/{n}"), plan, n, plan.tokens // size)


def make(encode: Encoder, rng: random.Random, plan: Plan, n: int, tokens: int) -> Pack:
    """Part of batch n, of about ``tokens`` tokens. But for easy phases, every 24th has a long text."""
    now = phase(n)
    chosen: list[tuple[Encoded, list[int], str]] = []
    room = tokens
    if n % 24 == 23 and not now.is_easy:
        far = plan.course(n).is_far(n)
        item = _long(encode, rng, int(2 ** rng.uniform(12, 13.9)) if far else int(tokens * rng.uniform(0.25, 0.85)))
        chosen.append(item)
        room -= len(item[0].ids)
    while room > 0:
        item = _conversation(encode, rng, now)
        room -= len(item[0].ids)
        if room < 0 and len(chosen) > 1:
            break
        chosen.append(item)
    if n < plan.echo_until:
        for encoded, _, _ in chosen:
            _learn_repetitions(rng, encoded)
    return _pack(chosen)


# -- Conversations -------------------------------------------------------------------------------------------------

_lengths: dict[tuple[str, float], float] = {}


def _conversation(encode: Encoder, rng: random.Random, now: Phase) -> tuple[Encoded, list[int], str]:
    for name in now.shares:  # tokens of an average conversation, so that shares are of tokens
        if (name, now.until) not in _lengths:
            probe = random.Random(0)
            lengths = [len(_encoded(encode, probe, name, now)[0].ids) for _ in range(60)]
            _lengths[name, now.until] = float(np.mean(lengths))
    weights = [share / _lengths[name, now.until] for name, share in now.shares.items()]
    return _encoded(encode, rng, rng.choices(list(now.shares), weights)[0], now)


def _encoded(encode: Encoder, rng: random.Random, name: str, now: Phase) -> tuple[Encoded, list[int], str]:
    effort: Effort = "high" if rng.random() < REASONED.get(name, REASONED_ELSEWHERE) else "none"
    example, drawn = _example(rng, name, effort, now)
    if name not in LONE:
        joined = [example]
        alone = example.messages[0]["role"] == "system"  # which tells how to answer whatever follows
        while not alone and rng.random() < JOINED.get(name, JOINED_ELSEWHERE) and len(joined) < 6:
            other = name if rng.random() < 0.7 else rng.choice([n for n in now.shares if n not in LONE])
            joined.append(_example(rng, other, effort, now)[0])
        example = _joined(joined)
    if name in ("arithmetic", "languages", "small_talk") and rng.random() < BESIDE:
        beside = [made for made in tools.offered(rng, "train", "none-fits") if made.spec.domain not in FITTING]
        example = replace(example, tools=tuple(made.definition for made in beside))
    example = _with_system(rng, example)
    encoded = encode(example, drawn)
    positions = list(range(len(encoded.ids)))
    if name in FAR and rng.random() < 0.5:
        positions = _skipping(rng, len(positions))
    return encoded, positions, name


def _example(rng: random.Random, name: str, effort: Effort, now: Phase) -> tuple[Example, Sequence[Any]]:
    if name == "images":
        return images.drawn(rng, "train", effort)
    while True:
        example = MODULES[name].example(rng, "train", effort)
        if now.takes(example):
            return example, ()


def _joined(examples: list[Example]) -> Example:
    """One conversation of several; only the first may have a system message."""
    messages = list(examples[0].messages)
    unlearned, given = set(examples[0].unlearned), dict(examples[0].given)
    for example in examples[1:]:
        if example.tools or example.messages[0]["role"] == "system":
            continue
        unlearned |= {len(messages) + i for i in example.unlearned}
        given |= {len(messages) + i: keys for i, keys in example.given.items()}
        messages += example.messages
    return replace(examples[0], messages=tuple(messages), unlearned=frozenset(unlearned), given=given)


def _with_system(rng: random.Random, example: Example) -> Example:
    if example.messages[0]["role"] == "system" or rng.random() > 0.2:
        return example
    month = rng.choice("January February March April May June July August September October November".split())
    text = rng.choice(SYSTEMS).format(day=rng.randint(1, 28), month=month, year=rng.randint(2024, 2028))
    return replace(
        example,
        messages=({"role": "system", "content": text}, *example.messages),
        unlearned=frozenset(i + 1 for i in example.unlearned),
        given={i + 1: keys for i, keys in example.given.items()},
    )


def _learn_repetitions(rng: random.Random, encoded: Encoded) -> None:
    """Also learn tokens of the prompt that follow the two before them for the second time.

    Early on, that is how attention learns to look up what came after the same words (Olsson et al. 2022); nothing else
    in a prompt can be foreseen.
    """
    seen: dict[tuple[int, int], int] = {}
    ids = encoded.ids
    for i in range(2, len(ids)):
        if seen.get((ids[i - 2], ids[i - 1])) == ids[i] and ids[i] >= SPECIALS and rng.random() < ECHOED:
            encoded.learned[i] = True
        seen[ids[i - 2], ids[i - 1]] = ids[i]


# -- Far positions -------------------------------------------------------------------------------------------------


def _skipping(rng: random.Random, length: int) -> list[int]:
    """Places with up to four leaps, reaching as far as 20,000, as if more stood between (Zhu et al. 2023, PoSE)."""
    leaps = sorted(rng.sample(range(1, length), min(rng.randint(1, 4), length - 1)))
    far = int(2 ** rng.uniform(8, 14.2))
    shares = [rng.random() for _ in leaps]
    jump = {at: int(far * share / sum(shares)) for at, share in zip(leaps, shares, strict=True)}
    places, place = [], rng.choice((0, 0, rng.randint(0, 2000)))
    for i in range(length):
        place += jump.get(i, 0)
        places.append(place + i)
    return places


def _long(encode: Encoder, rng: random.Random, tokens: int) -> tuple[Encoded, list[int], str]:
    """A text of about so many tokens, of which everything from some place on may stand up to 17,000 places away."""
    effort: Effort = "high" if rng.random() < REASONED_ELSEWHERE else "none"
    questions = rng.choice((1, 6, 10, 15))  # reading is what costs
    encoded = encode(long_context.example_of(rng, "train", effort, int(tokens * 2.4), questions))
    length = len(encoded.ids)
    leap = max(rng.randint(0, 17_000) - length, 0)
    at = rng.randint(1, length - 1)
    return encoded, [i + (leap if i >= at else 0) for i in range(length)], "long_context"


# -- Packing -------------------------------------------------------------------------------------------------------


def _pack(chosen: list[tuple[Encoded, list[int], str]]) -> Pack:
    ids = [token for encoded, _, _ in chosen for token in encoded.ids]
    learned = np.array([flag for encoded, _, _ in chosen for flag in encoded.learned])
    starts = np.cumsum([0, *(len(encoded.ids) for encoded, _, _ in chosen)]).astype(np.int32)
    wanted = np.flatnonzero(learned[1:]).astype(np.int32)
    pictures = [
        (pixels, np.array(places, np.int32) + starts[d])
        for d, (encoded, _, _) in enumerate(chosen)
        for pixels, places in encoded.images
    ]
    return Pack(
        ids=np.array(ids, np.int32),
        positions=np.array([p for _, places, _ in chosen for p in places], np.int32),
        starts=starts,
        wanted=wanted,
        targets=np.array(ids, np.int64)[wanted + 1],
        abilities=[name for _, _, name in chosen],
        images=pictures,
    )
