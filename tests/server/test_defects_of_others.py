"""What goes wrong elsewhere with this model and its clients, and does not here: on every endpoint, whole and streamed.

The same at the parser is in test_reply.py, at the prompt in test_tekken.py, at the grammar in test_calls.py.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from shapes import CONVERSATIONS, Said, asked, said, tool

from marked import FIRST, MARKS, MarkedEngine

USER = {"role": "user", "content": "Hi"}
CALL_ARGS = ("Paris", "Oslo")


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    return MarkedEngine()


def ask(http: httpx.Client, path: str, **more: Any) -> Said:
    answer = http.post(path, json={**asked(path), **more})
    assert answer.status_code == 200, answer.text
    return said(path, answer)


EFFORTS: dict[str, dict[str | None, dict[str, Any]]] = {
    "/v1/chat/completions": {word: {"reasoning_effort": word} for word in (None, "none", "high")},
    "/v1/responses": {word: {"reasoning": {"effort": word}} for word in (None, "none", "high")},
    "/v1/messages": {
        None: {},
        "none": {"thinking": {"type": "disabled"}},
        "high": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000},
    },
}


@pytest.mark.parametrize("effort", [None, "none", "high"])
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_no_effort_that_the_model_knows_is_refused(
    http: httpx.Client, engine: MarkedEngine, path: str, effort: str | None
) -> None:
    """vllm 38560: every request was a 400, for a tokenizer did not know the word reasoning_effort."""
    engine.say("ok")
    assert ask(http, path, **EFFORTS[path][effort]).content == "ok"
    assert f"effort: {effort}" in engine.prompt()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_calls_never_leak_into_the_text(http: httpx.Client, engine: MarkedEngine, path: str, stream: bool) -> None:
    """vllm 37081: streamed calls came as text, and marks of calls within arguments."""
    calls = "".join(f'[TOOL_CALLS]f[ARGS]{{"a": "{word}"}}' for word in CALL_ARGS)
    engine.say(f"[THINK]two[/THINK]See.{calls}")
    found = ask(http, path, tools=[tool(path, "f")], stream=stream)
    assert (found.reasoning, found.content) == ("two", "See.")
    assert [(name, json.loads(arguments)) for name, arguments in found.calls] == [("f", {"a": w}) for w in CALL_ARGS]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_a_second_thought_behind_a_call_is_a_thought(
    http: httpx.Client, engine: MarkedEngine, path: str, stream: bool
) -> None:
    """vllm 45609: streamed, it came as plain text with its marks; whole, it did not."""
    engine.say("[THINK]one, [/THINK][TOOL_CALLS]f[ARGS]{}[THINK]two[/THINK]done")
    found = ask(http, path, tools=[tool(path, "f")], stream=stream)
    assert (found.reasoning, found.content, found.calls) == ("one,two", "done", [("f", "{}")])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_what_is_said_behind_arguments_is_none_of_them(
    http: httpx.Client, engine: MarkedEngine, path: str, stream: bool
) -> None:
    """vllm 48975: prose behind complete arguments became part of them."""
    engine.say('[TOOL_CALLS]f[ARGS]{"a": "}"} and so on')
    assert ask(http, path, tools=[tool(path, "f")], stream=stream).calls == [("f", '{"a": "}"}')]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_marks_that_a_user_or_model_spells_are_text(
    http: httpx.Client, engine: MarkedEngine, path: str, stream: bool
) -> None:
    """Where marks are found in text, a model that writes about them calls tools."""
    engine.answer = [*b"[TOOL_CALLS]f[ARGS]{} [THINK]", engine.answer[-1]]
    found = ask(http, path, tools=[tool(path, "f")], stream=stream)
    assert (found.content, found.calls, found.reasoning) == ("[TOOL_CALLS]f[ARGS]{} [THINK]", [], "")


def test_a_chosen_function_is_not_taken_for_auto(http: httpx.Client, engine: MarkedEngine) -> None:
    """llama.cpp: a choice that is an object became auto, as any field of a wrong type becomes its default."""
    engine.say('[TOOL_CALLS]f[ARGS]{"a": "x"}')
    choices: dict[str, Any] = {
        "/v1/chat/completions": {"type": "function", "function": {"name": "f"}},
        "/v1/responses": {"type": "function", "name": "f"},
        "/v1/messages": {"type": "tool", "name": "f"},
    }
    for path, choice in choices.items():
        ask(http, path, tools=[tool(path, "f"), tool(path, "g")], tool_choice=choice)
        constraint = engine.requests[-1].constraint
        assert constraint is not None
        matcher = constraint.fork()
        matcher.accept(FIRST + MARKS.index("[TOOL_CALLS]"))
        allowed = {chr(token) for token in matcher.mask().nonzero()[0] if token < 256}
        assert "f" in allowed
        assert "g" not in allowed


@pytest.mark.parametrize("stream", [False, True])
def test_going_on_does_not_open_a_thought(http: httpx.Client, engine: MarkedEngine, stream: bool) -> None:
    """llama.cpp: an answer that was to be continued began with a thought, at effort none too."""
    engine.say(" 3")
    for path, more in (
        ("/v1/chat/completions", {"continue_final_message": True}),
        ("/v1/chat/completions", {"continue_final_message": True, "reasoning_effort": "none"}),
        ("/v1/messages", {}),
    ):
        found = ask(http, path, messages=[USER, {"role": "assistant", "content": "1, 2,"}], stream=stream, **more)
        assert (found.content, found.reasoning) == (" 3", "")
        assert engine.prompt().endswith("assistant: 1, 2,")


INTERRUPTED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {
        "messages": [
            USER,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}} for name in "xy"
                ],
            },
            {"role": "tool", "tool_call_id": "y", "content": "ok"},
            {"role": "user", "content": "Stop"},
        ]
    },
    "/v1/responses": {
        "input": [
            USER,
            {"type": "function_call", "call_id": "x", "name": "f", "arguments": "{}"},
            {"type": "function_call", "call_id": "y", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "y", "output": "ok"},
            {"role": "user", "content": "Stop"},
        ]
    },
    "/v1/messages": {
        "messages": [
            USER,
            {"role": "assistant", "content": [{"type": "tool_use", "id": c, "name": "f", "input": {}} for c in "xy"]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "y", "content": "ok"},
                    {"type": "text", "text": "Stop"},
                ],
            },
        ]
    },
}


ORPHANED: dict[str, tuple[dict[str, Any], str]] = {
    "/v1/chat/completions": (
        {
            "messages": [
                {"role": "system", "content": "s"},
                USER,
                {"role": "assistant", "content": "a"},
                {"role": "tool", "tool_call_id": "z", "content": "ok"},
            ]
        },
        "messages[3]",
    ),
    "/v1/responses": (
        {
            "instructions": "s",
            "input": [
                USER,
                {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "t"}]},
                {"role": "assistant", "content": "a"},
                {"type": "function_call_output", "call_id": "z", "output": "ok"},
            ],
        },
        "input[3]",
    ),
    "/v1/messages": (
        {
            "system": "s",
            "messages": [
                *INTERRUPTED["/v1/messages"]["messages"],
                {"role": "assistant", "content": "a"},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "z", "content": "ok"}]},
            ],
        },
        "messages[4]",
    ),
}


@pytest.mark.parametrize("path", CONVERSATIONS)
def test_a_result_without_a_call_is_refused_with_its_place(http: httpx.Client, path: str) -> None:
    """As the client counts, whose system prompt, items and blocks are other messages here."""
    fields, place = ORPHANED[path]
    answer = http.post(path, json={**asked(path), **fields})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(f"{place} is the result of the tool call 'z'")


@pytest.mark.parametrize("path", CONVERSATIONS)
def test_a_user_may_interrupt_calls(http: httpx.Client, engine: MarkedEngine, path: str) -> None:
    """Many templates: a user's turn behind a tool's was refused, and so was a call that nobody answered."""
    engine.say("ok")
    assert ask(http, path, **INTERRUPTED[path]).content == "ok"
    assert engine.prompt().splitlines()[2:] == [
        "user: Hi.",
        "assistant: [TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]f[ARGS]{}.",
        "tool: ok.",
        "user: Stop.",
    ]


EMPTY: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"role": "assistant", "content": "", "tool_calls": []},
    "/v1/responses": {"type": "reasoning", "summary": [], "encrypted_content": "x"},
    "/v1/messages": {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]},
}


@pytest.mark.parametrize("path", CONVERSATIONS)
def test_answers_that_said_nothing_are_left_out(http: httpx.Client, engine: MarkedEngine, path: str) -> None:
    """An agent that was interrupted keeps an empty turn, and each further request of its session was a 400."""
    field = "input" if path == "/v1/responses" else "messages"
    engine.say("ok")
    assert ask(http, path, **{field: [USER, EMPTY[path], USER, EMPTY[path]]}).content == "ok"
    assert engine.prompt().splitlines()[2:] == ["user: Hi.", "user: Hi."]
    tool_result: dict[str, Any] = {
        "/v1/chat/completions": {"role": "tool", "tool_call_id": "z", "content": "ok"},
        "/v1/responses": {"type": "function_call_output", "call_id": "z", "output": "ok"},
        "/v1/messages": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "z", "content": "ok"}]},
    }
    answer = http.post(path, json={**asked(path), field: [USER, EMPTY[path], tool_result[path]]})
    assert answer.json()["error"]["message"].startswith(f"{field}[2] is a tool's result and follows the user's")


@pytest.mark.parametrize(
    "part",
    [
        {"type": "thinking", "thinking": [], "closed": True},  # Mistral's own client
        {"type": "thinking", "thinking": [{"type": "text", "text": ""}]},
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "text", "text": "", "cache_control": {"type": "ephemeral"}},
    ],
)
def test_what_stands_beside_no_text_says_nothing_either(
    http: httpx.Client, engine: MarkedEngine, part: dict[str, Any]
) -> None:
    engine.say("ok")
    assert ask(http, "/v1/chat/completions", messages=[USER, {"role": "assistant", "content": [part]}, USER])
    assert engine.prompt().splitlines()[2:] == ["user: Hi.", "user: Hi."]
