"""Conversations in the many forms in which clients send them. What is refused is in test_tekken.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.chat.messages import ROLES, Call, Part, Turn, read_messages
from quatre.errors import RequestError


def read(**message: Any) -> Turn:
    (turn,) = read_messages([message])
    return turn


def text(words: str) -> Part:
    return Part(kind="text", text=words)


def thinking(words: str, **more: Any) -> Part:
    return Part(kind="thinking", text=words, **more)


@pytest.mark.parametrize("role", ROLES)
def test_roles(role: str) -> None:
    assert read(role=role, content="Hi") == Turn(role=role, parts=(text("Hi"),))


def test_parts() -> None:
    assert read(role="user", content=[{"type": "text", "text": "a"}, {"type": "text", "text": ""}]).parts == (
        text("a"),
        text(""),
    )
    assert read(role="user", content="").parts == ()
    assert read(role="user", content=[]).parts == ()


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": "4", "reasoning": "add"}, (thinking("add"), text("4"))),
        ({"content": "4", "reasoning_content": "add"}, (thinking("add"), text("4"))),
        ({"content": "4", "reasoning": "add", "reasoning_content": "x"}, (thinking("add"), text("4"))),
        ({"content": "4", "reasoning": None, "reasoning_content": ""}, (text("4"),)),
        ({"reasoning": "add"}, (thinking("add"),)),
        ({"content": [{"type": "thinking", "thinking": "add"}]}, (thinking("add"),)),
        ({"content": [{"type": "thinking", "thinking": "add", "closed": False}]}, (thinking("add", closed=False),)),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "add"}]},
                    {"type": "text", "text": "4"},
                ]
            },
            (thinking("add"), text("4")),
        ),
    ],
)
def test_ways_to_send_thinking(message: dict[str, Any], parts: tuple[Part, ...]) -> None:
    assert read(role="assistant", **message).parts == parts


@pytest.mark.parametrize(
    ("arguments", "read_as"), [('{"a": 1}', '{"a": 1}'), ({"a": 1}, {"a": 1}), (None, "{}"), ("", "{}"), ({}, "{}")]
)
def test_calls(arguments: Any, read_as: Any) -> None:
    turn = read(
        role="assistant", content=None, tool_calls=[{"id": "x", "function": {"name": "f", "arguments": arguments}}]
    )
    assert turn.calls == (Call(id="x", name="f", arguments=read_as),)
    assert turn.parts == ()


@pytest.mark.parametrize(("detail", "taken"), [(None, True), ("auto", True), ("high", True), ("low", False)])
def test_images_are_seen_in_full(detail: str | None, taken: bool) -> None:
    part = {"type": "image_url", "image_url": {"url": "data:,", "detail": detail}}
    if taken:
        assert read(role="user", content=[part]).parts == (Part(kind="image", text="data:,"),)
    else:
        with pytest.raises(
            RequestError, match=r"messages\[0\] has an image in part 0 whose detail is not auto or high"
        ):
            read(role="user", content=[part])


def test_results() -> None:
    assert read(role="tool", content="ok", tool_call_id="x", name="f") == Turn(
        role="tool", parts=(text("ok"),), call_id="x", name="f"
    )


def test_fields_of_other_roles_are_dropped() -> None:
    turn = read(role="user", content="Hi", tool_calls=7, tool_call_id="x", reasoning="y", refusal=None, audio={})
    assert turn == Turn(role="user", parts=(text("Hi"),))


def test_half_characters_are_replaced_everywhere() -> None:
    turn = read(
        role="assistant",
        content=[{"type": "thinking", "thinking": "\ud800"}, {"type": "text", "text": "\ud800"}],
        tool_calls=[{"function": {"name": "\ud800", "arguments": "\ud800"}}],
        name="\ud800",
    )
    assert [part.text for part in turn.parts] == ["\ufffd", "\ufffd"]
    assert turn.calls == (Call(id=None, name="\ufffd", arguments="\ufffd"),)
    assert turn.name == "\ufffd"


FIELDS = st.sampled_from(
    "role content type text thinking closed tool_calls tool_call_id function name arguments id prefix reasoning".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=12,
)


@given(JSON, st.sampled_from(ROLES))
def test_anything_is_read_or_refused_in_one_sentence(value: Any, role: str) -> None:
    for messages in (
        value,
        [value],
        [{"role": role, "content": value}],
        [{**dict.fromkeys(["content"], "x"), "role": role}],
    ):
        try:
            turns = read_messages(messages)
        except RequestError as error:
            assert error.param == "messages"  # noqa: PT017
        else:
            assert len(turns) == len(messages)
