"""Where a text says a value: thoughts go through a text in its own order."""

from __future__ import annotations

import json
import re
from typing import Any


def spelled(value: Any) -> str:
    """A value as a text has it: true and false, but for those, are JSON's."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def place(text: str, value: Any, start: int = 0) -> int:
    """The index of a value, as a whole word if it stands there as one; the text's length if it does not stand there."""
    said = spelled(value)
    found = re.compile(rf"(?<![\w.]){re.escape(said)}(?!\w|\.\d)").search(text, start)
    return found.start() if found else text.find(said, start) % (len(text) + 1)
