"""Tool calls in the text of an answer, read as it comes: where a JSON value ends, and calls spelled as JSON objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

WHITESPACE = " \t\r\n"
NAMES, ARGUMENTS = ("name",), ("arguments", "parameters")

Found = tuple[Literal["name", "arguments", "end"], str]


class JsonValue:
    """Follows one JSON value until it is complete. Text in front of it must have been removed.

    ``within``: the value is part of another one, so that a number or a word ends before what cannot belong to it;
    otherwise nothing ends it.
    """

    def __init__(self, *, within: bool) -> None:
        self.started = False
        self.done = False
        self._within = within
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._is_word = False  # a number, true, false, null, or nothing that JSON knows

    def take(self, text: str) -> int:
        """How many characters of ``text`` belong to the value."""
        for place, character in enumerate(text):
            if self._is_word and self._within and character in WHITESPACE + ",]}":
                self.done = True
                return place
            self._step(character)
            if self.done:
                return place + 1
        return len(text)

    def _step(self, character: str) -> None:
        if self._in_string:
            if self._escaped:
                self._escaped = False
            elif character == "\\":
                self._escaped = True
            elif character == '"':
                self._in_string = False
                self.done = self._depth == 0
        elif character == '"':
            self._in_string = not self._is_word
        elif character in "{[":
            self._depth += 1
        elif character in "}]" and self._depth:
            self._depth -= 1
            self.done = self._depth == 0
        elif self._depth == 0:
            self._is_word = True
        self.started = True


class CallObjects:
    """Reads ``{"name": …, "arguments": …}``, once or in a list; what stands between the objects means nothing.

    Arguments come piece by piece as they are written, once the name is known; arguments that are a string of JSON come
    as the JSON in it.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._inside = False
        self._key: str | None = None
        self._value: JsonValue | None = None
        self._is_string = False
        self._raw = ""  # of a key or value that has to be complete before it means anything
        self._named = False
        self._early = ""  # arguments that stand in front of the name

    @property
    def open(self) -> bool:
        """Whether a call has begun and not ended."""
        return self._inside

    def take(self, text: str) -> Iterator[Found]:
        """What the next piece of text tells."""
        while text:
            if self._value is None:
                text = self._between(text)
                if text.startswith("}"):
                    yield from self.end()
                    text = text[1:]
                continue
            count = self._value.take(text)
            part, text = text[:count], text[count:]
            if self._key in ARGUMENTS and self._named and not self._is_string:
                yield "arguments", part
            else:
                self._raw += part
            if self._value.done:
                yield from self._complete()

    def end(self) -> Iterator[Found]:
        """The object, or the answer, has ended."""
        if not self._inside:
            return
        if self._value is not None:
            yield from self._complete()
        if not self._named and self._early:
            yield "name", ""
            yield "arguments", self._early
        if self._named or self._early:
            yield "end", ""
        self._begin()

    def _between(self, text: str) -> str:
        """Skip to the beginning of an object, key or value, or to the end of an object."""
        if not self._inside:
            start = text.find("{")
            self._inside = start >= 0
            return text[start + 1 :] if self._inside else ""
        text = text.lstrip(WHITESPACE + ",:")
        if text and not text.startswith("}"):
            self._value = JsonValue(within=True)
            self._is_string = text.startswith('"')
        return text

    def _complete(self) -> Iterator[Found]:
        """A key or a value is complete."""
        raw, self._raw, self._value = self._raw, "", None
        key, self._key = self._key, None
        if key is None:
            self._key = _plain(raw)
        elif key in NAMES and not self._named:
            self._named = True
            yield "name", _plain(raw)
            if self._early:
                yield "arguments", self._early
                self._early = ""
        elif key in ARGUMENTS and raw:
            if self._named:
                yield "arguments", _plain(raw)
            else:
                self._early = _plain(raw)


def _plain(raw: str) -> str:
    """The text in a JSON string; anything else as it is."""
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    return value if isinstance(value, str) else raw
