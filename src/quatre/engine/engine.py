"""The engine: one thread that schedules, runs one model step, samples and publishes, in a loop."""

from __future__ import annotations

from quatre.engine.request import Listener, Request


class Engine:
    """See the loop in :meth:`_run`. Thread-safe: ``submit`` and ``cancel`` may be called from any thread."""

    max_model_len: int
    vocab_size: int

    def submit(self, request: Request, listener: Listener) -> None:
        """Queue a request. RequestError if it can never run (ids out of range, longer than max_model_len: code
        ``context_length_exceeded``, param ``prompt``), OverloadedError if the queue is full, EngineError if the
        engine is dead. After it returns, ``listener`` gets events until one carries a finish_reason."""

    def cancel(self, request_id: str) -> None:
        """End a request soon; its listener gets a last event (CANCELLED). Unknown ids are ignored."""

    def close(self) -> None:
        """Stop the thread; running requests end as CANCELLED."""
