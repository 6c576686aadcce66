"""Histories as agents send them: mended if it is clear what was meant, refused with the place otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.chat.history import with_sound_calls
from quatre.chat.messages import Call, Part, Turn
from quatre.errors import RequestError

USER = Turn(role="user", parts=(Part(kind="text", text="a"),))
SAID = Turn(role="assistant", parts=(Part(kind="text", text="a"),))


def calls(*ids: str | None) -> Turn:
    return Turn(role="assistant", parts=(), calls=tuple(Call(id=each, name="f", arguments="{}") for each in ids))


def result(call_id: str | None, name: str | None = None) -> Turn:
    return Turn(role="tool", parts=(), call_id=call_id, name=name)


def two(*names: str, id: str | None = None) -> Turn:
    return Turn(role="assistant", parts=(), calls=tuple(Call(id=id, name=name, arguments="{}") for name in names))


def pairs(turns: list[Turn]) -> tuple[list[list[str | None]], list[str | None]]:
    """The ids of the calls of each turn, and those of the results."""
    sound = with_sound_calls(turns)
    return [[call.id for call in turn.calls] for turn in sound if turn.calls], [
        turn.call_id for turn in sound if turn.role == "tool"
    ]


@pytest.mark.parametrize(
    ("turns", "made", "answered"),
    [
        ([USER, calls("x", "y"), result("y"), result("x")], [["x", "y"]], ["y", "x"]),
        ([USER, calls("x", "x"), result("x"), result("x")], [["x", "call-1-1"]], ["x", "call-1-1"]),
        ([USER, calls("null", None), result("null"), result("")], [["call-1-0", "call-1-1"]], ["call-1-0", "call-1-1"]),
        ([USER, calls("x", "y"), result(None), result(None)], [["x", "y"]], ["x", "y"]),
        ([USER, calls("x"), result("x"), calls("x"), result("x")], [["x"], ["call-3-0"]], ["x", "call-3-0"]),
        ([USER, calls("call_0-ö€"), result("call_0-ö€"), USER], [["call_0-ö€"]], ["call_0-ö€"]),
        ([USER, calls("x", "y"), result("y"), USER], [["x", "y"]], ["y"]),
        ([USER, calls("x"), SAID, USER], [["x"]], []),
        ([USER, calls("x"), result("x", "f")], [["x"]], ["x"]),
        ([USER, calls("x"), result("x", "")], [["x"]], ["x"]),
        ([USER, two("f", "g", id="x"), result("x", "g"), result("x", "f")], [["x", "call-1-1"]], ["call-1-1", "x"]),
        ([USER, two("f", "g"), result(None, "g"), result(None)], [["call-1-0", "call-1-1"]], ["call-1-1", "call-1-0"]),
    ],
)  # fmt: skip
def test_mended(turns: list[Turn], made: list, answered: list) -> None:
    assert pairs(turns) == (made, answered)


@pytest.mark.parametrize(
    ("turns", "sentence"),
    [
        ([result("x")], r"messages\[0\] is a tool's result and is the first message"),
        ([USER, result("x")], r"messages\[1\] is a tool's result and follows the user's message"),
        ([USER, calls("x"), USER, result("x")], r"messages\[3\] is a tool's result and follows the user's message"),
        ([USER, SAID, result("x")], r"messages\[2\] is the result of the tool call 'x', but no message before it"),
        ([USER, SAID, result(None)], r"messages\[2\] is a tool's result, but no call before it waits"),
        ([USER, calls("x"), result("y")], r"messages\[2\] is the result of the tool call 'y'"),
        ([USER, calls("x"), result("x"), result("x")], r"messages\[3\] is the result of the tool call 'x'"),
        ([USER, calls("x"), result("x", "g")], r"messages\[2\] has the name 'g', but its call was one of 'f'"),
        (
            [USER, calls(None), result(None, "g")],
            r"messages\[2\] is a tool's result, but no call of 'g' before it waits",
        ),
    ],
)
def test_refused(turns: list[Turn], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence) as caught:
        with_sound_calls(turns)
    assert caught.value.param == "messages"


IDS = st.sampled_from([None, "", "null", "x", "y", "call-0-0"])
CALLS = st.lists(IDS, min_size=1, max_size=3).map(lambda ids: calls(*ids))
TURNS = st.lists(st.one_of(st.just(USER), st.just(SAID), CALLS, IDS.map(result)))


@given(TURNS)
def test_what_comes_out_is_sound(turns: list[Turn]) -> None:
    try:
        made, answered = pairs(turns)
    except RequestError:
        return
    ids = [call for each in made for call in each]
    assert len(set(ids)) == len(ids)
    assert len(set(answered)) == len(answered)
    assert set(answered) <= set(ids)
