"""How long users wait, and what they ask for: counted as it happens, for :mod:`quatre.server.metrics_page`.

Every event of every answer passes here on the engine thread, so counting one is a handful of list operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

from quatre.engine.request import Event, FinishReason, Request
from quatre.llm.answer import Answer
from quatre.llm.runtime import Runtime, Watcher

# Bounds of the buckets are vLLM's, so that quantiles of both can be laid over each other.
FIRST_TOKEN_S = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1),
    *(2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560),
)
TOKEN_S = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)
REQUEST_S = (0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680)
TOKENS = tuple(step * 10**power for power in range(6) for step in (1, 2, 5))
ANSWERS = (1, 2, 5, 10, 20, 50, 100)

REASONS = {FinishReason.CANCELLED: "abort"}
"""What vLLM calls a reason, where it has another word."""


class Histogram:
    """Counts per bucket, and the sum. One thread writes; a scrape may read a moment between two of its additions."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Add one value, or so many that are equal."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by upper bound, as Prometheus wants them."""
        total = 0
        listed = []
        for bound, count in zip((*map(str, map(float, self.bounds)), "+Inf"), self.counts, strict=True):
            total += count
            listed.append((bound, float(total)))
        return listed


class Metrics:
    """Watches a runtime's requests."""

    def __init__(self, runtime: Runtime, model_name: str) -> None:
        self.engine = runtime.engine
        self.model_name = model_name
        self.prompt_tokens = self.cached_tokens = self.generation_tokens = 0
        self.rejected = 0
        self.ended: Counter[str] = Counter()
        self.histograms = {
            "time_to_first_token_seconds": Histogram(FIRST_TOKEN_S),
            "inter_token_latency_seconds": Histogram(TOKEN_S),
            "request_time_per_output_token_seconds": Histogram(TOKEN_S),
            "e2e_request_latency_seconds": Histogram(REQUEST_S),
            "request_queue_time_seconds": Histogram(REQUEST_S),
            "request_prefill_time_seconds": Histogram(REQUEST_S),
            "request_decode_time_seconds": Histogram(REQUEST_S),
            "request_inference_time_seconds": Histogram(REQUEST_S),
            "request_prompt_tokens": Histogram(TOKENS),
            "request_prefill_kv_computed_tokens": Histogram(TOKENS),
            "request_generation_tokens": Histogram(TOKENS),
            "request_max_num_generation_tokens": Histogram(TOKENS),
            "request_params_n": Histogram(ANSWERS),
            "request_params_max_tokens": Histogram(TOKENS),
        }
        runtime.observer = self.watch

    def watch(self, request: Request) -> Watcher:
        """What to call with each event of the request, which begins now."""
        asked = perf_counter()
        moments = [asked] * request.params.n  # of each answer: when its last token came
        firsts = [0.0] * request.params.n
        begun = [asked] * request.params.n
        counts = [0] * request.params.n
        running = request.params.n
        seen = self.histograms

        def watch(answer: Answer, event: Event) -> None:
            nonlocal running
            now, place = perf_counter(), event.index
            if event.tokens:
                waited = now - moments[place]
                moments[place] = now
                if counts[place]:
                    seen["inter_token_latency_seconds"].observe(waited)
                else:
                    firsts[place] = now
                    begun[place] = asked if event.begun is None else event.begun
                    seen["time_to_first_token_seconds"].observe(waited)
                    if place == 0:
                        self._read(request, event.cached_tokens or 0)
                counts[place] += len(event.tokens)
                self.generation_tokens += len(event.tokens)
            if event.finish_reason is not None:
                # A stop string ends an answer before the engine, which is told to cancel, hears of it.
                reason = answer.finish_reason or event.finish_reason
                self.ended[REASONS.get(reason, reason.value)] += 1
                seen["e2e_request_latency_seconds"].observe(now - asked)
                seen["request_generation_tokens"].observe(counts[place])
                running -= 1
                if not running:
                    seen["request_max_num_generation_tokens"].observe(max(counts))
                if counts[place]:
                    seen["request_queue_time_seconds"].observe(begun[place] - asked)
                    seen["request_prefill_time_seconds"].observe(firsts[place] - begun[place])
                    seen["request_decode_time_seconds"].observe(moments[place] - firsts[place])
                    seen["request_inference_time_seconds"].observe(moments[place] - begun[place])
                if counts[place] > 1:
                    each = (moments[place] - firsts[place]) / (counts[place] - 1)
                    seen["request_time_per_output_token_seconds"].observe(each)

        return watch

    def _read(self, request: Request, cached: int) -> None:
        self.prompt_tokens += len(request.prompt)
        self.cached_tokens += cached
        self.histograms["request_prompt_tokens"].observe(len(request.prompt))
        self.histograms["request_prefill_kv_computed_tokens"].observe(len(request.prompt) - cached)
        self.histograms["request_params_n"].observe(request.params.n)
        if request.params.max_tokens is not None:
            self.histograms["request_params_max_tokens"].observe(request.params.max_tokens)
