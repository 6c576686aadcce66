"""How much a model shall think before it answers: the words that clients send, and those that the model knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quatre.errors import ConfigError, RequestError

WORDS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
DEFAULT_MAP = {"minimal": "none", "low": "high", "medium": "high", "xhigh": "high", "max": "high"}


@dataclass(frozen=True)
class EffortMap:
    """Which effort a word stands for. ``changes`` has priority over what the model knows by itself.

    ``strict``: words that the model does not know are refused. ``default`` is for requests that say nothing.
    """

    changes: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    default: str | None = None

    def __post_init__(self) -> None:
        words = (*self.changes, *self.changes.values(), *([] if self.default is None else [self.default]))
        for word in words:
            if word not in WORDS:
                raise ConfigError(f"the reasoning effort {word!r:.50} is not one of {', '.join(WORDS)}")

    def effort(self, asked: str | None, known: tuple[str, ...] | None) -> str | None:
        """The word for the prompt. ``known``: those of the model; none at all if it never reasons, None if nobody can
        tell. RequestError for words that nobody knows, and with ``strict`` for those that the model does not."""
        if asked is None:
            return None
        allowed = known if self.strict and known else WORDS
        if asked not in allowed:
            raise RequestError(
                f"reasoning_effort must be one of {', '.join(allowed)}; got {asked!r:.50}", param="reasoning_effort"
            )
        if asked in self.changes:
            return self.changes[asked]
        if known is None or asked in known:
            return asked
        effort = DEFAULT_MAP.get(asked, asked)
        if effort not in known and effort != "none":
            raise RequestError(
                f"this model does not reason: reasoning_effort must be none, got {asked!r:.50}",
                param="reasoning_effort",
            )
        return effort


def efforts_of_template(kwargs: Mapping[str, Any]) -> list[str]:
    """The efforts that arguments for chat templates ask for, of which nothing else is known here. RequestError for
    anything else."""
    efforts = []
    for name, value in kwargs.items():
        if name == "reasoning_effort" and isinstance(value, str | None):
            efforts += [] if value is None else [value]
        elif name in ("enable_thinking", "thinking") and isinstance(value, bool):
            efforts.append("high" if value else "none")
        else:
            raise RequestError(
                f"chat_template_kwargs has {name[:50]!r}; known are reasoning_effort and enable_thinking",
                param="chat_template_kwargs",
            )
    return efforts
