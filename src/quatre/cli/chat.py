"""``quatre chat``: questions from a terminal or, line by line, from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from prompt_toolkit import PromptSession
from rich.console import Console

from quatre.chat.reply import Piece
from quatre.engine.request import SamplingParams
from quatre.errors import QuatreError
from quatre.llm import LLM, TextDeltas

DIM, NORMAL = "\x1b[2m", "\x1b[0m"

HELP = """\
/system TEXT  begin again with this system prompt; without TEXT, with none
/reset        forget the conversation
/help         show this
/quit         end, as Ctrl-D does
Ctrl-C stops an answer."""


class Conversation:
    """The messages so far, and how to answer the next one."""

    def __init__(
        self, llm: LLM, params: SamplingParams, *, system: str | None = None, reasoning_effort: str | None = None
    ) -> None:
        self._llm = llm
        self._params = params
        self._reasoning_effort = reasoning_effort
        self.reset(system)

    def reset(self, system: str | None = None) -> None:
        """Forget everything; ``system`` becomes the system prompt."""
        self.system = system
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []

    def ask(self, question: str) -> TextDeltas:
        """The answer, piece by piece. A question that is refused does not become part of the conversation."""
        asked = [*self.messages, {"role": "user", "content": question}]
        pieces = self._llm.stream_chat(asked, self._params, reasoning_effort=self._reasoning_effort)
        self.messages = asked
        return pieces

    def remember(self, pieces: TextDeltas) -> None:
        """Make the answer, however far it got, part of the conversation."""
        answer = pieces.output.outputs[0]
        thought = {"reasoning": answer.reasoning} if answer.reasoning else {}
        self.messages.append({"role": "assistant", "content": answer.text, **thought})

    def obey(self, line: str) -> str:
        """Carry out a line that begins with a slash; what to say about it. EOFError to end."""
        match line.split(maxsplit=1):
            case ["/quit"]:
                raise EOFError
            case ["/help"]:
                return HELP
            case ["/reset"]:
                self.reset(self.system)
                return "The conversation is forgotten."
            case ["/system", *text]:
                self.reset(text[0].strip() if text else None)
                return (
                    "A new conversation, with this system prompt."
                    if text
                    else "A new conversation, without a system prompt."
                )
            case _:
                return f"{line.split()[0]} is not a command; /help lists them."


def run_chat(conversation: Conversation) -> None:
    """Until Ctrl-D or the end of the input."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        _talk(conversation)
    else:
        _answer_lines(conversation)


def _answer_lines(conversation: Conversation) -> None:
    """One question per line, one answer after it; an error ends it."""
    for line in sys.stdin:
        question = line.strip()
        if question.startswith("/"):
            try:
                print(conversation.obey(question), file=sys.stderr)
            except EOFError:
                return
        elif question:
            _write_answer(conversation, question)
            print(flush=True)


def _write_answer(conversation: Conversation, question: str, *, dim: bool = False) -> TextDeltas:
    """Stream one answer to standard output, with ``dim`` also what is thought before. Ctrl-C ends the answer only."""
    with conversation.ask(question) as pieces:
        try:
            for text in _shown(pieces.pieces(), dim=dim):
                sys.stdout.write(text)
                sys.stdout.flush()
        except KeyboardInterrupt:
            pieces.close()
        conversation.remember(pieces)
        return pieces


def _shown(pieces: Iterator[Piece], *, dim: bool) -> Iterator[str]:
    thinking = False
    for piece in pieces:
        if piece.kind == "reasoning" and dim:
            yield piece.text if thinking else DIM + piece.text
            thinking = True
        elif piece.kind == "content":
            yield NORMAL + "\n\n" + piece.text.lstrip() if thinking else piece.text
            thinking = False
    if thinking:
        yield NORMAL


def _talk(conversation: Conversation) -> None:
    console = Console(highlight=False)
    reader: PromptSession[str] = PromptSession()
    console.print("Ask something. Ctrl-C stops an answer, Ctrl-D ends, /help shows more.", style="dim")
    while True:
        try:
            line = reader.prompt("> ").strip()
            if line.startswith("/"):
                console.print(conversation.obey(line), style="dim", markup=False)
            elif line:
                _answer_at_terminal(conversation, line, console)
        except KeyboardInterrupt:  # an unfinished line is dropped, as in a shell
            continue
        except EOFError:
            return
        except QuatreError as error:
            console.print(str(error), style="red", markup=False)


def _answer_at_terminal(conversation: Conversation, question: str, console: Console) -> None:
    began = perf_counter()
    pieces = _write_answer(conversation, question, dim=True)
    seconds = perf_counter() - began
    answer = pieces.output.outputs[0]
    count = len(answer.token_ids)
    ending = {"cancelled": ", stopped", "length": ", cut off at the limit"}.get(answer.finish_reason or "", "")
    console.print(f"\n({count} tokens, {count / seconds:.1f} per second{ending})", style="dim")
