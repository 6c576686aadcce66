"""Reasoning, content and calls out of tokens: what each mark does, the defects of others, and any stream at all."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.chat.calls import CallObjects, JsonValue
from quatre.chat.markup import SPELLINGS, Mark, Markup, find_markup
from quatre.chat.reply import Reply, ReplyForm, ReplyStream

MISTRAL = [spelling for spelling in SPELLINGS if spelling.startswith("[")]
HERMES = [spelling for spelling in SPELLINGS if spelling.startswith("<")]
OTHER = 999  # a control token that means nothing here
MARKUP = find_markup({spelling: 256 + place for place, spelling in enumerate(MISTRAL)}.get)
TEXT_MARKUP = find_markup({}.get, " ".join(HERMES))
SPELLED = re.compile("|".join(map(re.escape, MISTRAL)))


def token_bytes(token: int) -> bytes:
    return bytes([token]) if token < 256 else b""


def tokens_of(text: str) -> list[int]:
    """Bytes, and the tokens of Mistral's marks."""
    ids: list[int] = []
    at = 0
    for match in SPELLED.finditer(text):
        ids += [*text[at : match.start()].encode(), 256 + MISTRAL.index(match[0])]
        at = match.end()
    return [*ids, *text[at:].encode()]


def stream_of(markup: Markup = MARKUP, **more) -> ReplyStream:
    return ReplyStream(token_bytes, (), ReplyForm(markup, **{"calls": True, **more}))


def read(ids: list[int] | str, markup: Markup = MARKUP, **more) -> Reply:
    stream = stream_of(markup, **more)
    reply = Reply()
    for token in tokens_of(ids) if isinstance(ids, str) else ids:
        reply.add(stream.push(token))
    reply.add(stream.flush())
    return reply


def calls(reply: Reply) -> list[tuple[str, str]]:
    assert all(re.fullmatch("[a-zA-Z0-9]{9}", call.id) for call in reply.calls)
    assert len({call.id for call in reply.calls}) == len(reply.calls)
    return [(call.name, call.arguments) for call in reply.calls]


@pytest.mark.parametrize(
    ("said", "reasoning", "content", "called"),
    [
        ("Hi", "", "Hi", []),
        ("  \n", "", "  \n", []),
        ("[THINK]add \n[/THINK]4", "add", "4", []),
        ("[THINK]a [THINK]b[/THINK]4", "a b", "4", []),
        ("4[/THINK]!", "", "4!", []),
        ("[THINK]never ends \n", "never ends", "", []),
        ("[THINK]a[/THINK][TOOL_CALLS]f[ARGS]{}", "a", "", [("f", "{}")]),
        ("[THINK]a[TOOL_CALLS]f[ARGS]{}", "a", "", [("f", "{}")]),
        ("See:\n[TOOL_CALLS]f[ARGS]{}", "", "See:\n", [("f", "{}")]),
        (" \n[TOOL_CALLS]f[ARGS]{}\n", "", "", [("f", "{}")]),
        ("[TOOL_CALLS] f\n[ARGS] \n{}", "", "", [("f", "{}")]),
        ("[TOOL_CALLS]f[ARGS]", "", "", [("f", "{}")]),
        ("[TOOL_CALLS]f", "", "", [("f", "{}")]),
        ("[TOOL_CALLS]", "", "", []),
        ("[TOOL_CALLS][TOOL_CALLS]f[ARGS]{}", "", "", [("f", "{}")]),
        ("[TOOL_CALLS][ARGS]{}", "", "", [("", "{}")]),
        ('[TOOL_CALLS]f{"a": 1}', "", "", [("f", '{"a": 1}')]),
        ('[TOOL_CALLS]f[ARGS]{"a": "', "", "", [("f", '{"a": "')]),
        ("[TOOL_CALLS]f[ARGS]not JSON, but nothing is lost", "", "", [("f", "not JSON, but nothing is lost")]),
        ("[TOOL_CALLS]f[ARGS]{}[THINK]b[/THINK]after", "b", "after", [("f", "{}")]),
        ("[ARGS]a[CALL_ID]b", "", "ab", []),
    ],
)
def test_mistral(said: str, reasoning: str, content: str, called: list[tuple[str, str]]) -> None:
    reply = read(said)
    assert (reply.reasoning, reply.content, calls(reply)) == (reasoning, content, called)


def test_the_id_that_older_vocabularies_write_is_kept() -> None:
    (call,) = read("[TOOL_CALLS]f[CALL_ID]abcDEF123[ARGS]{}").calls
    assert (call.id, call.name, call.arguments) == ("abcDEF123", "f", "{}")


@pytest.mark.parametrize("end", ["", "]", "] and more"])
def test_the_list_of_vocabularies_before_v11(end: str) -> None:
    said = '[TOOL_CALLS] [{"name": "f", "arguments": {"a": "]}"}}, {"arguments": {"b": 1}, "name": "g"}' + end
    assert calls(read(said)) == [("f", '{"a": "]}"}'), ("g", '{"b": 1}')]


def test_text_that_spells_marks_is_text() -> None:
    spelled = "[THINK]x[TOOL_CALLS]f[ARGS]{}"
    assert read(list(spelled.encode())).content == spelled


def test_without_tools_nothing_is_a_call() -> None:
    reply = read("a[TOOL_CALLS]f[ARGS]{}", calls=False)
    assert (reply.content, reply.calls) == ("af{}", [])


def test_a_prompt_that_ends_within_reasoning() -> None:
    reply = read("go on[/THINK]done", reasoning=True)
    assert (reply.reasoning, reply.content) == ("go on", "done")


def test_tokens_of_reasoning_are_counted_with_their_marks() -> None:
    stream = stream_of()
    for token in tokens_of("[THINK]abc[/THINK]de"):
        stream.push(token)
    assert stream.reasoning_tokens == 5


def test_stop_strings_are_looked_for_in_the_content_only() -> None:
    stream, reply = ReplyStream(token_bytes, ["stop"], ReplyForm(MARKUP, calls=True)), Reply()
    for token in tokens_of('[THINK]stop[/THINK]st[TOOL_CALLS]f[ARGS]{"a": "stop"}[THINK][/THINK]op stop more'):
        if stream.stopped is None:
            reply.add(stream.push(token))
    reply.add(stream.flush())
    assert stream.stopped == "stop"
    assert (reply.reasoning, reply.content, calls(reply)) == ("stop", "stop ", [("f", '{"a": "stop"}')])


# -- Defects that others had (model.md 7.4) ----------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", ['{"a": 1}', '{"a": -12.5e3, "b": [1, 22]}', '{"x": {"y": 0}}'])
def test_integer_arguments_stream_whole(arguments: str) -> None:
    """vllm 13622, 17585: numbers were lost or doubled when arguments were streamed."""
    assert calls(read(f"[TOOL_CALLS]f[ARGS]{arguments}")) == [("f", arguments)]


def test_arguments_arrive_as_they_are_written() -> None:
    """vllm 20028: ``name[ARGS]{…}`` came at the end, in one piece, or not at all."""
    stream = stream_of()
    seen = [stream.push(token) for token in tokens_of('[TOOL_CALLS]f[ARGS]{"a": 1}')]
    assert [(piece.kind, piece.text) for pieces in seen for piece in pieces] == [
        ("call", "f"),
        *(("arguments", letter) for letter in '{"a": 1}'),
    ]


def test_the_last_piece_is_not_sent_again() -> None:
    """vllm 41730 (33916): the final chunk repeated arguments, for nobody counted what had been sent."""
    stream = stream_of()
    for token in tokens_of('[TOOL_CALLS]f[ARGS]{"a": 1}'):
        stream.push(token)
    assert stream.flush() == []


@pytest.mark.parametrize("junk", ["}", "}}", " \n", "<|end|>", '{"b": 2}', '"', "]"])
def test_junk_after_arguments_does_not_leak(junk: str) -> None:
    """vllm 48975: what a model says after complete arguments became part of them."""
    reply = read('[TOOL_CALLS]f[ARGS]{"a": "}"}' + junk + "[TOOL_CALLS]g[ARGS]{}")
    assert (reply.content, calls(reply)) == ("", [("f", '{"a": "}"}'), ("g", "{}")])


def test_calls_end_reasoning_that_was_never_closed() -> None:
    """vllm 39217: Small 4 may call while it thinks; the call was swallowed by the reasoning."""
    reply = read('[THINK]I need f[TOOL_CALLS]f[ARGS]{"q": "x"}')
    assert (reply.reasoning, calls(reply)) == ("I need f", [("f", '{"q": "x"}')])


# -- Marks that are text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reasoning", "content", "called"),
    [
        ("<think>add</think>4", "add", "4", []),
        ("a < b <thin", "", "a < b <thin", []),
        ('<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>', "", "", [("f", '{"a": 1}')]),
        ('x<tool_call>[{"name": "f", "arguments": {}}]</tool_call>y', "", "xy", [("f", "{}")]),
        ('<tool_call>{"name": "f"}</tool_call>', "", "", [("f", "{}")]),
        ('<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}', "", "", [("f", '{"a": 1}')]),
        ('<tool_call>{"name": "f", "parameters": {"a": 1', "", "", [("f", '{"a": 1')]),
        ('<tool_call>{"arguments": {"a": 1}}</tool_call>', "", "", [("", '{"a": 1}')]),
        (
            '<tool_call>{"name": "f", "arguments": {}}</tool_call>\n<tool_call>{"name": "g", "arguments": {}}',
            "",
            "",
            [("f", "{}"), ("g", "{}")],
        ),
    ],
)
def test_hermes(said: str, reasoning: str, content: str, called: list[tuple[str, str]]) -> None:
    reply = read(list(said.encode()), TEXT_MARKUP)
    assert (reply.reasoning, reply.content, calls(reply)) == (reasoning, content, called)


# -- Anything at all ---------------------------------------------------------------------------------------------------

TOKENS = st.lists(
    st.one_of(st.sampled_from([*range(256, 261), OTHER]), st.sampled_from(b'{}[]":,\\ \n1af\xc3\xa9\xff'))
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(TOKENS, st.booleans(), st.booleans())
def test_no_text_is_lost_or_doubled(ids: list[int], reasoning: bool, tools: bool) -> None:
    """All text comes once and in its place, but for whitespace and for what follows complete arguments."""
    stream = stream_of(reasoning=reasoning, calls=tools)
    pieces = [piece for token in ids for piece in stream.push(token)] + stream.flush()
    said = [token for token in ids if token < 256]
    text = bytes(said).decode(errors="replace") if not tools else None
    if text is not None:  # marks that mean nothing may split a character; then there is one more U+FFFD
        whole = squeezed("".join(piece.text for piece in pieces)).replace("\ufffd", "").replace("é", "")
        assert whole == squeezed(text).replace("\ufffd", "").replace("é", "")
    if Mark.CALL not in [MARKUP.tokens.get(token) for token in ids]:
        assert all(piece.kind in ("content", "reasoning") for piece in pieces)
    opened = 0
    for piece in pieces:
        opened += piece.kind == "call"
        assert piece.kind in ("content", "reasoning") or piece.index == opened - 1
        assert piece.text or piece.kind == "call"


@given(TOKENS)
def test_with_tools_text_comes_in_its_order_and_once(ids: list[int]) -> None:
    """Names and arguments too; only ``{}`` is added, for calls without any."""
    stream = stream_of()
    pieces = [piece for token in ids for piece in stream.push(token)] + stream.flush()
    said = iter(bytes(token for token in ids if token < 256).decode("latin-1"))
    shown = "".join(piece.text for piece in pieces if (piece.kind, piece.text) != ("arguments", "{}"))
    assert all(letter in said for letter in squeezed(shown) if letter.isascii())


@given(TOKENS, st.booleans())
def test_streamed_and_whole_are_the_same_thing(ids: list[int], tools: bool) -> None:
    """Pieces of several tokens at once make the same reply as one at a time."""
    one, many = Reply(), Reply()
    first, second = (stream_of(calls=tools) for _ in range(2))
    for token in ids:
        one.add(first.push(token))
    one.add(first.flush())
    many.add([*(piece for token in ids for piece in second.push(token)), *second.flush()])
    assert (one.content, one.reasoning, calls_of(one)) == (many.content, many.reasoning, calls_of(many))


def calls_of(reply: Reply) -> list[tuple[str, str]]:
    return [(call.name, call.arguments) for call in reply.calls]


@given(st.text(alphabet='<>think/tool_call{}":, name', max_size=80))
def test_marks_in_text_are_found_wherever_it_is_cut(text: str) -> None:
    whole = ReplyStream(lambda _: text.encode(), (), ReplyForm(TEXT_MARKUP, calls=True))
    at_once = Reply()
    at_once.add([*whole.push(0), *whole.flush()])
    by_bytes = read(list(text.encode()), TEXT_MARKUP)
    assert (by_bytes.content, by_bytes.reasoning, calls_of(by_bytes)) == (
        at_once.content,
        at_once.reasoning,
        calls_of(at_once),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4), st.text(max_size=6))
def test_json_ends_where_it_ends(value: dict, junk: str) -> None:
    text = json.dumps(value, ensure_ascii=False)
    scanner = JsonValue(within=False)
    assert scanner.take(text + junk) == len(text)
    assert scanner.done


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.dictionaries(st.text(max_size=3), JSON, max_size=3))))
def test_calls_as_objects_are_read_back(said: list[tuple[str, dict]]) -> None:
    text = json.dumps([{"name": name, "arguments": arguments} for name, arguments in said])
    reader, found = CallObjects(), []
    for letter in text:
        for kind, part in reader.take(letter):
            if kind == "name":
                found.append([part, ""])
            elif kind == "arguments":
                found[-1][1] += part
    assert [(name, json.loads(arguments)) for name, arguments in found] == said
