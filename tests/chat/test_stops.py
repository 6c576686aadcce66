"""Streams of text: whole characters, stop strings wherever the tokens are cut, linear time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import END, ByteTokenizer
from quatre.chat.reply import Piece, ReplyStream


class PieceTokenizer(ByteTokenizer):
    """Token i is the i-th of the given byte strings."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def token_bytes(self, token: int) -> bytes:
        return self.pieces[token]


class TextStream:
    """A reply that is nothing but text."""

    def __init__(self, tokenizer: ByteTokenizer, stop: Sequence[str] = ()) -> None:
        self._reply = ReplyStream(tokenizer.token_bytes, stop)

    @property
    def stopped(self) -> str | None:
        return self._reply.stopped

    def push(self, token: int) -> str:
        return _text(self._reply.push(token))

    def flush(self) -> str:
        return _text(self._reply.flush())


def _text(pieces: list[Piece]) -> str:
    assert {piece.kind for piece in pieces} <= {"content"}
    return "".join(piece.text for piece in pieces)


def stream(pieces: list[bytes], stop: list[str] | tuple[str, ...] = ()) -> tuple[list[str], str | None]:
    """Every delta, the flushed one last, and the stop string."""
    text = TextStream(PieceTokenizer(pieces), stop)
    deltas = [text.push(token) for token in range(len(pieces))]
    return [*deltas, text.flush()], text.stopped


def first_stop(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The definition, written the slow way: look at every end, and there for the longest stop string."""
    for end in range(1, len(text) + 1):
        done = [word for word in stops if text[:end].endswith(word)]
        if done:
            word = max(done, key=len)
            return text[: end - len(word)], word
    return text, None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


# A small alphabet, so that stop strings overlap with the text, each other and themselves.
LETTERS = st.text(alphabet="abé€😀\ufffd", max_size=24)
DATA = st.one_of(
    LETTERS.map(str.encode),
    st.binary(max_size=24),
    st.tuples(LETTERS, st.binary(max_size=6)).map(lambda both: both[0].encode()[:-1] + both[1]),
)
STOPS = st.lists(st.text(alphabet="abé€😀\ufffd", min_size=1, max_size=5), max_size=4)
PLACES = st.lists(st.integers(0, 100), max_size=12)


@given(DATA, PLACES, STOPS)
def test_all_deltas_are_the_text_up_to_the_first_completed_stop_string(
    data: bytes, places: list[int], stops: list[str]
) -> None:
    deltas, stopped = stream(cut(data, places), stops)
    assert ("".join(deltas), stopped) == first_stop(data.decode(errors="replace"), stops)


@given(st.binary(max_size=40), PLACES)
def test_invalid_bytes_are_replaced_as_in_the_whole_text(data: bytes, places: list[int]) -> None:
    deltas, _ = stream(cut(data, places))
    assert "".join(deltas) == data.decode(errors="replace")


@given(DATA, PLACES, STOPS)
def test_what_was_sent_is_never_taken_back(data: bytes, places: list[int], stops: list[str]) -> None:
    """After each token the text so far is a beginning of the final text, and lacks less than a stop string."""
    pieces = cut(data, places)
    final = "".join(stream(pieces, stops)[0])
    text = TextStream(PieceTokenizer(pieces), stops)
    sent, seen = "", b""
    for token, piece in enumerate(pieces):
        sent += text.push(token)
        seen += piece
        assert final.startswith(sent)
        whole = seen.decode(errors="ignore")
        if text.stopped is None and seen.decode(errors="replace") == whole:
            assert len(whole) - len(sent) < max(map(len, stops), default=1)


def test_a_character_waits_for_its_last_byte() -> None:
    assert stream([b"\xf0\x9f", b"\x98", b"\x80!"]) == (["", "", "😀!", ""], None)


def test_a_character_that_is_never_finished_is_replaced_at_the_end() -> None:
    assert stream([b"a\xe2\x82"]) == (["a", "\ufffd"], None)


def test_text_that_may_become_a_stop_string_waits() -> None:
    assert stream([b"one s", b"to", b"ne"], ["stop"]) == (["one ", "", "stone", ""], None)


def test_nothing_comes_after_a_stop_string() -> None:
    assert stream([b"one ", b"st", b"op two", b" three"], ["stop"]) == (["one ", "", "", "", ""], "stop")


@pytest.mark.parametrize(
    ("text", "stops", "before", "stopped"),
    [
        ("abc", ["abc", "b"], "a", "b"),  # the one that is complete first, not the one that begins first
        ("xab", ["b", "ab"], "x", "ab"),  # complete with the same character: the longer one
        ("aaab", ["aab"], "a", "aab"),  # begins again inside itself
        ("xyz", ["yz", "yz"], "x", "yz"),
        ("stop", ["stop"], "", "stop"),
    ],
)
def test_which_stop_string_ends_the_text(text: str, stops: list[str], before: str, stopped: str) -> None:
    for pieces in ([text.encode()], [bytes([byte]) for byte in text.encode()]):
        deltas, found = stream(pieces, stops)
        assert ("".join(deltas), found) == (before, stopped)


def test_a_replaced_character_can_complete_a_stop_string() -> None:
    assert stream([b"a\xff"], ["\ufffd"]) == (["a", ""], "\ufffd")
    assert stream([b"a\xe2"], ["\ufffd"]) == (["a", ""], "\ufffd")


def test_control_tokens_are_no_text() -> None:
    text = TextStream(ByteTokenizer())
    assert text.push(ord("a")) + text.push(END) + text.push(ord("b")) == "ab"


def test_long_answers_take_linear_time() -> None:
    """Four times the tokens in about four times the time, not sixteen; with a stop string that always nearly fits."""

    def seconds(tokens: int) -> float:
        text = TextStream(PieceTokenizer([b"aaab"]), ["a" * 64 + "c", "stop"])
        start = time.process_time()
        for _ in range(tokens):
            text.push(0)
        text.flush()
        return time.process_time() - start

    seconds(1000)
    short, long = min(seconds(25_000) for _ in range(3)), min(seconds(100_000) for _ in range(2))
    assert long < 8 * short
