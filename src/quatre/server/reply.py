"""What every answer carries, whichever endpoint sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time
from typing import Any

from quatre import __version__
from quatre.llm.outputs import Usage


@dataclass(frozen=True)
class Head:
    """The same id, time and model on the whole answer, or on each chunk of it. ``kind`` is OpenAI's ``object``.

    The id ends with the one that the log has for the (first) request.
    """

    id: str
    kind: str
    model: str
    created: int = field(default_factory=lambda: int(time()))

    def around(self, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """The body or chunk with these choices."""
        return {
            "id": self.id,
            "object": self.kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": f"quatre-{__version__}",
            "choices": choices,
            **more,
        }


def usage_of(usage: Usage) -> dict[str, Any]:
    """OpenAI's ``usage``."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
