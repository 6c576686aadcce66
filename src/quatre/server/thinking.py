"""What other APIs say of reasoning, and clients send to chat completions, too: Anthropic's ``thinking``, OpenRouter's
``reasoning``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from quatre.chat.effort import Wish
from quatre.server.fields import LARGEST_COUNT, Fields, Label


class Thinking(Fields):
    """``enabled`` with a budget of tokens, ``adaptive`` for as much as the model likes, or ``disabled``.

    ``display``: "omitted" leaves the thinking out of the answer. There are no summaries: otherwise all of it is shown.
    """

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: Annotated[int | None, Field(ge=1, le=LARGEST_COUNT)] = None
    display: Literal["summarized", "omitted"] | None = None

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """What it says of whether to think."""
        return (self.type != "disabled",)

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


class RoutedReasoning(Fields):
    """OpenRouter's ``reasoning``: an ``effort``, or a switch, and most tokens of it; ``exclude`` leaves it out of the
    answer."""

    effort: Label | None = None
    enabled: bool | None = None
    max_tokens: Annotated[int | None, Field(ge=1, le=LARGEST_COUNT)] = None
    exclude: bool | None = None

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """What it says of whether and how much to think; a budget alone is for those who do."""
        if self.effort is None and self.enabled is None and self.max_tokens is not None:
            return (True,)
        return self.effort, self.enabled
