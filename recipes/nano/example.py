"""One conversation that teaches or tests an ability."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Split = Literal["train", "test"]
Effort = Literal["none", "high"]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A conversation that ends with the answer.

    Messages are those of the chat API: ``role`` and ``content`` (a string, or parts of type ``text`` and
    ``image_url`` with a data URL), of assistants also ``reasoning_content`` and ``tool_calls``
    (``{"id", "type": "function", "function": {"name", "arguments": "<JSON text>"}}``), of tools ``tool_call_id``.
    Every assistant message is learned; the last one is what a test asks for.

    kind: what within the ability, such as ``addition-3-digits``; results are also reported by kind.
    expect: how the last answer is judged, read by ``quatre eval`` (``quatre.eval.judge``):
        ``{"text": "42"}``                   the answer, apart from outer white space
        ``{"contains": ["42"], "excludes": []}``   all of these, none of those, whatever the case
        ``{"json": {...}}``                  the answer is JSON equal to this
        ``{"calls": [{"name", "arguments": {...}}, ...]}``  these calls in any order, and no others
        ``{"calls": []}``                    no call, and some text
    response_format: what a client would send for the constrained variant, or None.
    key: what must not be in both splits (a problem, a name, an image); see ``tests/nano``.
    given: by index of an assistant message whose content is JSON, the keys that a grammar writes: they are not learned.
    """

    ability: str
    kind: str
    messages: tuple[Mapping[str, Any], ...]
    effort: Effort
    expect: Mapping[str, Any]
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: Mapping[str, Any] | None = None
    key: str = ""
    unlearned: frozenset[int] = field(default=frozenset())  # assistant messages (their index) that only set the scene
    given: Mapping[int, frozenset[str]] = field(default_factory=dict)


class Ability(Protocol):
    """What every file of ``abilities/`` offers."""

    NAME: str

    def example(self, rng: random.Random, split: Split, effort: Effort) -> Example:
        """A new example; equal generators in equal states make equal examples."""
        ...
