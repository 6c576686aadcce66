"""What stands together in a conversation of training."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from recipes.nano import mixture
from recipes.nano.curriculum import PHASES
from recipes.nano.encode import Encoded
from recipes.nano.example import Example


def drawn(name: str, count: int) -> list[Example]:
    """Conversations of an ability, as they come to the encoder."""
    seen: list[Example] = []

    def encode(example: Example, _: Sequence[Any]) -> Encoded:
        seen.append(example)
        return Encoded([1, 2, 3], [False] * 3)

    rng = random.Random(1)
    for _ in range(count):
        mixture._encoded(encode, rng, name, PHASES[-1])
    return seen


@pytest.mark.parametrize("name", ["arithmetic", "languages", "small_talk"])
def test_some_conversations_that_need_no_tools_are_offered_some(name: str) -> None:
    offered = [example for example in drawn(name, 300) if example.tools]
    assert 10 < len(offered) < 45


def test_what_a_system_message_asks_for_is_all_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mixture.JOINED, "languages", 1.0)
    conversations = drawn("languages", 300)
    asked = {id(one): sum(message["role"] == "user" for message in one.messages) for one in conversations}
    first = {id(one): one.messages[0] for one in conversations}
    told = [key for key, message in first.items() if message["role"] == "system" and "ranslat" in message["content"]]
    assert max(asked.values()) >= 6
    assert len(told) > 5
    assert max(asked[key] for key in told) <= 3
