"""What every generator of conversations must keep, for the tests of the single abilities."""

from __future__ import annotations

import itertools
import random
from functools import cache

from recipes.nano.example import Ability, Effort, Example, Split

CASES: list[tuple[Split, Effort]] = list(itertools.product(("train", "test"), ("none", "high")))


@cache
def examples(ability: Ability, split: Split, effort: Effort, count: int = 2000) -> tuple[Example, ...]:
    """``count`` examples, the same ones for every test."""
    return _made(ability, split, effort, count)


def _made(ability: Ability, split: Split, effort: Effort, count: int) -> tuple[Example, ...]:
    rng = random.Random(f"{split}/{effort}")
    return tuple(ability.example(rng, split, effort) for _ in range(count))


def check_well_formed(ability: Ability) -> None:
    """Roles alternate, nothing is empty, thoughts are there with effort and only then, and seeds decide everything."""
    for split, effort in CASES:
        for example in examples(ability, split, effort):
            assert example.ability == ability.NAME
            assert example.kind
            assert example.key
            assert example.effort == effort
            roles = [m["role"] for m in example.messages]
            assert roles == ["user", "assistant"] * (len(roles) // 2)
            assert split == "train" or len(roles) == 2  # several questions in a row only teach
            for message in example.messages:
                assert message["content"] == message["content"].strip() != ""
                assert "{" not in message["content"]
                assert "}" not in message["content"]
            thought = example.messages[-1].get("reasoning_content")
            assert (thought is None) == (effort == "none")
            assert thought is None or thought == thought.strip() != ""
        assert _made(ability, split, effort, 50) == examples(ability, split, effort)[:50]


def check_splits(ability: Ability, count: int = 20_000) -> None:
    """No key of a test is met in training, nor the request of a test."""
    tests = examples(ability, "test", "none")
    keys, requests = {e.key for e in tests}, {e.messages[0]["content"] for e in tests}
    assert len(keys) > 100
    for example in examples(ability, "train", "none", count):
        assert example.key not in keys, example
        assert example.messages[0]["content"] not in requests, example


def answered(example: Example) -> bool:
    """Whether the example's own answer meets its expectation."""
    content = example.messages[-1]["content"]
    expect = example.expect
    if "text" in expect:
        return content == expect["text"]
    low = content.lower()
    return all(part.lower() in low for part in expect["contains"]) and not any(
        part.lower() in low for part in expect.get("excludes", [])
    )
