"""What a model says → content, reasoning and tool calls, token by token (model.md 7.1).

A whole answer is the sum of its pieces, so that there is nothing in which streaming could differ. Marks are recognised
by their token ids; text that spells a mark stays text, except for vocabularies that have no token for it.
"""

from __future__ import annotations

import secrets
import string
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby
from typing import Literal

from quatre.chat.calls import WHITESPACE, CallObjects, Found, JsonValue
from quatre.chat.markup import Mark, Markup
from quatre.chat.stops import StopFinder

PLAIN = Markup()
ID_LETTERS = string.ascii_letters + string.digits
ID_LENGTH = 9  # the only length that all of Mistral's vocabularies take


@dataclass(frozen=True)
class Piece:
    """A piece of an answer. "call": tool call number ``index`` begins, called ``text``; its "arguments" follow."""

    kind: Literal["content", "reasoning", "call", "arguments"]
    text: str
    index: int = 0
    id: str = ""


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same with as few pieces as possible."""
    for (kind, index), group in groupby(pieces, key=lambda piece: (piece.kind, piece.index)):
        if kind == "call":
            yield from group
        else:
            yield Piece(kind, "".join(piece.text for piece in group), index)


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asks for; ``arguments`` is the text of a JSON object, or what was said instead."""

    id: str
    name: str
    arguments: str


class Reply:
    """The sum of the pieces so far."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {"content": [], "reasoning": []}
        self._calls: list[tuple[Piece, list[str]]] = []

    def add(self, pieces: Iterable[Piece]) -> None:
        """Take in the next pieces."""
        for piece in pieces:
            if piece.kind == "call":
                self._calls.append((piece, []))
            elif piece.kind == "arguments":
                self._calls[piece.index][1].append(piece.text)
            else:
                self._texts[piece.kind].append(piece.text)

    @property
    def content(self) -> str:
        """What is said to the user."""
        return "".join(self._texts["content"])

    @property
    def reasoning(self) -> str:
        """What was thought before."""
        return "".join(self._texts["reasoning"])

    @property
    def calls(self) -> list[ToolCall]:
        """The tools that are to be called, in order."""
        return [ToolCall(begun.id, begun.text, "".join(parts)) for begun, parts in self._calls]


@dataclass(frozen=True)
class ReplyForm:
    """How to read an answer; the default is that of a completion, where all text is content.

    ``reasoning``: the prompt ends within a block of reasoning. ``calls``: tools may be called; without, marks of calls
    mean nothing.
    """

    markup: Markup = PLAIN
    reasoning: bool = False
    calls: bool = False


class _State(Enum):
    CONTENT = auto()
    REASONING = auto()
    NAME = auto()
    ID = auto()
    ARGUMENTS = auto()
    OBJECTS = auto()  # calls as JSON objects


class ReplyStream:
    """The pieces of one answer. ``token_bytes``: as of a :class:`quatre.chat.tokenizer.Tokenizer`.

    Stop strings are looked for in the content alone; ``stopped`` is the one that was found.
    """

    def __init__(
        self,
        token_bytes: Callable[[int], bytes],
        stop: Sequence[str] = (),
        form: ReplyForm | None = None,
    ) -> None:
        form = form or ReplyForm()
        self.reasoning_tokens = 0
        self._token_bytes = token_bytes
        self._markup = form.markup
        self._calls = form.calls and form.markup.knows_calls
        self._decoder = getincrementaldecoder("utf-8")(errors="replace")
        self._stops = StopFinder(stop)
        self._state = _State.REASONING if form.reasoning else _State.CONTENT
        self._pieces: list[Piece] = []
        self._count = 0  # of calls
        self._blank = ""  # whitespace that counts only if something follows it
        self._unread = ""  # may be the beginning of a mark that is spelled in text
        self._said = False  # whether the present piece of content is more than whitespace
        self._name = ""
        self._id = ""
        self._argued = False  # whether the last call has arguments
        self._value = JsonValue(within=False)
        self._objects = CallObjects()

    @property
    def stopped(self) -> str | None:
        """The stop string that ended the answer."""
        return self._stops.stopped

    def push(self, token: int, *, may_stop: bool = True) -> list[Piece]:
        """Take in one token; what can be sent now. Without ``may_stop`` its text is part of no stop string."""
        mark = self._markup.tokens.get(token)
        was_reasoning = self._state is _State.REASONING
        if mark is not None and self._obeys(mark, token):
            self._read(self._decoder.decode(b"", final=True) + self._take_unread())
            self._obey(mark)
        else:
            self._read_marked(self._decoder.decode(self._token_bytes(token)), may_stop)
        self.reasoning_tokens += was_reasoning or self._state is _State.REASONING
        return self._taken()

    def flush(self) -> list[Piece]:
        """The answer has ended: what was held back, and the end of what is open."""
        if self.stopped is None:
            self._read_marked(self._decoder.decode(b"", final=True))
            self._read(self._take_unread())
            state = self._state
            self._close()
            if state is _State.CONTENT and self._blank and not self._count:
                self._add("content", self._blank)
        return self._taken()

    def _taken(self) -> list[Piece]:
        pieces, self._pieces = self._pieces, []
        return pieces

    # -- Marks -------------------------------------------------------------------------------------------------

    def _obeys(self, mark: Mark, token: int) -> bool:
        if self.stopped is not None:
            return False
        if self._objects.open and mark is not Mark.END_CALL and self._token_bytes(token):
            return False  # a text in a call that speaks of marks
        return self._calls or mark in (Mark.THINK, Mark.END_THINK)

    def _obey(self, mark: Mark) -> None:
        state = self._state
        if mark is Mark.ARGUMENTS and state in (_State.NAME, _State.ID):
            self._begin_call(self._name)
        elif mark is Mark.CALL_ID and state is _State.NAME:
            self._state = _State.ID
        elif mark is Mark.THINK and state is not _State.REASONING:
            self._become(_State.REASONING)
        elif mark is Mark.CALL:
            self._become(_State.NAME)
        elif (mark is Mark.END_THINK and state is _State.REASONING) or (
            mark is Mark.END_CALL and state not in (_State.CONTENT, _State.REASONING)
        ):
            self._become(_State.CONTENT)

    def _become(self, state: _State) -> None:
        self._close()
        self._state = state
        self._blank, self._said = "", False

    def _close(self) -> None:
        """End what is open in the present state."""
        match self._state:
            case _State.CONTENT:
                self._content(self._stops.flush())
            case _State.NAME | _State.ID if self._name.strip():
                self._begin_call(self._name)
                self._add("arguments", "{}")
            case _State.ARGUMENTS if not self._value.started:
                self._add("arguments", "{}")
            case _State.OBJECTS:
                self._called(self._objects.end())
        self._name = self._id = ""

    def _begin_call(self, name: str) -> None:
        self._announce(name)
        self._value = JsonValue(within=False)
        self._state = _State.ARGUMENTS

    def _announce(self, name: str) -> None:
        call_id = self._id.strip() or "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))
        self._pieces.append(Piece("call", name.strip(), self._count, call_id))
        self._count += 1
        self._argued = False

    def _add(self, kind: Literal["content", "reasoning", "arguments"], text: str) -> None:
        if text:
            self._pieces.append(Piece(kind, text, max(self._count - 1, 0) if kind == "arguments" else 0))
            self._argued |= kind == "arguments"

    # -- Text --------------------------------------------------------------------------------------------------

    def _read_marked(self, text: str, may_stop: bool = True) -> None:
        """Read text in which marks may be spelled."""
        if not self._markup.texts:
            return self._read(text, may_stop)
        text = self._take_unread() + text
        while (found := _first(text, self._markup.texts)) is not None:
            place, spelling = found
            self._read(text[:place], may_stop)
            mark = self._markup.texts[spelling]
            if self.stopped is None and (self._calls or mark in (Mark.THINK, Mark.END_THINK)):
                self._obey(mark)
            else:
                self._read(spelling, may_stop)
            text = text[place + len(spelling) :]
        held = _beginning(text, self._markup.texts)
        self._read(text[: len(text) - held], may_stop)
        self._unread = text[len(text) - held :]
        return None

    def _take_unread(self) -> str:
        text, self._unread = self._unread, ""
        return text

    def _read(self, text: str, may_stop: bool = True) -> None:
        if not text or self.stopped is not None:
            return
        match self._state:
            case _State.CONTENT:
                self._content(self._stops.push(text) if may_stop else text)
            case _State.REASONING:
                self._add("reasoning", self._without_end(text))
            case _State.NAME:
                self._read_name(text)
            case _State.ID:
                self._id += text
            case _State.ARGUMENTS:
                self._read_arguments(text)
            case _State.OBJECTS:
                self._called(self._objects.take(text))

    def _content(self, text: str) -> None:
        """Where calls are possible, whitespace alone before or between them is no content; so it waits."""
        text = self._blank + text
        self._said |= not self._calls or bool(text.strip(WHITESPACE))
        self._blank = "" if self._said else text
        self._add("content", text if self._said else "")

    def _without_end(self, text: str) -> str:
        """The text with the whitespace that was held back in front, and without that at its end."""
        text = self._blank + text
        kept = text.rstrip(WHITESPACE)
        self._blank = text[len(kept) :]
        return kept

    def _read_name(self, text: str) -> None:
        self._name += text
        begun = self._name.lstrip(WHITESPACE)
        listed = begun.startswith("[") or (begun.startswith("{") and self._markup.closes_calls)
        if listed:
            self._state, self._name = _State.OBJECTS, ""
            self._called(self._objects.take(begun))
        elif "{" in begun:
            name, brace, rest = begun.partition("{")
            self._begin_call(name)
            self._read_arguments(brace + rest)

    def _read_arguments(self, text: str) -> None:
        """Of what follows a name, the first JSON value. What comes after it belongs to nothing (vLLM 48975)."""
        if not self._value.started:
            text = text.lstrip(WHITESPACE)
        if text and not self._value.done:
            self._add("arguments", text[: self._value.take(text)])

    def _called(self, found: Iterable[Found]) -> None:
        for kind, text in found:
            if kind == "name":
                self._announce(text)
            elif kind == "arguments":
                self._add("arguments", text)
            elif not self._argued:
                self._add("arguments", "{}")


def _first(text: str, spellings: Iterable[str]) -> tuple[int, str] | None:
    """Where the first of these stands in the text, and which one it is."""
    found = [(place, spelling) for spelling in spellings if (place := text.find(spelling)) >= 0]
    return min(found, default=None)


def _beginning(text: str, spellings: Iterable[str]) -> int:
    """The length of the longest end of the text that one of these may begin with."""
    return max(
        (length for spelling in spellings for length in range(1, len(spelling)) if text.endswith(spelling[:length])),
        default=0,
    )
