"""Every exception that Quatre raises on purpose.

::

    QuatreError
    ├── ConfigError        an option or a model header that cannot work
    ├── CheckpointError    a weight or tokenizer file that is missing, damaged or unsupported
    ├── RequestError       one request is wrong; the others go on
    ├── OverloadedError    the queue is full or the server is stopping; try again later
    ├── DeadlineError      a request was not complete in the time it was given
    └── EngineError        the engine itself failed

Messages say what was found, what was expected, and what to do next. The server maps each class to a status
code in one place (``server/errors.py``); ``assert`` states only what a programmer promises.
"""

from __future__ import annotations


class QuatreError(Exception):
    """Base of all errors whose message is meant for the user."""


class ConfigError(QuatreError):
    """An option, or a field of a model header, has a value that cannot work."""


class CheckpointError(QuatreError):
    """A file of a checkpoint is missing, truncated, damaged or of an unsupported kind."""


class RequestError(QuatreError):
    """A single request is invalid. ``param`` names the field, ``code`` is a stable machine-readable word."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class OverloadedError(QuatreError):
    """The engine cannot take another request now."""


class DeadlineError(QuatreError):
    """A request ended because its time was over; the others go on."""


class EngineError(QuatreError):
    """The engine stopped because of an internal failure; running requests end with this error."""
