"""How long a piece of a prompt may be while others are answering: as much as keeps their tokens coming steadily.

Answers do not depend on how a prompt is cut, so the length may follow the clock.
"""

from __future__ import annotations

TARGET_S = 0.2
"""Seconds that a step with a piece of a prompt should take: five tokens a second are as fast as people read."""

TARGET_TIMES = 2.0
"""Or this many times a step without, where that is more: a slow model's prompts would wait too long otherwise."""

LEAST = 64
"""Tokens; below, every step reads most of the weights for little."""

MOST_CHANGE = 2.0  # from one step to the next


class Pace:
    """Learns from steps how many prompt tokens fit into ``target`` seconds, or twice a step of answers alone."""

    def __init__(self, most: int, target: float = TARGET_S) -> None:
        self._most = most
        self._target = target
        self._without = target / TARGET_TIMES  # seconds of a step that reads no prompt
        self._tokens = float(min(LEAST * 4, most))

    @property
    def prompt_tokens(self) -> int:
        """What the next step may take of prompts."""
        return int(self._tokens)

    def learn(self, prompt_tokens: int, seconds: float) -> None:
        """Take in a step. Short pieces say nothing about what a longer one would take, unless they were slow."""
        if seconds <= 0:
            return
        if prompt_tokens <= 0:
            self._without += (min(seconds, MOST_CHANGE * self._without) - self._without) / 4
            return
        fitting = prompt_tokens * max(self._target, TARGET_TIMES * self._without) / seconds
        if fitting < self._tokens or 2 * prompt_tokens >= self._tokens:
            near = min(max(fitting, self._tokens / MOST_CHANGE), self._tokens * MOST_CHANGE)
            self._tokens = min(max(near, LEAST), self._most)
