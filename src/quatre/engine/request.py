"""All that crosses the engine's border: what is asked, and the events that answer it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from quatre.engine.constraint import Constraint
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError

MAX_LOGPROBS = 20
MAX_N = 128
MAX_BIASED_TOKENS = 1024
MAX_REPETITION_PENALTY = 10.0


class FinishReason(StrEnum):
    """Why a request ended. ``stop``: an end token or a stop string; ``length``: a limit; the rest are not successes."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How to choose tokens. Field names and meanings are those of vLLM; wrong values raise RequestError.

    ``n``: answers to the same prompt. temperature 0 is greedy. ``top_k`` 0 or -1, ``top_p`` 1 and ``min_p`` 0 switch a
    filter off. Logits are adjusted in the order allowed tokens, bad words, ``min_tokens``, ``logit_bias``, penalties,
    grammar; then come temperature, min-p, top-k and top-p. ``repetition_penalty`` looks at prompt and answer, the
    other two at the answer alone. ``logit_bias`` is added to the logits of the given token ids. With ``seed`` the same
    request gives the same tokens again; without one the engine draws a seed. ``max_tokens`` None means "until the
    context is full"; before ``min_tokens`` neither an end token nor a stop string ends the answer. ``bad_words`` are
    texts that the answer must not contain, as far as they are spelt in the usual tokens. ``logprobs`` and
    ``prompt_logprobs`` ask for that many most likely tokens (and always the chosen one) per generated or prompt token;
    None for none.
    """

    n: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: Mapping[int, float] | None = None
    allowed_token_ids: Sequence[int] | None = None
    bad_words: Sequence[str] = ()
    seed: int | None = None
    max_tokens: int | None = None
    min_tokens: int = 0
    stop: Sequence[str] = ()
    stop_token_ids: Sequence[int] = ()
    include_stop_str_in_output: bool = False
    ignore_eos: bool = False
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    structured_outputs: StructuredOutputsParams | None = None

    def __post_init__(self) -> None:
        if isinstance(self.stop, str):
            object.__setattr__(self, "stop", (self.stop,))
        self._check_int("n", 1, MAX_N)
        self._check_real("temperature", 0.0, 2.0)
        self._check_real("top_p", 0.0, 1.0)
        self._check_real("min_p", 0.0, 1.0)
        self._check_real("repetition_penalty", 0.0, MAX_REPETITION_PENALTY)
        self._check_real("presence_penalty", -2.0, 2.0)
        self._check_real("frequency_penalty", -2.0, 2.0)
        for name in ("top_p", "repetition_penalty"):
            if getattr(self, name) == 0:
                raise RequestError(f"{name} must be above 0, got 0", param=name)
        self._check_int("top_k", -1, None)
        self._check_int("seed", -(2**63), 2**64 - 1)
        self._check_int("max_tokens", 1, None)
        self._check_int("min_tokens", 0, None)
        self._check_int("logprobs", 0, MAX_LOGPROBS)
        self._check_int("prompt_logprobs", 0, MAX_LOGPROBS)
        if self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise RequestError(
                f"min_tokens must not be above max_tokens, got {self.min_tokens} and {self.max_tokens}",
                param="min_tokens",
            )
        self._check_texts("stop")
        self._check_texts("bad_words")
        self._check_tokens("stop_token_ids", self.stop_token_ids)
        self._check_allowed()
        self._check_bias()
        self._check_structure()

    def _check_texts(self, name: str) -> None:
        texts = getattr(self, name)
        if isinstance(texts, str) or any(not isinstance(text, str) or not text for text in texts):
            raise RequestError(f"{name} must be non-empty strings", param=name)

    def _check_tokens(self, name: str, tokens: Sequence[int]) -> None:
        if any(isinstance(token, bool) or not isinstance(token, int) or token < 0 for token in tokens):
            raise RequestError(f"{name} must be token ids, whole numbers from 0", param=name)

    def _check_allowed(self) -> None:
        if self.allowed_token_ids is not None:
            if not self.allowed_token_ids:
                raise RequestError("allowed_token_ids is empty, so no token could be chosen", param="allowed_token_ids")
            self._check_tokens("allowed_token_ids", self.allowed_token_ids)

    def _check_bias(self) -> None:
        bias = self.logit_bias or {}
        if len(bias) > MAX_BIASED_TOKENS:
            raise RequestError(f"logit_bias may have {MAX_BIASED_TOKENS} tokens, got {len(bias)}", param="logit_bias")
        self._check_tokens("logit_bias", list(bias))
        for value in bias.values():
            if isinstance(value, bool) or not isinstance(value, int | float) or not -100 <= value <= 100:
                raise RequestError(f"logit_bias must be numbers from -100 to 100, got {value!r}", param="logit_bias")

    def _check_structure(self) -> None:
        """A grammar decides alone when an answer is complete, and which tokens it is made of."""
        if self.structured_outputs is None:
            return
        for name in ("ignore_eos", "min_tokens", "allowed_token_ids", "bad_words"):
            if getattr(self, name):
                raise RequestError(f"{name} cannot be combined with a structured output", param=name)

    def _check_real(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RequestError(f"{name} must be a number, got {value!r}", param=name)
        if not low <= value <= high:
            raise RequestError(f"{name} must be from {low:g} to {high:g}, got {value!r}", param=name)

    def _check_int(self, name: str, low: int, high: int | None) -> None:
        value = getattr(self, name)
        if value is None and name not in ("n", "top_k", "min_tokens"):
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise RequestError(f"{name} must be a whole number, got {value!r}", param=name)
        if value < low or (high is not None and value > high):
            upper = f" to {high}" if high is not None else " or more"
            raise RequestError(f"{name} must be {low}{upper}, got {value}", param=name)


@dataclass(frozen=True, eq=False)
class Image:
    """``pixels``: float32 ``[channels, height, width]``, preprocessed. ``places``: int32, ascending: the places in the
    prompt where its vectors stand instead of the tokens' embeddings."""

    pixels: Any
    places: Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """One prompt to continue, ``params.n`` times.

    ``stop_ids`` are the tokens that end it (the checkpoint's end tokens unless ignored). ``constraint`` is the grammar
    at its beginning; ``bad_tokens`` are the sequences of tokens that must not occur. Of two requests, the one with the
    lower ``priority`` comes first. ``timeout``: seconds after which it fails, wherever it is. Prompts share cached
    pages only with those of the same ``cache_salt``. ``images`` stand in the prompt, in order.
    """

    id: str
    prompt: Sequence[int]
    params: SamplingParams
    stop_ids: frozenset[int] = field(default_factory=frozenset)
    constraint: Constraint | None = None
    bad_tokens: tuple[tuple[int, ...], ...] = ()
    priority: int = 0
    timeout: float | None = None
    cache_salt: str = ""
    images: tuple[Image, ...] = ()


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
    """What happened to answer number ``index`` of a request. Exactly one event of it has a ``finish_reason``: its last.

    ``tokens``: newly generated tokens. An end token that stopped the request is included, so that usage counts
    are true; readers drop it from the text. ``prompt_logprobs``: sent once, with the first event of answer 0, one entry
    per prompt token (None for the first, which nothing predicts). ``cached_tokens``: sent with the first event of an
    answer that has tokens: how many tokens of the prompt were found in the cache. ``begun``: sent with it: when the
    answer left the queue, in seconds of ``perf_counter``. ``error``: set when finish_reason is
    ERROR or TIMEOUT.
    """

    index: int = 0

    tokens: tuple[int, ...] = ()
    logprobs: tuple[TokenLogprobs, ...] = ()
    prompt_logprobs: tuple[TokenLogprobs | None, ...] | None = None
    cached_tokens: int | None = None
    begun: float | None = None
    finish_reason: FinishReason | None = None
    error: str | None = None


Listener = Callable[[Event], None]
"""Called on the engine thread for each event of a request; must return at once (put it in a queue)."""
