"""Conversations in OpenAI's form, read once for every kind of prompt. Knows no vocabulary and no template.

Every RequestError says which message is meant and what was expected there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from quatre.chat.surrogates import whole_characters
from quatre.chat.tokenizer import Message
from quatre.errors import RequestError

Role = Literal["system", "developer", "user", "assistant", "tool"]
MOST_IMAGES = 64
DETAILS = (None, "auto", "high", "original")
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a message. ``closed`` False: thinking that the model shall go on with (only at the very end).

    The ``text`` of an image is its address, which nobody has opened yet.
    """

    kind: Literal["text", "thinking", "image"]
    text: str
    closed: bool = True


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool call that the assistant made. ``arguments``: an object, or the text that should have been one."""

    id: str | None
    name: str
    arguments: str | Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message. ``prefix``: the last message, the assistant's, is to be continued and not to be answered."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    calls: tuple[Call, ...] = ()
    call_id: str | None = None
    prefix: bool = False

    def text(self, kind: Literal["text", "thinking"] = "text", *, join: str) -> str:
        """The parts of one kind as one string."""
        return join.join(part.text for part in self.parts if part.kind == kind)


@contextmanager
def about(place: int) -> Iterator[None]:
    """Lets a RequestError from below say which message is meant, if it does not."""
    try:
        yield
    except RequestError as error:
        if error.param != "messages" or str(error).startswith("messages["):
            raise
        raise RequestError(f"messages[{place}]: {error}", param=error.param, code=error.code) from error


def without_images(turns: list[Turn]) -> list[Turn]:
    """The turns, for models that read text only. RequestError names the first message that has an image."""
    for place, turn in enumerate(turns):
        if any(part.kind == "image" for part in turn.parts):
            raise RequestError(f"messages[{place}] has an image, but this model reads text only", param="messages")
    return turns


def read_messages(messages: Sequence[Message] | Any) -> list[Turn]:
    """Check and unify the messages of a conversation; fields that nobody has heard of are dropped."""
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        raise RequestError("messages must be a list of messages", param="messages")
    if not messages:
        raise RequestError("messages is empty; send at least one message", param="messages")
    turns = [_Reader(place, message).read() for place, message in enumerate(messages)]
    images = sum(part.kind == "image" for turn in turns for part in turn.parts)
    if images > MOST_IMAGES:
        raise RequestError(f"messages have {images} images; at most {MOST_IMAGES} are taken", param="messages")
    for place, turn in enumerate(turns[:-1]):
        if turn.prefix:
            raise RequestError(f"messages[{place}] has prefix, which only the last message may have", param="messages")
    return turns


class _Reader:
    """Reads one message; ``place`` is its index, for the errors."""

    def __init__(self, place: int, message: Any) -> None:
        self.place = place
        if not isinstance(message, Mapping):
            raise self.wrong("is not an object with role and content")
        self.message = message

    def read(self) -> Turn:
        role = self.role()
        turn = Turn(
            role=role,
            parts=self.parts(role),
            name=self.text("name"),
            calls=self.calls() if role == "assistant" else (),
            call_id=self.text("tool_call_id") if role == "tool" else None,
            prefix=self.prefix(role),
        )
        if role == "assistant" and not turn.calls and not any(part.text for part in turn.parts):
            raise self.wrong("is an assistant's without content and tool_calls")
        return turn

    def role(self) -> Role:
        asked = self.message.get("role")
        for role in ROLES:
            if role == asked:
                return role
        raise self.wrong(f"has the role {asked!r:.50}; expected {', '.join(ROLES[:-1])} or {ROLES[-1]}")

    def wrong(self, what: str) -> RequestError:
        return RequestError(f"messages[{self.place}] {what}", param="messages")

    def text(self, field: str) -> str | None:
        value = self.message.get(field)
        if value is None or isinstance(value, str):
            return None if value is None else whole_characters(value)
        raise self.wrong(f"has {field} of type {type(value).__name__}; expected text")

    def prefix(self, role: Role) -> bool:
        prefix = self.message.get("prefix") or False
        if not isinstance(prefix, bool) or (prefix and role != "assistant"):
            raise self.wrong("has prefix; expected true or false, and true only for the assistant")
        return prefix

    # -- Content -----------------------------------------------------------------------------------------------

    def parts(self, role: Role) -> tuple[Part, ...]:
        content = self.message.get("content")
        if content is None and role != "assistant":
            raise self.wrong("has no content")
        if content is None or isinstance(content, str):
            parts = [Part(kind="text", text=whole_characters(content))] if content else []
        elif isinstance(content, Sequence):
            parts = [self.part(index, part, role) for index, part in enumerate(content)]
        else:
            raise self.wrong(f"has content of type {type(content).__name__}; expected text or a list of text parts")
        return (*self.reasoning(parts), *parts) if role == "assistant" else tuple(parts)

    def part(self, index: int, part: Any, role: Role) -> Part:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(part.get("text"), str):
            return Part(kind="text", text=whole_characters(part["text"]))
        if kind == "thinking" and role in ("assistant", "system"):
            return self.thinking(index, part)
        if kind == "image_url":
            return self.image(index, part, role)
        if isinstance(kind, str) and kind not in ("text", "thinking"):
            raise self.wrong(f"has a part of type {kind!r:.50}; known are text, image_url and thinking")
        raise self.wrong(f'has a content part {index} that is not {{"type": "text", "text": …}}')

    def image(self, index: int, part: Mapping[str, Any], role: Role) -> Part:
        """OpenAI's form is an object with the url, Mistral's the url itself."""
        asked = part.get("image_url")
        url = asked.get("url") if isinstance(asked, Mapping) else asked
        if not isinstance(url, str):
            raise self.wrong(f'has an image_url part {index} without {{"image_url": {{"url": …}}}}')
        if isinstance(asked, Mapping) and asked.get("detail") not in DETAILS:
            raise self.wrong(f"has an image in part {index} whose detail is not auto or high; images are never reduced")
        if role not in ("user", "tool"):
            raise self.wrong(f"has an image in part {index}; only user and tool messages may have images")
        return Part(kind="image", text=url)

    def thinking(self, index: int, part: Mapping[str, Any]) -> Part:
        """Mistral's ``thinking`` is a list of text parts, Anthropic's is text."""
        thinking, closed = part.get("thinking"), part.get("closed")
        if isinstance(thinking, Sequence) and not isinstance(thinking, str):
            pieces = [piece.get("text") if isinstance(piece, Mapping) else None for piece in thinking]
        else:
            pieces = [thinking]
        texts = [whole_characters(piece) for piece in pieces if isinstance(piece, str)]
        if len(texts) < len(pieces) or not isinstance(closed, bool | None):
            raise self.wrong(f"has a thinking part {index} that is not text")
        return Part(kind="thinking", text="".join(texts), closed=closed is not False)

    def reasoning(self, parts: Sequence[Part]) -> list[Part]:
        """Servers differ in how they name it; some send both, and then ``reasoning`` counts."""
        text = self.text("reasoning") or self.text("reasoning_content")
        if text and any(part.kind == "thinking" for part in parts):
            raise self.wrong("has thinking in its content and a reasoning field too; send one of them")
        return [Part(kind="thinking", text=text)] if text else []

    # -- Tool calls --------------------------------------------------------------------------------------------

    def calls(self) -> tuple[Call, ...]:
        calls = self.message.get("tool_calls")
        if calls is None:
            return ()
        if not isinstance(calls, Sequence) or isinstance(calls, str):
            raise self.wrong("has tool_calls that are not a list")
        return tuple(self.call(index, call) for index, call in enumerate(calls))

    def call(self, index: int, call: Any) -> Call:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise self.wrong(f"has a tool call {index} without function.name")
        arguments, call_id = function.get("arguments"), call.get("id")
        if arguments is not None and not isinstance(arguments, str | Mapping):
            raise self.wrong(f"has a tool call {index} whose arguments are neither text nor an object")
        if call_id is not None and not isinstance(call_id, str):
            raise self.wrong(f"has a tool call {index} whose id is not text")
        if isinstance(arguments, str):
            arguments = whole_characters(arguments)
        name = whole_characters(function["name"])
        return Call(id=call_id, name=name, arguments=arguments or "{}")
