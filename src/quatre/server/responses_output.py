"""The output of a response: items that begin, grow and end, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quatre.chat.reply import Piece

Event = dict[str, Any]

KIND_OF = {"content": "message", "reasoning": "reasoning", "call": "function_call", "arguments": "function_call"}
PREFIX_OF = {"message": "msg", "reasoning": "rs", "function_call": "fc"}
PART_OF = {"message": "output_text", "reasoning": "reasoning_text"}


class Output:
    """``items`` are the output so far. ``key`` makes the ids of items unlike those of other responses."""

    def __init__(self, key: str) -> None:
        self.items: list[dict[str, Any]] = []
        self._key = key
        self._kind: str | None = None  # of the item that is open
        self._texts: list[str] = []

    def add(self, pieces: Iterable[Piece]) -> list[Event]:
        """Take in pieces of the answer; what happens by them."""
        events: list[Event] = []
        for piece in pieces:
            kind = KIND_OF[piece.kind]
            if piece.kind == "call" or kind != self._kind:
                events += self.close()
                events += self._begin(kind, piece)
            if piece.kind != "call":
                self._texts.append(piece.text)
                events.append(self._event(f"{self._texts_of}.delta", delta=piece.text, **self._logprobs))
        return events

    def close(self, status: str = "completed") -> list[Event]:
        """End the item that is open."""
        if self._kind is None:
            return []
        item, text = self.items[-1], "".join(self._texts)
        item["status"] = status
        if self._kind == "function_call":
            item["arguments"] = text
            events = [self._event(f"{self._texts_of}.done", name=item["name"], arguments=text)]
        else:
            part = self._part(text)
            item["content"] = [part]
            done = self._event(f"{self._texts_of}.done", text=text, **self._logprobs)
            events = [done, self._event("response.content_part.done", part=part)]
        events.append({"type": "response.output_item.done", "output_index": len(self.items) - 1, "item": dict(item)})
        self._kind = None
        return events

    def _begin(self, kind: str, piece: Piece) -> list[Event]:
        self._kind, self._texts = kind, []
        item: dict[str, Any] = {
            "id": f"{PREFIX_OF[kind]}_{self._key}_{len(self.items)}",
            "type": kind,
            "status": "in_progress",
        }
        if kind == "message":
            item |= {"role": "assistant", "content": []}
        elif kind == "reasoning":
            item |= {"summary": [], "content": []}
        else:
            item |= {"call_id": piece.id, "name": piece.text, "arguments": ""}
        self.items.append(item)
        added = {"type": "response.output_item.added", "output_index": len(self.items) - 1, "item": dict(item)}
        if kind == "function_call":
            return [added]
        return [added, self._event("response.content_part.added", part=self._part(""))]

    @property
    def _texts_of(self) -> str:
        """The name of the events that tell of the text in the open item."""
        return f"response.{PART_OF.get(self._kind or '', 'function_call_arguments')}"

    @property
    def _logprobs(self) -> dict[str, Any]:
        return {"logprobs": []} if self._kind == "message" else {}

    def _part(self, text: str) -> dict[str, Any]:
        part: dict[str, Any] = {"type": PART_OF[self._kind or ""], "text": text}
        return {**part, "annotations": [], "logprobs": []} if self._kind == "message" else part

    def _event(self, event: str, **more: Any) -> Event:
        place = {"item_id": self.items[-1]["id"], "output_index": len(self.items) - 1}
        index = {} if self._kind == "function_call" else {"content_index": 0}
        return {"type": event, **place, **index, **more}
