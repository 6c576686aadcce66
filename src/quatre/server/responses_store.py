"""Responses that later requests may go on from or ask for again: in memory, the least recently used go first."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from quatre.errors import RequestError
from quatre.server.middleware import owner

MOST_KEPT = 1000
MOST_CHARACTERS = 64 << 20


@dataclass(frozen=True)
class Kept:
    """``body``: as it was sent. ``messages``: the conversation up to its end, without the instructions; ``items``: the
    same as items, up to its beginning."""

    body: dict[str, Any]
    messages: list[dict[str, Any]]
    items: list[dict[str, Any]]
    characters: int


class ResponseStore:
    """Belongs to the event loop. Ids are random, and each key finds its own responses alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._characters = 0

    def keep(
        self, body: dict[str, Any], messages: list[dict[str, Any]], items: list[dict[str, Any]] | None = None
    ) -> None:
        """Remember a response, and forget the oldest ones if there are too many."""
        items = items or []
        kept = Kept(body, messages, items, sum(len(json.dumps(part)) for part in (messages, items, body)))
        self._kept[owner(), body["id"]] = kept
        self._characters += kept.characters
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            _, oldest = self._kept.popitem(last=False)
            self._characters -= oldest.characters

    def find(self, response_id: str, param: str | None = None) -> Kept:
        """RequestError (a 404 where the id is the address) for ids that are not known."""
        key = owner(), response_id
        if key not in self._kept:
            raise RequestError(
                f"the response {response_id[:100]!r} is not known; it was not stored, or other ones have replaced it",
                param=param,
                code="previous_response_not_found" if param else "response_not_found",
            )
        self._kept.move_to_end(key)
        return self._kept[key]

    def items(self) -> dict[str, dict[str, Any]]:
        """The items of all responses of the present client, by their ids."""
        mine = [kept for (whose, _), kept in self._kept.items() if whose == owner()]
        return {item["id"]: item for kept in mine for item in (*kept.items, *kept.body["output"])}

    def forget(self, response_id: str) -> None:
        """Delete it. RequestError as above."""
        self._characters -= self.find(response_id).characters
        del self._kept[owner(), response_id]
