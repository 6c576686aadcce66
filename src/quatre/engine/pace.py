"""How long a piece of a prompt may be while others are answering: as much as keeps their tokens coming steadily.

Answers do not depend on how a prompt is cut, so the length may follow the clock.
"""

from __future__ import annotations

TARGET_S = 0.4
"""Seconds that a step with a piece of a prompt should take."""

LEAST = 64
"""Tokens; below, every step reads most of the weights for little."""

MOST_CHANGE = 2.0  # from one step to the next


class Pace:
    """Learns from steps how many prompt tokens fit into ``target`` seconds."""

    def __init__(self, most: int, target: float = TARGET_S) -> None:
        self._most = most
        self._target = target
        self._tokens = float(min(LEAST * 4, most))

    @property
    def prompt_tokens(self) -> int:
        """What the next step may take of prompts."""
        return int(self._tokens)

    def learn(self, prompt_tokens: int, seconds: float) -> None:
        """Take in a step. Short pieces say nothing about what a longer one would take, unless they were slow."""
        if prompt_tokens <= 0 or seconds <= 0:
            return
        fitting = prompt_tokens * self._target / seconds
        if fitting < self._tokens or 2 * prompt_tokens >= self._tokens:
            near = min(max(fitting, self._tokens / MOST_CHANGE), self._tokens * MOST_CHANGE)
            self._tokens = min(max(near, LEAST), self._most)
