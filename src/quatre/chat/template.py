"""Chat templates of checkpoints: a conversation → the text of a prompt, with what the template wrote itself marked.

The template is code from an untrusted file. It runs in :class:`quatre.chat.sandbox.Sandbox`; messages and tools come
to it as plain data; whatever goes wrong becomes one sentence. Imported only when there is a template to compile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, cast

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError

from quatre.chat.blame import refused_message
from quatre.chat.effort import NO_REASONING
from quatre.chat.instrument import instrumented
from quatre.chat.messages import Call, Part, Turn
from quatre.chat.meter import Meter, TooCostly
from quatre.chat.sandbox import Refusal, Sandbox
from quatre.chat.traced import Traced, own
from quatre.errors import CheckpointError, QuatreError, RequestError

LONGEST_TEMPLATE = 2**17
LONGEST_MESSAGE = 300

# Ends the text that is to be continued: characters that no text has, as the standard reserves them for such uses.
HERE = "\ufdd0\ufdd1"


class ChatTemplate:
    """A compiled template. ``where`` names it in errors, ``special`` are words for it such as ``bos_token``.

    CheckpointError if it is no template, or does what none may do; that may show only when it is rendered.
    """

    def __init__(self, source: str, where: str, special: Mapping[str, str]) -> None:
        self._where = where
        self._special = {name: own(text) for name, text in special.items()}
        self._knows_developer = "developer" in source
        self._one_at_a_time = Lock()
        self._sandbox = Sandbox()
        if len(source) > LONGEST_TEMPLATE:
            raise CheckpointError(
                f"the chat template of {where} has {len(source)} characters, at most {LONGEST_TEMPLATE} are read"
            )
        with self._compiling():
            tree = self._sandbox.parse(source)
            self._variables = {name.name for name in tree.find_all(nodes.Name)}
            self._template = self._sandbox.from_string(instrumented(tree, self._sandbox))

    def render(
        self,
        turns: Sequence[Turn],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> Traced:
        """The prompt that asks for the next assistant message, or for the rest of a last one with ``prefix``.

        RequestError says why there is none, and at which message the template stumbles if that can be known.
        """
        options = self._options(tools, reasoning_effort)
        try:
            return self._written(turns, options)
        except RequestError as error:
            place = refused_message(turns, str(error), lambda some: self._refusal_of(some, options))
            if place is None:
                raise
            raise RequestError(f"messages[{place}]: {error}", param="messages") from error

    def _written(self, turns: Sequence[Turn], options: Mapping[str, Any]) -> Traced:
        going_on = turns[-1].prefix
        values = {
            **self._special,
            **options,
            "messages": [self._message(turn) for turn in turns],
            "add_generation_prompt": not going_on,
        }
        text = self._run(values)
        return self._up_to_here(text) if going_on else text

    def _refusal_of(self, turns: Sequence[Turn], options: Mapping[str, Any]) -> str | None:
        try:
            self._written(turns, options)
        except QuatreError as error:
            return str(error)
        return None

    def _run(self, values: Mapping[str, Any]) -> Traced:
        with self._one_at_a_time, self._rendering():
            self._sandbox.meter = Meter(values)
            return cast(Traced, self._template.render(values))

    def _up_to_here(self, text: Traced) -> Traced:
        end = text.rfind(HERE)
        if end < 0:
            raise RequestError("this model's chat template cannot continue an assistant message", param="messages")
        return text.clip(0, end)

    # -- What the template sees --------------------------------------------------------------------------------

    def _options(self, tools: Sequence[Mapping[str, Any]] | None, reasoning_effort: str | None) -> dict[str, Any]:
        """Tools and effort, each refused if the template has no use for it."""
        options: dict[str, Any] = {"tools": _plain(tools, "tools") if tools else None}
        if tools and "tools" not in self._variables:
            raise RequestError("this model's chat template knows no tools", param="tools")
        if "reasoning_effort" in self._variables:
            if reasoning_effort is not None:
                options["reasoning_effort"] = reasoning_effort
        elif reasoning_effort not in (None, NO_REASONING):
            raise RequestError(
                f"reasoning_effort must be {NO_REASONING} for this model, got {reasoning_effort!r:.50}",
                param="reasoning_effort",
            )
        return options

    def _message(self, turn: Turn) -> dict[str, Any]:
        content, thinking = turn.text(join="\n"), turn.text("thinking", join="\n")
        if turn.prefix:
            if turn.parts and not turn.parts[-1].closed:
                thinking += HERE
            else:
                content += HERE
        role = "system" if turn.role == "developer" and not self._knows_developer else turn.role
        message: dict[str, Any] = {"role": own(role), "content": content}
        if any(part.kind == "image" for part in turn.parts):
            message["content"] = [_part(part) for part in turn.parts]
        if turn.name is not None:
            message["name"] = turn.name
        if turn.call_id is not None:
            message["tool_call_id"] = turn.call_id
        if turn.calls:
            message["tool_calls"] = [_call(call) for call in turn.calls]
        if thinking:
            message["reasoning_content"] = message["reasoning"] = thinking
        return message

    # -- Errors ------------------------------------------------------------------------------------------------

    @contextmanager
    def _compiling(self) -> Iterator[None]:
        try:
            yield
        except SecurityError as error:
            raise self._forbidden(error) from error
        except TemplateSyntaxError as error:
            raise CheckpointError(
                f"the chat template of {self._where} is damaged: line {error.lineno}: {_short(error.message)}"
            ) from error
        except (TemplateError, SyntaxError, ValueError, TypeError, ArithmeticError) as error:
            raise CheckpointError(f"the chat template of {self._where} is damaged: {_short(error)}") from error
        except (RecursionError, MemoryError) as error:
            raise self._too_deep() from error

    @contextmanager
    def _rendering(self) -> Iterator[None]:
        try:
            yield
        except Refusal as error:
            raise RequestError(
                f"this model's chat template refuses the conversation: {_short(error)}", param="messages"
            ) from error
        except TooCostly as error:
            raise CheckpointError(
                f"the chat template of {self._where} was stopped: it does more work than writing a prompt can need"
            ) from error
        except SecurityError as error:
            raise self._forbidden(error) from error
        except (RecursionError, MemoryError) as error:
            raise self._too_deep() from error
        except (TemplateError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise RequestError(
                f"this model's chat template cannot write the conversation: {_short(error)}", param="messages"
            ) from error

    def _forbidden(self, error: SecurityError) -> CheckpointError:
        return CheckpointError(f"the chat template of {self._where} does what templates may not do: {_short(error)}")

    def _too_deep(self) -> CheckpointError:
        return CheckpointError(f"the chat template of {self._where} is nested too deeply")


def _part(part: Part) -> dict[str, Any]:
    """Of a message with images, whose template puts their places between the texts."""
    return {"type": own("image")} if part.kind == "image" else {"type": own("text"), "text": part.text}


def _call(call: Call) -> dict[str, Any]:
    """A tool call with its arguments as an object, which is what templates expect, if they are one."""
    arguments: Any = call.arguments
    if isinstance(arguments, str):
        try:
            parsed = json.loads(arguments)
        except (ValueError, RecursionError):
            parsed = None
        arguments = parsed if isinstance(parsed, dict) else arguments
    else:
        arguments = _plain(arguments, "messages")
    function = {"name": call.name, "arguments": arguments}
    return {"type": "function", "function": function, **({"id": call.id} if call.id is not None else {})}


def _plain(value: Any, field: str) -> Any:
    """A copy that holds nothing but what JSON can say."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(f"{field} cannot be written as JSON: {_short(error)}", param=field) from error


def _short(error: object) -> str:
    lines = str(error).splitlines()
    return lines[0][:LONGEST_MESSAGE] if lines else "no reason given"
