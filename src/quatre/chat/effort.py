"""How much a model shall think before it answers: the words that clients send, and those that the model knows.

Clients have many fields for it. One rule holds for all: a word (``reasoning_effort``) says how much, and a switch
(``thinking``, ``enable_thinking``, ``prompt_mode``) only whether. On goes with all words but none, off with none alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quatre.errors import ConfigError, QuatreError, RequestError

if TYPE_CHECKING:
    from quatre.chat.tokenizer import Tokenizer

NO_REASONING = "none"
WORDS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
DEFAULT_MAP = {"minimal": "none", "low": "high", "medium": "high", "xhigh": "high", "max": "high"}

TEMPLATE_WORDS = ("reasoning_effort", "enable_thinking", "thinking")

Wish = str | bool | None
"""What a field says of it: a word, a switch, or nothing."""


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
                "reasoning_effort asks for reasoning, which this model cannot do; leave it out",
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


def agreed(wishes: Iterable[tuple[str, Wish]]) -> tuple[str, str] | None:
    """Of fields and what they say, the one that counts, and its word; None if all are silent. RequestError if two
    contradict each other."""
    said = [(field, wish) for field, wish in wishes if wish is not None]
    if not said:
        return None
    first, word = next((one for one in said if isinstance(one[1], str)), said[0])
    for other, wish in said:
        if not _goes_with(word, wish):
            both = f"{first} and {other} contradict each other; send one of them"
            raise RequestError(f"{first} contradicts itself" if other == first else both, param=other)
    return first, word if isinstance(word, str) else of_switch(bool(word))


def _goes_with(word: Wish, wish: Wish) -> bool:
    if isinstance(word, str) and isinstance(wish, bool):
        return wish == (word != NO_REASONING)
    return word == wish


def of_switch(thinks: bool) -> str:
    """The effort that a switch for thinking stands for."""
    return "high" if thinks else NO_REASONING


def wishes_of_template(kwargs: Mapping[str, Any]) -> list[Wish]:
    """What arguments for chat templates say of it; nothing else is known of them here. RequestError for anything
    else."""
    wishes: list[Wish] = []
    for name, value in kwargs.items():
        kind, words = (str, "a text") if name == "reasoning_effort" else (bool, "true or false")
        if name not in TEMPLATE_WORDS:
            problem = f"has {name[:50]!r}; known are reasoning_effort and enable_thinking"
            raise RequestError(f"chat_template_kwargs {problem}", param="chat_template_kwargs")
        if not isinstance(value, kind | None):
            raise RequestError(f"chat_template_kwargs: {name} must be {words}", param="chat_template_kwargs")
        wishes.append(value)
    return wishes
