"""``/metrics``: what the engine does and how long its users wait, for Prometheus. Names are vLLM's, with our prefix.

Every event of every answer passes here on the engine thread, so counting one is a handful of list operations; shaping
them for Prometheus is left to the scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from time import perf_counter

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from quatre.engine.request import Event, FinishReason, Request
from quatre.llm.answer import Answer
from quatre.llm.runtime import Runtime, Watcher

PREFIX = "quatre:"

FIRST_TOKEN_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 320, 640)
TOKEN_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)
REQUEST_S = (0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920)
TOKENS = tuple(step * 10**power for power in range(6) for step in (1, 2, 5))
STEP_TOKENS = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
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


class Metrics(Collector):
    """Watches a runtime's requests, and shapes what it saw, with the engine's own statistics, for Prometheus."""

    def __init__(self, runtime: Runtime, model_name: str) -> None:
        self._engine = runtime.engine
        self._model_name = model_name
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
            "request_generation_tokens": Histogram(TOKENS),
            "request_params_n": Histogram(ANSWERS),
            "request_params_max_tokens": Histogram(TOKENS),
        }
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        runtime.observer = self.watch

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self._registry)

    # -- On the engine thread ----------------------------------------------------------------------------------

    def watch(self, request: Request) -> Watcher:
        """What to call with each event of the request, which begins now."""
        asked = perf_counter()
        moments = [asked] * request.params.n  # of each answer: when its last token came
        firsts = [0.0] * request.params.n
        begun = [asked] * request.params.n
        counts = [0] * request.params.n
        seen = self.histograms

        def watch(answer: Answer, event: Event) -> None:
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
        self.histograms["request_params_n"].observe(request.params.n)
        if request.params.max_tokens is not None:
            self.histograms["request_params_max_tokens"].observe(request.params.max_tokens)

    # -- At a scrape -------------------------------------------------------------------------------------------

    def collect(self) -> Iterator[Metric]:
        """Every number there is."""
        yield from self._of_engine()
        yield self._counter("prompt_tokens", "Prompt tokens read, found in the cache or computed.", self.prompt_tokens)
        yield self._counter("prompt_tokens_cached", "Prompt tokens of requests found in the cache.", self.cached_tokens)
        yield self._counter("generation_tokens", "Tokens of answers.", self.generation_tokens)
        yield self._counter("admission_rejections", "Requests turned away: full, or stopping.", self.rejected)
        ended = CounterMetricFamily(
            PREFIX + "request_success", "Answers that ended, by reason.", labels=["model_name", "finished_reason"]
        )
        for reason in sorted({"stop", "length", "abort"} | set(self.ended)):
            ended.add_metric([self._model_name, reason], self.ended[reason])
        yield ended
        for name, histogram in self.histograms.items():
            yield self._histogram(name, histogram)

    def _of_engine(self) -> Iterator[Metric]:
        engine = self._engine.statistics
        used = engine.held_pages / max(engine.pages, 1)
        yield self._gauge("num_requests_running", "Answers that are being computed.", engine.running)
        yield self._gauge("num_requests_waiting", "Answers that wait to be computed.", engine.waiting)
        yield self._gauge("kv_cache_usage_perc", "Share of the cache's pages in use; 1 is all of them.", used)
        yield self._gauge("kv_cache_pages", "Pages of the cache.", engine.pages)
        yield self._gauge("kv_cache_pages_held", "Pages that running answers hold.", engine.held_pages)
        yield self._counter("prefix_cache_queries", "Tokens looked up in the prefix cache.", engine.prefix_queries)
        yield self._counter("prefix_cache_hits", "Tokens found in the prefix cache.", engine.prefix_hits)
        yield self._counter("num_preemptions", "Answers put back because pages ran out.", engine.preemptions)
        yield self._counter("engine_steps", "Steps of the model.", engine.steps)
        yield self._counter("engine_step_seconds", "Seconds spent in steps.", engine.step_seconds)
        yield self._counter("mm_cache_queries", "Images of requests that were looked up.", engine.image_queries)
        yield self._counter("mm_cache_hits", "Images whose vectors were known.", engine.image_hits)
        steps = Histogram(STEP_TOKENS)
        for tokens, times in engine.step_tokens.copy().items():
            steps.observe(tokens, times)
        yield self._histogram("iteration_tokens_total", steps)
        yield self._cache_config()

    def _cache_config(self) -> Metric:
        """What does not change, as labels of a 1."""
        engine = self._engine.statistics
        labels = {
            "model_name": self._model_name,
            "block_size": str(engine.page_size),
            "num_gpu_blocks": str(engine.pages),  # dashboards look for vLLM's word, which means the pages anywhere
            "enable_prefix_caching": str(engine.prefix_caching),
        }
        family = GaugeMetricFamily(PREFIX + "cache_config_info", "How the cache is laid out.", labels=list(labels))
        family.add_metric(list(labels.values()), 1)
        return family

    def _histogram(self, name: str, histogram: Histogram) -> Metric:
        family = HistogramMetricFamily(PREFIX + name, name.replace("_", " ").capitalize(), labels=["model_name"])
        family.add_metric([self._model_name], buckets=histogram.buckets(), sum_value=histogram.sum)
        return family

    def _gauge(self, name: str, what: str, value: float) -> Metric:
        family = GaugeMetricFamily(PREFIX + name, what, labels=["model_name"])
        family.add_metric([self._model_name], value)
        return family

    def _counter(self, name: str, what: str, value: float) -> Metric:
        family = CounterMetricFamily(PREFIX + name, what, labels=["model_name"])
        family.add_metric([self._model_name], value)
        return family
