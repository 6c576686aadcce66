"""The next message of a conversation: what may be called, thought and said, by one rule for the server and Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quatre.chat.markup import Mark
from quatre.chat.reply import ReplyForm
from quatre.chat.tokenizer import Message, Tokenizer
from quatre.chat.tools import Calls, read_calls
from quatre.engine.constraint import Constraint
from quatre.engine.request import SamplingParams
from quatre.errors import RequestError
from quatre.llm.runtime import Runtime

if TYPE_CHECKING:
    from quatre.grammar.source import Thinking


@dataclass(frozen=True, kw_only=True)
class Turn:
    """``form``: how to read the answer. ``calls``: those that a grammar has to rule, with ``thinking`` before them.
    ``never``: tokens that the answer must not have. A prompt alone is continued.
    """

    prompt: Sequence[int]
    form: ReplyForm | None = None
    thinking: Thinking = "no"
    calls: Calls | None = None
    never: Sequence[int] = ()

    def is_ruled(self, params: SamplingParams) -> bool:
        """Whether the answer needs a constraint."""
        return self.calls is not None or params.structured_outputs is not None

    def constraint(self, runtime: Runtime, params: SamplingParams) -> Constraint | None:
        """What rules the answer, if anything does; made in this thread. RequestError if it cannot be had."""
        if not self.is_ruled(params):
            return None
        return runtime.constraint(params.structured_outputs, thinking=self.thinking, calls=self.calls)


def turn_of(runtime: Runtime, prompt: Sequence[int], calls: Calls | None, effort: str | None) -> Turn:
    """``calls``: which tools may be called; None for none. ``effort``: the model's word for how much to think."""
    tokenizer = runtime.tokenizer
    can_call = calls is not None and tokenizer.markup.knows_calls
    form = runtime.reply_form(prompt, calls=can_call)
    if calls is not None and not can_call and not calls.required:
        calls = None  # the template has written the tools; how the model calls them is its own affair
    never = () if can_call else _marks_of_calls(tokenizer)
    thinking = _thinking(tokenizer, effort, is_open=form.reasoning)
    return Turn(prompt=prompt, form=form, thinking=thinking, calls=calls, never=never)


def check_freedom(params: SamplingParams, ruler: str) -> None:
    """A grammar decides alone when an answer is complete, and which tokens it is made of. RequestError if not."""
    for name in ("ignore_eos", "min_tokens", "allowed_token_ids", "bad_words"):
        if getattr(params, name):
            raise RequestError(f"{name} cannot be combined with {ruler}", param=name)


def _thinking(tokenizer: Tokenizer, effort: str | None, *, is_open: bool) -> Thinking:
    """A model whose efforts are known thinks if it is told to; others whenever they like."""
    if is_open:
        return "open"
    return "no" if tokenizer.efforts and effort in (None, "none") else "may"


def _marks_of_calls(tokenizer: Tokenizer) -> list[int]:
    """Control tokens only: where the mark is a text, saying it is no call."""
    marks = tokenizer.markup.tokens.items()
    return [token for token, mark in marks if mark is Mark.CALL and not tokenizer.token_bytes(token)]


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A conversation as the Python API takes it. ``tools`` and ``tool_choice`` in OpenAI's form."""

    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]] | None = None
    tool_choice: str | Mapping[str, Any] | None = None
    parallel_tool_calls: bool = True
    reasoning_effort: str | None = None

    def turn(self, runtime: Runtime, params: SamplingParams) -> Turn:
        """Write its prompt. RequestError if the model cannot be asked so."""
        tools = None
        if self.tools is not None:
            from quatre.grammar.schema import plain_tools  # with llguidance

            tools = plain_tools(list(self.tools))
        calls = read_calls(tools, self.tool_choice, parallel=self.parallel_tool_calls)
        if calls is not None:
            check_freedom(params, "tools")
        prompt = runtime.tokenizer.chat_prompt(self.messages, tools=tools, reasoning_effort=self.reasoning_effort)
        return turn_of(runtime, prompt, calls, self.reasoning_effort)
