"""The log of the server: lines for people, or JSON for programs; each knows the request that it is about.

What users write is in neither; ``--log-prompts`` is what lets some of it in.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The ``x-request-id`` of the present request."""

FIELDS = "fields"
"""The key in ``extra`` of a record for what JSON shows beside the message."""

OF_REQUESTS = ("quatre.server.asking", "quatre.server.partings")
ACCESS = "uvicorn.access"
MISTRAL_COMMON = "mistral_common"  # tells at "info" how it reads vocabularies, which is for those who look for faults

Form = Literal["text", "json"]


class TextLines(logging.Formatter):
    """``time level logger: message [request id]``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, in front of a traceback."""
        name = REQUEST_ID.get()
        return super().formatMessage(record) + (f" [{name}]" if name else "")


class JsonLines(logging.Formatter):
    """One object per line: ``time`` (UTC), ``level``, ``logger``, ``message``; ``request_id``, the fields of the record
    and ``exception`` where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """The object, in ASCII, so that no message can pretend to be a line of its own."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := REQUEST_ID.get():
            line["request_id"] = name
        line |= getattr(record, FIELDS, {})
        if record.name == ACCESS and isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, _, status = record.args
            line |= {"client": client, "method": method, "path": str(path).partition("?")[0], "status": status}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to_stderr(level: str, form: Form, *, requests: bool = True, access: bool = True) -> None:
    """Begin to log. ``requests``: a line when an answer ends; ``access``: uvicorn's line per HTTP request.

    Libraries that tell more than their troubles do so at level "debug" alone.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    quiet = () if level == "debug" else (MISTRAL_COMMON,)
    for name in (*quiet, *(() if requests else OF_REQUESTS), *(() if access else (ACCESS,))):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
