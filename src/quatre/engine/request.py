"""All that crosses the engine's border: what is asked, and the events that answer it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from quatre.errors import RequestError

MAX_LOGPROBS = 20


class FinishReason(StrEnum):
    """Why a request ended. ``stop``: an end token or a stop string; ``length``: a limit; the rest are not successes."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How to choose tokens. Field names and meanings are those of vLLM; wrong values raise RequestError.

    temperature 0 is greedy. ``top_k`` 0 or -1, ``top_p`` 1 and ``min_p`` 0 switch a filter off. Filters apply in the
    order temperature, top-k, top-p, min-p. With ``seed`` the same request gives the same tokens again; without one
    the engine draws a seed. ``max_tokens`` None means "until the context is full". ``logprobs`` / ``prompt_logprobs``
    ask for that many most likely tokens (and always the chosen one) per generated / prompt token; None for none.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    max_tokens: int | None = None
    stop: Sequence[str] = ()
    stop_token_ids: Sequence[int] = ()
    ignore_eos: bool = False
    logprobs: int | None = None
    prompt_logprobs: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.stop, str):
            object.__setattr__(self, "stop", (self.stop,))
        self._check_real("temperature", 0.0, 2.0)
        self._check_real("top_p", 0.0, 1.0)
        self._check_real("min_p", 0.0, 1.0)
        if self.top_p == 0:
            raise RequestError("top_p must be above 0 and at most 1, got 0", param="top_p")
        self._check_int("top_k", -1, None)
        self._check_int("seed", -(2**63), 2**64 - 1)
        self._check_int("max_tokens", 1, None)
        self._check_int("logprobs", 0, MAX_LOGPROBS)
        self._check_int("prompt_logprobs", 0, MAX_LOGPROBS)
        if any(not isinstance(s, str) or not s for s in self.stop):
            raise RequestError("stop must be non-empty strings", param="stop")

    def _check_real(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RequestError(f"{name} must be a number, got {value!r}", param=name)
        if not low <= value <= high:
            raise RequestError(f"{name} must be from {low:g} to {high:g}, got {value!r}", param=name)

    def _check_int(self, name: str, low: int, high: int | None) -> None:
        value = getattr(self, name)
        if value is None and name != "top_k":
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise RequestError(f"{name} must be a whole number, got {value!r}", param=name)
        if value < low or (high is not None and value > high):
            upper = f" to {high}" if high is not None else " or more"
            raise RequestError(f"{name} must be {low}{upper}, got {value}", param=name)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One prompt to continue. ``stop_ids`` are the tokens that end it (the checkpoint's end tokens unless ignored)."""

    id: str
    prompt: Sequence[int]
    params: SamplingParams
    stop_ids: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class TokenLogprobs:
    """Natural-log probabilities at one position, from the model's own distribution (before temperature and filters).

    ``top`` holds (token, logprob, rank), most likely first; rank is 1-based.
    """

    token: int
    logprob: float
    rank: int
    top: tuple[tuple[int, float, int], ...]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened to a request in one step. Exactly one event per request has a ``finish_reason``: its last.

    ``tokens``: newly generated tokens. An end token that stopped the request is included, so that usage counts
    are true; readers drop it from the text. ``prompt_logprobs``: sent once, with the first event, one entry per
    prompt token (None for the first, which nothing predicts). ``error``: set when finish_reason is ERROR.
    """

    tokens: tuple[int, ...] = ()
    logprobs: tuple[TokenLogprobs, ...] = ()
    prompt_logprobs: tuple[TokenLogprobs | None, ...] | None = None
    finish_reason: FinishReason | None = None
    error: str | None = None


Listener = Callable[[Event], None]
"""Called on the engine thread for each event of a request; must return at once (put it in a queue)."""
