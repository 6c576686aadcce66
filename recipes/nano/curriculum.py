"""In what order nano meets its abilities: simple questions before hard ones, pictures when it can see (:mod:`.eye`)."""

from __future__ import annotations

from dataclasses import dataclass

from recipes.nano.example import Example

EASY = {  # kinds that come in easy phases, of abilities that have hard ones
    "arithmetic": frozenset(
        {f"{what}-{digits}-digits" for what in ("addition", "subtraction") for digits in (1, 2, 3, 4)}
        | {"multiplication-1x1", "multiplication-2x1", "multiplication-3x1", "word-problem-1-step"}
    ),
    "tools": frozenset({"single", "choose", "none-fits"}),
    "extraction": frozenset({"flat", "types"}),
}
FEW_TOOLS = 2  # are offered in a conversation of an easy phase


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


ONLY_TEXT = {
    "tools": 0.31,
    "arithmetic": 0.2,
    "extraction": 0.2,
    "languages": 0.12,
    "long_context": 0.07,
    "copying": 0.05,
    "small_talk": 0.05,
}
PHASES = (
    Phase(
        1200,
        {
            "arithmetic": 0.28,
            "tools": 0.28,
            "extraction": 0.18,
            "languages": 0.12,
            "long_context": 0.07,
            "copying": 0.04,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(
        1500,
        {
            "arithmetic": 0.42,
            "copying": 0.38,
            "extraction": 0.08,
            "languages": 0.07,
            "tools": 0.03,
            "small_talk": 0.02,
        },
    ),
    Phase(
        2200,
        {
            "arithmetic": 0.35,
            "tools": 0.19,
            "extraction": 0.16,
            "languages": 0.13,
            "copying": 0.1,
            "long_context": 0.04,
            "small_talk": 0.03,
        },
    ),
    Phase(3200, ONLY_TEXT, is_easy=False),
    Phase(
        3950,
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
    Phase(  # the second course: whatever stands in a prompt can be said again, and everything else is built on that
        4100,
        {
            "copying": 0.5,
            "arithmetic": 0.12,
            "tools": 0.12,
            "extraction": 0.1,
            "languages": 0.06,
            "long_context": 0.04,
            "images": 0.04,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        5250,
        {
            "copying": 0.3,
            "tools": 0.19,
            "extraction": 0.13,
            "languages": 0.1,
            "images": 0.1,
            "arithmetic": 0.08,
            "long_context": 0.07,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(
        6400,
        {
            "tools": 0.23,
            "extraction": 0.17,
            "images": 0.14,
            "arithmetic": 0.1,
            "languages": 0.12,
            "long_context": 0.08,
            "copying": 0.13,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(
        7300,
        {
            "tools": 0.29,
            "extraction": 0.19,
            "images": 0.14,
            "languages": 0.12,
            "arithmetic": 0.1,
            "long_context": 0.07,
            "copying": 0.06,
            "small_talk": 0.03,
        },
        is_easy=False,
    ),
    Phase(  # the third course: what belongs to what, first without the schemas around it
        7800,
        {
            "finding": 0.3,
            "tools": 0.18,
            "extraction": 0.12,
            "languages": 0.11,
            "images": 0.1,
            "arithmetic": 0.08,
            "copying": 0.05,
            "long_context": 0.04,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        8800,
        {
            "tools": 0.26,
            "extraction": 0.18,
            "finding": 0.14,
            "languages": 0.13,
            "images": 0.11,
            "arithmetic": 0.08,
            "long_context": 0.05,
            "copying": 0.03,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        10100,
        {
            "tools": 0.31,
            "extraction": 0.21,
            "languages": 0.13,
            "images": 0.12,
            "arithmetic": 0.08,
            "long_context": 0.05,
            "finding": 0.06,
            "small_talk": 0.02,
            "copying": 0.02,
        },
        is_easy=False,
    ),
    Phase(  # the fourth course: more domains than before, and more layers
        11000,
        {
            "tools": 0.24,
            "extraction": 0.21,
            "finding": 0.15,
            "languages": 0.12,
            "images": 0.11,
            "long_context": 0.07,
            "arithmetic": 0.05,
            "copying": 0.03,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        13300,
        {
            "tools": 0.29,
            "extraction": 0.23,
            "languages": 0.13,
            "images": 0.13,
            "long_context": 0.08,
            "arithmetic": 0.06,
            "finding": 0.04,
            "small_talk": 0.02,
            "copying": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        15900,
        {
            "tools": 0.27,
            "extraction": 0.24,
            "languages": 0.17,
            "images": 0.13,
            "long_context": 0.07,
            "arithmetic": 0.05,
            "finding": 0.03,
            "small_talk": 0.02,
            "copying": 0.02,
        },
        is_easy=False,
    ),
    Phase(  # the fifth course: words of the whole vocabulary, further questions about the same picture
        17200,
        {
            "tools": 0.24,
            "extraction": 0.24,
            "languages": 0.12,
            "images": 0.13,
            "long_context": 0.09,
            "finding": 0.07,
            "arithmetic": 0.04,
            "copying": 0.05,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(
        24500,
        {
            "tools": 0.26,
            "extraction": 0.24,
            "languages": 0.14,
            "images": 0.14,
            "long_context": 0.09,
            "arithmetic": 0.045,
            "finding": 0.035,
            "copying": 0.03,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(  # the sixth course: a little more of looking back, for heads that are new
        28500,
        {
            "tools": 0.26,
            "extraction": 0.24,
            "images": 0.14,
            "languages": 0.11,
            "long_context": 0.08,
            "copying": 0.06,
            "finding": 0.05,
            "arithmetic": 0.04,
            "small_talk": 0.02,
        },
        is_easy=False,
    ),
    Phase(  # the seventh course: more pictures, of which digits and counts had stood still
        float("inf"),
        {
            "tools": 0.25,
            "extraction": 0.245,
            "images": 0.2,
            "languages": 0.09,
            "long_context": 0.08,
            "copying": 0.04,
            "finding": 0.04,
            "arithmetic": 0.03,
            "small_talk": 0.025,
        },
        is_easy=False,
    ),
)


def phase(step: int) -> Phase:
    """Of a step."""
    return next(one for one in PHASES if step < one.until)
