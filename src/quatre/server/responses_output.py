"""The output of a response: items that begin, grow and end, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quatre.chat.reply import Piece

Event = dict[str, Any]
Score = dict[str, Any]
"""A token with its log-probability and those of the likeliest others, see :func:`.logprobs.chat_logprobs`."""

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
        self._scores: list[Score] = []  # of the tokens of the open message
        self._held: list[Score] = []  # of tokens whose text is still to come

    def add(self, pieces: Iterable[Piece], scores: Iterable[Score] = ()) -> list[Event]:
        """Take in pieces of the answer; what happens by them. ``scores``: of its new tokens, for those of messages."""
        events: list[Event] = []
        self._held += scores
        for piece in pieces:
            kind = KIND_OF[piece.kind]
            if piece.kind == "call" or kind != self._kind:
                events += self.close()
                events += self._begin(kind, piece)
            if piece.kind != "call":
                self._texts.append(piece.text)
                told, self._held = self._held, []
                if kind == "message":
                    self._scores += told
                events.append(self._event(f"{self._texts_of}.delta", delta=piece.text, **self._logprobs(told)))
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
            done = self._event(f"{self._texts_of}.done", text=text, **self._logprobs(self._scores))
            events = [done, self._event("response.content_part.done", part=part)]
        events.append({"type": "response.output_item.done", "output_index": len(self.items) - 1, "item": dict(item)})
        self._kind = None
        return events

    def _begin(self, kind: str, piece: Piece) -> list[Event]:
        self._kind, self._texts, self._scores = kind, [], []
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

    def _logprobs(self, scores: list[Score]) -> dict[str, Any]:
        return {"logprobs": list(scores)} if self._kind == "message" else {}

    def _part(self, text: str) -> dict[str, Any]:
        part: dict[str, Any] = {"type": PART_OF[self._kind or ""], "text": text}
        return {**part, "annotations": [], **self._logprobs(self._scores)} if self._kind == "message" else part

    def _event(self, event: str, **more: Any) -> Event:
        place = {"item_id": self.items[-1]["id"], "output_index": len(self.items) - 1}
        index = {} if self._kind == "function_call" else {"content_index": 0}
        return {"type": event, **place, **index, **more}
