"""The functions that a model may call, in OpenAI's form, and how far it is free to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quatre.errors import RequestError

MOST_TOOLS = 512
MODES = ("auto", "required", "none")


@dataclass(frozen=True)
class Tool:
    """``parameters``: a JSON schema of the arguments; None for a function without any. ``strict``: always kept to."""

    name: str
    parameters: Mapping[str, Any] | None
    strict: bool


@dataclass(frozen=True)
class Calls:
    """What may be called. ``required``: the answer is a call. ``parallel``: there may be several."""

    tools: tuple[Tool, ...]
    required: bool = False
    parallel: bool = True

    def has_schema(self, tool: Tool) -> bool:
        """Whether its arguments must satisfy its schema, and not only be an object."""
        return tool.strict or self.required


def read_calls(tools: Sequence[Any] | None, choice: Any, *, parallel: bool = True) -> Calls | None:
    """What ``tools`` and ``tool_choice`` of a request mean; None if nothing may be called. RequestError if wrong.

    ``choice``: "auto", "required" (for Mistral's clients, "any"), "none", ``{"type": "function", "function": {"name":
    …}}``, or ``{"type": "allowed_tools", "allowed_tools": {"mode": …, "tools": [...]}}``.
    """
    read = tuple(_tool(place, tool) for place, tool in enumerate(tools or ()))
    if len(read) > MOST_TOOLS:
        raise RequestError(f"tools may be {MOST_TOOLS}, got {len(read)}", param="tools")
    doubled = {tool.name for tool in read if sum(other.name == tool.name for other in read) > 1}
    if doubled:
        raise RequestError(f"tools has the function {min(doubled)!r:.100} twice", param="tools")
    mode, names = _choice(choice, bool(read))
    if mode == "none":
        return None
    if not read:
        if mode == "auto" and names is None:
            return None
        raise RequestError("tool_choice asks for a call, but there are no tools", param="tool_choice")
    for name in names or ():
        if name not in [tool.name for tool in read]:
            known = ", ".join(tool.name for tool in read[:20])
            raise RequestError(f"tool_choice names {name!r:.100}; tools has {known}", param="tool_choice")
    chosen = tuple(tool for tool in read if names is None or tool.name in names)
    return Calls(chosen, mode == "required", parallel)


def is_named(choice: Any) -> bool:
    """Whether the caller has chosen the function, so that the call is no news to it (OpenAI's finish_reason)."""
    return isinstance(choice, Mapping) and choice.get("type", "function") == "function"


def _tool(place: int, tool: Any) -> Tool:
    if isinstance(tool, Mapping) and tool.get("type", "function") != "function":
        raise RequestError(
            f"tools[{place}] is of type {tool['type']!r:.50}; only functions can be called", param="tools"
        )
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping):
        raise RequestError(f'tools[{place}] is not {{"type": "function", "function": …}}', param="tools")
    name, parameters, strict = function.get("name"), function.get("parameters"), function.get("strict")
    if not isinstance(name, str) or not name:
        raise RequestError(f"tools[{place}].function has no name", param="tools")
    if not isinstance(parameters, Mapping | None) or not isinstance(strict, bool | None):
        raise RequestError(
            f"tools[{place}].function: parameters must be a JSON schema, and strict true or false", param="tools"
        )
    return Tool(name, parameters or None, bool(strict))


def _choice(choice: Any, has_tools: bool) -> tuple[str, list[str] | None]:
    """The mode, and the names of the functions that are left; None for all of them."""
    if choice is None:
        return ("auto" if has_tools else "none"), None
    if choice == "any":
        return "required", None
    if choice in MODES:
        return choice, None
    kind = choice.get("type", "function") if isinstance(choice, Mapping) else None
    if kind == "allowed_tools":
        allowed = choice.get("allowed_tools", choice)
        listed = allowed.get("tools") if isinstance(allowed, Mapping) else None
        mode = allowed.get("mode", "auto") if isinstance(allowed, Mapping) else None
        if mode in ("auto", "required") and isinstance(listed, list) and listed:
            return mode, [_name(tool) for tool in listed]
    elif kind == "function":
        return "required", [_name(choice)]
    raise RequestError(
        f'tool_choice must be {", ".join(MODES)}, or {{"type": "function", "function": {{"name": …}}}}',
        param="tool_choice",
    )


def _name(choice: Any) -> str:
    function = choice.get("function", choice) if isinstance(choice, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str):
        raise RequestError("tool_choice names no function: its function has no name", param="tool_choice")
    return name
