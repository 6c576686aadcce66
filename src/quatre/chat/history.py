"""Tool calls and their results in a conversation: which belongs to which, mended where it is clear what was meant.

Agents cut, merge and translate histories. Ids that are missing or doubled are replaced; a result without an id belongs
to the first call that waits for one, of its ``name`` if it has one; what has no call at all is refused with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quatre.chat.messages import Call, Turn
from quatre.chat.tokenizer import Message
from quatre.errors import RequestError

NO_IDS = (None, "", "null")  # Mistral's own client sends "null" for an id that it does not know


def without_empty_answers(messages: Sequence[Message], places: Sequence[str]) -> tuple[list[Message], list[str]]:
    """The messages, and where each of them was written, without those of the assistant that say nothing: agents keep
    answers that were stopped before their first word, and no prompt has a form for them."""
    kept = [(message, place) for message, place in zip(messages, places, strict=True) if not _says_nothing(message)]
    return [message for message, _ in kept], [place for _, place in kept]


def _says_nothing(message: Message) -> bool:
    said = message.get("content") or []
    parts = said if isinstance(said, list) else [said]
    return (
        message.get("role") == "assistant"
        and not any(message.get(field) for field in ("tool_calls", "reasoning", "reasoning_content"))
        and all(_is_blank(part) for part in parts)
    )


def _is_blank(part: Any) -> bool:
    """Whether a part of a content has no text, whatever else clients write beside it."""
    if _is_empty(part, "text") or _is_empty(part, "thinking"):
        return True
    thoughts = part.get("thinking") if isinstance(part, Mapping) and part.get("type") == "thinking" else None
    return isinstance(thoughts, list) and all(_is_empty(thought, "text") for thought in thoughts)


def _is_empty(part: Any, kind: str) -> bool:
    return isinstance(part, Mapping) and part.get("type") == kind and part.get(kind) == ""


def with_sound_calls(turns: Sequence[Turn]) -> list[Turn]:
    """The same turns, each call with an id of its own and each result with that of its call. RequestError if there is
    a result that no call asked for."""
    sound: list[Turn] = []
    used: set[str] = set()
    waiting: list[_Waiting] = []
    for place, turn in enumerate(turns):
        if turn.calls:
            waiting = [
                _Waiting(call.id, call.name, _fresh(call, place, index, used)) for index, call in enumerate(turn.calls)
            ]
            calls = tuple(replace(call, id=named.id) for call, named in zip(turn.calls, waiting, strict=True))
            turn = replace(turn, calls=calls)
        elif turn.role == "tool":
            _check_place(turns, place)
            found = _asked_by(turn, place, waiting)
            waiting.remove(found)
            turn = replace(turn, call_id=found.id)
        sound.append(turn)
    return sound


@dataclass(frozen=True)
class _Waiting:
    """A call without a result yet: its id as the client ``said`` it, its function, and its id from now on."""

    said: str | None
    name: str
    id: str


def _fresh(call: Call, place: int, index: int, used: set[str]) -> str:
    """The call's own id if it has one that no other call has."""
    own = call.id
    call_id = own if own is not None and own not in NO_IDS and own not in used else f"call-{place}-{index}"
    used.add(call_id)
    return call_id


def _check_place(turns: Sequence[Turn], place: int) -> None:
    before = turns[place - 1] if place else None
    if before is None or before.role not in ("assistant", "tool"):
        behind = f"follows the {before.role}'s message" if before else "is the first message"
        raise _wrong(place, f"is a tool's result and {behind}; results stand right behind the message with their calls")


def _asked_by(turn: Turn, place: int, waiting: Sequence[_Waiting]) -> _Waiting:
    if turn.call_id in NO_IDS:
        found = next((call for call in waiting if not turn.name or call.name == turn.name), None)
        if found is None:
            of_what = f" of {turn.name!r:.80}" if turn.name else ""
            raise _wrong(place, f"is a tool's result, but no call{of_what} before it waits for one")
        return found
    meant = [call for call in waiting if call.said == turn.call_id]
    found = next((call for call in meant if call.name == turn.name), meant[0] if meant else None)
    if found is None:
        raise _wrong(
            place,
            f"is the result of the tool call {turn.call_id!r:.60}, but no message before it has such a call that waits",
        )
    if turn.name and turn.name != found.name:
        raise _wrong(place, f"has the name {turn.name!r:.80}, but its call was one of {found.name!r:.80}")
    return found


def _wrong(place: int, what: str) -> RequestError:
    return RequestError(f"messages[{place}] {what}", param="messages")
