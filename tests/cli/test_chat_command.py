"""Talking: the conversation, questions from a pipe, and Ctrl-C at a real (pseudo) terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import BOS, FakeEngine, fake_runtime
from marked import MarkedEngine, MarkedTokenizer
from quatre.cli.chat import Conversation, _shown, run_chat
from quatre.engine.request import SamplingParams
from quatre.errors import RequestError
from quatre.llm import LLM

FAKE_CHAT = Path(__file__).with_name("fake_chat.py")
PATIENCE_S = 20


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("Hello")


@pytest.fixture
def conversation(engine: FakeEngine) -> Iterator[Conversation]:
    with fake_runtime(engine) as runtime:
        yield Conversation(LLM.of(runtime), SamplingParams(), system="Be kind.")


def ask(conversation: Conversation, question: str) -> str:
    pieces = conversation.ask(question)
    text = "".join(pieces)
    conversation.remember(pieces)
    return text


def test_conversation_grows(conversation: Conversation, engine: FakeEngine) -> None:
    assert ask(conversation, "one") == "Hello"
    assert ask(conversation, "two") == "Hello"
    turns = b"system: Be kind.\nuser: one\nassistant: Hello\nuser: two\n"
    assert engine.requests[-1].prompt == (BOS, *turns)


def test_refused_question_is_forgotten(conversation: Conversation, engine: FakeEngine) -> None:
    with pytest.raises(RequestError, match="512"):
        conversation.ask("x" * 600)
    ask(conversation, "short")
    assert b"xxx" not in bytes(engine.requests[-1].prompt[1:])


def test_commands(conversation: Conversation) -> None:
    ask(conversation, "one")
    assert "/system" in conversation.obey("/help")
    assert conversation.obey("/dance now") == "/dance is not a command; /help lists them."
    conversation.obey("/reset")
    assert conversation.messages == [{"role": "system", "content": "Be kind."}]
    conversation.obey("/system Speak  French. ")
    assert conversation.messages == [{"role": "system", "content": "Speak  French."}]
    conversation.obey("/system")
    assert conversation.messages == []
    with pytest.raises(EOFError):
        conversation.obey("/quit")


def test_one_answer_per_line_of_a_pipe(
    conversation: Conversation, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\n\n/reset\ntwo\n/quit\nthree\n"))
    run_chat(conversation)
    out, err = capsys.readouterr()
    assert out == "Hello\nHello\n"
    assert err == "The conversation is forgotten.\n"
    assert bytes(engine.requests[-1].prompt[1:]) == b"system: Be kind.\nuser: two\n"


class Terminal:
    """``quatre chat`` on a pseudo-terminal of its own; what it shows, without colours and cursor movements."""

    def __init__(self, answer: str, tokens: int) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE_CHAT), answer, str(tokens)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        os.close(slave)
        self.shown = ""

    def until(self, pattern: str) -> None:
        """Read until the pattern has come after what earlier calls waited for."""
        while not (found := re.search(pattern, self.shown)):
            ready, _, _ = select.select([self._master], [], [], PATIENCE_S)
            assert ready, f"{pattern!r} did not come; shown so far: {self.shown!r}"
            self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._read())
        self.shown = self.shown[found.end() :]

    def _read(self) -> str:
        try:
            return os.read(self._master, 4096).decode(errors="replace")
        except OSError as ended:  # how Linux says that the other side is closed
            raise AssertionError(f"the program has ended; shown so far: {self.shown!r}") from ended

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal("Hello, world", tokens=5)
    try:
        yield terminal
    finally:
        terminal.close()


def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Terminal) -> None:
    terminal.until(">")
    terminal.type("Hi\r")
    terminal.until("Hello")  # five tokens, and then the engine is silent
    terminal.type("\x03")
    terminal.until(r"\(5 tokens, .* per second, stopped\)")
    terminal.until(">")
    terminal.type("unfinished\x03")
    terminal.until(">")
    terminal.type("/help\r")
    terminal.until("Ctrl-C stops an answer")
    terminal.until(">")
    terminal.type("\x04")
    terminal.until("engine: cancelled 1")
    assert terminal.process.wait(PATIENCE_S) == 0


def test_thinking_is_dim_and_stays_in_the_conversation() -> None:
    engine = MarkedEngine()
    engine.say("[THINK]add[/THINK]\n4")
    with fake_runtime(engine, MarkedTokenizer()) as runtime:
        conversation = Conversation(LLM.of(runtime), SamplingParams(), reasoning_effort="high")
        with conversation.ask("2+2?") as pieces:
            assert "".join(_shown(pieces.pieces(), dim=True)) == "\x1b[2madd\x1b[0m\n\n4"
            conversation.remember(pieces)
        with conversation.ask("3+3?") as pieces:
            assert "".join(_shown(pieces.pieces(), dim=False)) == "\n4"
    assert "assistant: [THINK]add[/THINK]\n4." in engine.prompt()
