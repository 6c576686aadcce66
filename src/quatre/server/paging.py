"""Lists in OpenAI's form, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from quatre.errors import RequestError

Limit = Annotated[int, Query(ge=1, le=10_000)]


def page(items: Sequence[dict[str, Any]], limit: int, after: str | None) -> dict[str, Any]:
    """The first ``limit`` items, or those behind the one with the id ``after``."""
    ids = [item["id"] for item in items]
    if after is not None and after not in ids:
        raise RequestError(f"after is not the id of an item: {after[:100]!r}", param="after")
    begin = 0 if after is None else ids.index(after) + 1
    shown = items[begin : begin + limit]
    return {
        "object": "list",
        "data": list(shown),
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": begin + limit < len(items),
    }
