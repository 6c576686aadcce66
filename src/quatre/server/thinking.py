"""Anthropic's ``thinking``, which other clients send to chat completions, too."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from quatre.server.fields import LARGEST_COUNT, Fields


class Thinking(Fields):
    """``enabled`` with a budget of tokens, ``adaptive`` for as much as the model likes, or ``disabled``.

    ``display``: "omitted" leaves the thinking out of the answer. There are no summaries: otherwise all of it is shown.
    """

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: Annotated[int | None, Field(ge=1, le=LARGEST_COUNT)] = None
    display: Literal["summarized", "omitted"] | None = None

    @property
    def effort(self) -> str:
        """The same as a reasoning effort."""
        return "none" if self.type == "disabled" else "high"

    @property
    def shown(self) -> bool:
        """Whether the answer has it."""
        return self.display != "omitted"

    @model_validator(mode="after")
    def _one_kind_has_a_budget(self) -> Thinking:
        if self.budget_tokens is not None and self.type != "enabled":
            raise PydanticCustomError(
                "unsupported_value", "type {type} has no budget_tokens; leave it out", {"type": self.type}
            )
        return self
