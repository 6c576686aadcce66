"""What agents change in system prompts at every turn."""

from __future__ import annotations

from typing import Any

import pytest

from quatre.chat.steady import steady, without_cache_marks

BILLING = "x-anthropic-billing-header: cc_version=2.1.245.2ef; cch={};"
COUNTER = "<total_tokens>{} tokens left</total_tokens>"
USER = {"role": "user", "content": "Hi"}


def system(content: Any, role: str = "system") -> dict[str, Any]:
    return {"role": role, "content": content}


def text(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": one} for one in texts]


def test_ordinary_conversations_are_left_as_they_are() -> None:
    messages = [system("Be brief.\n"), USER, system(text("x", " ")), {"role": "assistant", "content": None}, system("")]
    kept, found = steady(messages)
    assert found == []
    assert all(one is other for one, other in zip(kept, messages, strict=True))


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize(
    ("content", "left"),
    [
        (text(BILLING.format("a1"), "Be brief."), text("Be brief.")),
        (text(BILLING.format("a1") + "\nBe brief."), text("Be brief.")),
        (BILLING.format("a1") + "\n\nBe brief.", "Be brief."),
    ],
)
def test_the_billing_line_goes(content: Any, left: Any, role: str) -> None:
    kept, found = steady([system(content, role), USER])
    assert kept == [system(left, role), USER]
    assert found == ["billing line"]


def test_a_message_of_nothing_else_goes_whole() -> None:
    assert steady([system(BILLING.format(1)), USER])[0] == [USER]
    assert steady([system(text(BILLING.format(1))), USER])[0] == [USER]


@pytest.mark.parametrize("stale", range(4))
def test_only_the_last_counter_stays_and_behind_everything(stale: int) -> None:
    counters = "\n".join(COUNTER.format(100 - count) for count in range(stale + 1))
    kept, found = steady([system(f"Be brief.\n{counters}"), USER])
    assert kept == [system("Be brief."), {"role": "user", "content": f"Hi\n\n{COUNTER.format(100 - stale)}"}]
    assert found == ["token counter"]


def test_counters_in_messages_between_the_turns() -> None:
    called = {"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]}
    result = {"role": "tool", "tool_call_id": "a", "content": text("18C")}
    messages = [system("Be brief."), USER, system(COUNTER.format(9)), called, result, system(text(COUNTER.format(8)))]
    kept, _ = steady(messages)
    assert kept == [system("Be brief."), USER, called, {**result, "content": text("18C", COUNTER.format(8))}]
    assert result["content"] == text("18C")  # the client's own objects are not touched


def test_an_answer_that_goes_on_stays_the_last() -> None:
    answer = {"role": "assistant", "content": "1, 2,", "prefix": True}
    kept, _ = steady([system("Count." + COUNTER.format(5)), USER, answer])
    assert kept == [system("Count."), {"role": "user", "content": f"Hi\n\n{COUNTER.format(5)}"}, answer]


def test_what_users_write_stays() -> None:
    asked = {"role": "user", "content": f"{BILLING} What is {COUNTER.format(5)}?"}
    assert steady([asked]) == ([asked], [])


def test_text_behind_and_between_counters_stays() -> None:
    told = f"A {COUNTER.format(2)} B\n{COUNTER.format(1)}\nC <total_tokens> is a tag"
    kept, _ = steady([system(told), USER])
    assert kept[0]["content"] == "A B\nC <total_tokens> is a tag"


def test_an_image_at_the_end_gets_a_text_behind_it() -> None:
    shown = {"role": "user", "content": [{"type": "image_url", "image_url": "data:"}]}
    kept, _ = steady([system("A" + COUNTER.format(2)), shown])
    assert kept[1]["content"] == [*shown["content"], *text(COUNTER.format(2))]


def test_tools_lose_their_wandering_marks() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    marked = {"type": "function", "function": {**tool["function"], **mark}, **mark}
    assert without_cache_marks([marked, tool]) == [tool, tool]
    assert without_cache_marks(None) is None


def test_a_schema_may_have_a_property_of_that_name() -> None:
    properties = {"cache_control": {"type": "string"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": properties}}}
    assert without_cache_marks([tool]) == [tool]
