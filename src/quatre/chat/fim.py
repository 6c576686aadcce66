"""Prompts for the text between two texts: [SUFFIX], what follows, [PREFIX], what comes before (Mistral's layout)."""

from __future__ import annotations

from collections.abc import Callable

from quatre.errors import RequestError

SUFFIX, PREFIX, MIDDLE = MARKS = ("[SUFFIX]", "[PREFIX]", "[MIDDLE]")


def check_fim(token_of: Callable[[str], int | None]) -> None:
    """RequestError unless the vocabulary has the marks."""
    missing = [mark for mark in MARKS if token_of(mark) is None]
    if missing:
        raise RequestError(
            f"this model cannot fill in the middle: its vocabulary has no {', '.join(missing)}; "
            "leave the suffix out, and use /v1/completions",
            param="suffix",
        )
