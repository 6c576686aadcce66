"""Which message a chat template refuses: it does not say, so it is shown the beginnings of the conversation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from quatre.chat.messages import Turn

MOST_CHARACTERS = 1 << 20
"""Of conversations that are looked into; to write longer ones again and again would keep others waiting."""


def refused_message(
    turns: Sequence[Turn], refusal: str, refusal_of: Callable[[Sequence[Turn]], str | None]
) -> int | None:
    """The place of the message that the template stumbles at; None if it cannot be known.

    ``refusal``: what is said of the whole conversation; ``refusal_of``: the same of others, None for no refusal.
    """
    if sum(len(part.text) for turn in turns for part in turn.parts) > MOST_CHARACTERS:
        return None
    # Templates go from the first message to the last, so all beginnings with the one that is refused are refused.
    place = bisect_left(range(len(turns) - 1), True, key=lambda place: refusal_of(turns[: place + 1]) == refusal)
    if place == 0 and len(turns) > 1 and refusal_of(turns[1:]) == refusal:
        return None  # it is not this one's fault alone, if anyone's
    return place
