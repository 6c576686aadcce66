"""What every answer carries, whichever endpoint sends it."""

from __future__ import annotations

from dataclasses import dataclass
from time import time
from typing import Any
from uuid import uuid4

from quatre import __version__
from quatre.llm.outputs import Usage


@dataclass(frozen=True)
class Head:
    """The same id, time and model on the whole answer, or on each chunk of it. ``kind`` is OpenAI's ``object``."""

    id: str
    kind: str
    model: str
    created: int

    @classmethod
    def new(cls, prefix: str, kind: str, model: str) -> Head:
        """A head with a fresh id, such as ``chatcmpl-…``."""
        return cls(f"{prefix}-{uuid4().hex}", kind, model, int(time()))

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


def usage_of(usage: Usage) -> dict[str, int]:
    """OpenAI's ``usage``."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
