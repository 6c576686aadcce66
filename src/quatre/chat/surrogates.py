"""Half characters: what JSON and Python's str allow, and UTF-8 does not."""

from __future__ import annotations


def whole_characters(text: str) -> str:
    """The text with surrogate pairs joined and every lone half of one replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
