"""Every failure as a status code and OpenAI's error body. The only place that maps one to the other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from quatre.errors import DeadlineError, EngineError, OverloadedError, QuatreError, RequestError

MOST_PROBLEMS = 5
MOST_CHARACTERS = 200
"""Caps of a validation message: a body with ten thousand mistakes must not be answered with megabytes."""

RETRY_AFTER_S = 5

_MESSAGE: dict[str, Any] = {
    "message": {"type": "string"},
    "type": {"type": "string"},
    "param": {"type": ["string", "null"]},
}
_OPENAI_ERROR: dict[str, Any] = {"type": "object", "required": ["message", "type", "param", "code"]}
_OPENAI_ERROR["properties"] = {**_MESSAGE, "code": {"type": ["string", "null"]}}
_ANTHROPIC_ERROR: dict[str, Any] = {"type": "object", "required": ["message", "type"], "properties": _MESSAGE}


def _documented(properties: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "object", "required": [*properties], "properties": properties}
    content = {"application/json": {"schema": schema}}
    return {
        "4XX": {"description": "What is wrong with the request", "content": content},
        "5XX": {"description": "What is wrong with the server", "content": content},
    }


DOCUMENTED = _documented({"error": _OPENAI_ERROR})
"""The bodies of failures, as the OpenAPI document shows them."""
DOCUMENTED_ANTHROPIC = _documented({"type": {"const": "error"}, "error": _ANTHROPIC_ERROR})

OR_EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}
"""Of endpoints that answer in JSON, or with ``stream`` in events."""

_STATUS_OF_CODE = {
    "response_not_found": 404,
    "model_not_found": 404,
    "file_not_found": 404,
    "batch_not_found": 404,
    "files_disabled": 404,
    "files_full": 413,
}
_TYPE_OF_STATUS = {401: "authentication_error", 403: "permission_error", 503: "overloaded_error"}
_ANTHROPIC_TYPE_OF_STATUS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_CODE_OF_STATUS = {401: "invalid_api_key", 404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}
_CODE_OF_PYDANTIC = {"missing": "missing_required_parameter", "unsupported_value": "unsupported_value"}
_TYPE = re.compile(r"str|bool|int|float|(list|dict)\[.*")
_PLAIN_WORDS = {"model_attributes_type": "must be a JSON object", "model_type": "must be a JSON object"}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One error as the client will see it. ``param`` names the field, ``code`` is a stable word."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """``{"error": {"message", "type", "param", "code"}}``, as the OpenAI clients read it."""
        default = "server_error" if self.status >= 500 else "invalid_request_error"
        kind = _TYPE_OF_STATUS.get(self.status, default)
        code = self.code or _CODE_OF_STATUS.get(self.status)
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": code}}

    def anthropic_body(self) -> dict[str, Any]:
        """``{"type": "error", "error": {"type", "message"}}``, as the Anthropic clients read it."""
        default = "api_error" if self.status >= 500 else "invalid_request_error"
        kind = _ANTHROPIC_TYPE_OF_STATUS.get(self.status, default)
        return {"type": "error", "error": {"type": kind, "message": self.message, "param": self.param}}

    def response(self, path: str = "") -> Response:
        """The HTTP response. Plain ASCII JSON, because a message may quote text that is not valid Unicode.

        ``path`` is that of the request; some APIs have their own form of errors.
        """
        content = json.dumps(self.anthropic_body() if path.startswith("/v1/messages") else self.body())
        return Response(content, self.status, headers=dict(self.headers), media_type="application/json")


def failure_of(error: Exception) -> Failure:
    """What the client is told about ``error``. Anything unforeseen is a 500 that gives no detail away."""
    match error:
        case RequestError():
            status = _STATUS_OF_CODE.get(error.code or "", 400)
            return Failure(status=status, message=str(error), param=error.param, code=error.code)
        case OverloadedError():
            retry = {"retry-after": str(RETRY_AFTER_S)}
            return Failure(status=503, message=str(error), code="overloaded", headers=retry)
        case DeadlineError():
            return Failure(status=504, message=str(error), code="timeout")
        case EngineError():
            return Failure(status=500, message=str(error), code="engine_error")
        case QuatreError():
            return Failure(status=500, message=str(error))
        case RequestValidationError():
            return _invalid(error.errors())
        case HTTPException():
            return _http(error)
        case _:
            return Failure(status=500, message="The server failed on this request; its log says why.")


def _http(error: HTTPException) -> Failure:
    message = str(error.detail)
    if error.status_code == 404:
        message = "There is nothing at this address. The endpoints are listed at /openapi.json."
    if error.status_code == 405:
        message = "This address does not take this HTTP method. The endpoints are listed at /openapi.json."
    if isinstance(error.__cause__, UnicodeDecodeError):
        message = "The request body is not valid UTF-8."
    elif isinstance(error.__cause__, ValueError):
        message = "The request body is not valid JSON."
    known = error.status_code in set(HTTPStatus)
    return Failure(status=error.status_code if known else 500, message=message, headers=error.headers or {})


def _invalid(problems: Sequence[Mapping[str, Any]]) -> Failure:
    first = problems[0]
    if first["type"] == "json_invalid":
        reason = first.get("ctx", {}).get("error", "")
        return Failure(
            status=400, message=f"The request body is not valid JSON: {reason} at character {first['loc'][-1]}."
        )
    if _place(first) == "" and isinstance(first.get("input"), bytes):
        return Failure(
            status=400, message="Send the request body as JSON with the header Content-Type: application/json."
        )
    sentences = [_sentence(problem) for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        sentences.append(f"and {len(problems) - MOST_PROBLEMS} more")
    code = _CODE_OF_PYDANTIC.get(first["type"], "invalid_value")
    return Failure(status=400, message="; ".join(sentences), param=_place(first) or None, code=code)


def _place(problem: Mapping[str, Any]) -> str:
    """Where in the body, as ``messages[0].content``. Of a field with several types nobody knows which one was meant."""
    place = ""
    parts = problem["loc"][1:]  # the first says "body"
    if len(parts) > 1 and _TYPE.fullmatch(str(parts[-1])):
        parts = parts[:-1]
    for part in parts:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place[:MOST_CHARACTERS]


def _sentence(problem: Mapping[str, Any]) -> str:
    place = _place(problem) or "the request body"
    message = _PLAIN_WORDS.get(problem["type"], problem["msg"])
    return f"{place}: {message}"[:MOST_CHARACTERS]
