"""How much a model shall think before it answers: the words that clients send, and those that the model knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quatre.errors import ConfigError, QuatreError, RequestError

if TYPE_CHECKING:
    from quatre.chat.tokenizer import Tokenizer

NO_REASONING = "none"
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

    def check(self, tokenizer: Tokenizer) -> None:
        """ConfigError if a word is changed to one that the tokenizer's prompts cannot have."""
        known = _known(tokenizer) if self.changes else WORDS
        for word, meaning in self.changes.items():
            if meaning not in known:
                raise ConfigError(
                    f"the reasoning effort map turns {word} into {meaning}, which this model does not know; it knows "
                    + ", ".join(known)
                )

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


def _known(tokenizer: Tokenizer) -> Sequence[str]:
    """The words that prompts can have. Where only the template can tell, it is tried with the shortest conversation."""
    if tokenizer.efforts is not None:
        return tokenizer.efforts or (NO_REASONING,)
    return [word for word in WORDS if _can_be_written(tokenizer, word)] or WORDS


def _can_be_written(tokenizer: Tokenizer, effort: str) -> bool:
    try:
        tokenizer.chat_prompt([{"role": "user", "content": "Hi"}], reasoning_effort=effort)
    except QuatreError:
        return False
    return True


def of_switch(thinks: bool) -> str:
    """The effort that a switch for thinking stands for."""
    return "high" if thinks else NO_REASONING


def efforts_of_template(kwargs: Mapping[str, Any]) -> list[str]:
    """The efforts that arguments for chat templates ask for, of which nothing else is known here. RequestError for
    anything else."""
    efforts = []
    for name, value in kwargs.items():
        if name == "reasoning_effort" and isinstance(value, str | None):
            efforts += [] if value is None else [value]
        elif name in ("enable_thinking", "thinking") and isinstance(value, bool):
            efforts.append(of_switch(value))
        else:
            raise RequestError(
                f"chat_template_kwargs has {name[:50]!r}; known are reasoning_effort and enable_thinking",
                param="chat_template_kwargs",
            )
    return efforts
