"""In what order nano meets its abilities: first how to find in a prompt what is asked for, then what to do with it."""

from __future__ import annotations

from dataclasses import dataclass

from recipes.nano.example import Example

EASY = {  # kinds that come before the last phase, of abilities that have hard ones
    "arithmetic": frozenset(
        {f"{what}-{digits}-digits" for what in ("addition", "subtraction") for digits in (1, 2, 3, 4)}
        | {"multiplication-1x1", "multiplication-2x1", "multiplication-3x1", "word-problem-1-step"}
    ),
    "tools": frozenset({"single", "choose", "none-fits"}),
    "extraction": frozenset({"flat", "types"}),
}
FEW_TOOLS = 2  # are offered in a conversation before the last phase


@dataclass(frozen=True)
class Phase:
    """``until``: the step that ends it. ``shares``: of the tokens, by ability."""

    until: float
    shares: dict[str, float]
    is_easy: bool = True

    def takes(self, example: Example) -> bool:
        """Whether ``example`` is simple enough."""
        if not self.is_easy:
            return True
        return len(example.tools or ()) <= FEW_TOOLS and example.kind in EASY.get(example.ability, {example.kind})


PHASES = (
    Phase(
        1200,
        {
            "arithmetic": 0.25,
            "tools": 0.25,
            "extraction": 0.15,
            "images": 0.12,
            "languages": 0.1,
            "long_context": 0.07,
            "copying": 0.03,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(
        1500,
        {
            "copying": 0.36,
            "arithmetic": 0.38,
            "images": 0.08,
            "extraction": 0.07,
            "languages": 0.06,
            "tools": 0.03,
            "small_talk": 0.02,
        },
    ),
    Phase(
        2200,
        {
            "arithmetic": 0.31,
            "tools": 0.17,
            "extraction": 0.14,
            "images": 0.12,
            "languages": 0.11,
            "copying": 0.09,
            "long_context": 0.03,
            "small_talk": 0.03,
        },
    ),
    Phase(
        2800,
        {
            "tools": 0.33,
            "arithmetic": 0.21,
            "extraction": 0.2,
            "languages": 0.12,
            "long_context": 0.06,
            "copying": 0.05,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(
        float("inf"),
        {
            "tools": 0.29,
            "images": 0.18,
            "arithmetic": 0.17,
            "extraction": 0.17,
            "languages": 0.09,
            "long_context": 0.06,
            "small_talk": 0.03,
            "copying": 0.03,
        },
        is_easy=False,
    ),
)


def phase(step: int) -> Phase:
    """Of a step."""
    return next(one for one in PHASES if step < one.until)
