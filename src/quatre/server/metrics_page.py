"""``/metrics``: what the engine does and how long its users wait, for Prometheus. Names, types, labels and buckets are
vLLM's where it has them (``vllm/v1/metrics/loggers.py``), with our prefix.

Imported at the first scrape.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from quatre.server.metrics import Histogram, Metrics

__all__ = ["CONTENT_TYPE_LATEST", "page"]

PREFIX = "quatre:"
ENGINE = "0"
"""vLLM numbers its engines; here there is one."""
REASONS = ("stop", "length", "abort", "error")
"""Shown from the start, because a rate cannot see the first step of a counter that was not there."""
STEP_TOKENS = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)


def page(metrics: Metrics) -> bytes:
    """What Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(_Shaped(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Shaped(Collector):
    """What was seen, with the engine's own statistics, in Prometheus's forms."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._labels = {"model_name": metrics.model_name, "engine": ENGINE}

    def collect(self) -> Iterator[Metric]:
        """Every number there is."""
        seen = self._metrics
        yield from self._of_engine()
        yield self._counter("prompt_tokens", "Prompt tokens read, found in the cache or computed.", seen.prompt_tokens)
        yield self._counter("prompt_tokens_cached", "Prompt tokens of requests found in the cache.", seen.cached_tokens)
        yield self._counter("generation_tokens", "Tokens of answers.", seen.generation_tokens)
        yield self._counter("admission_rejections", "Requests turned away: full, or stopping.", seen.rejected)
        ended = CounterMetricFamily(
            PREFIX + "request_success", "Answers that ended, by reason.", labels=[*self._labels, "finished_reason"]
        )
        for reason in sorted({*REASONS, *seen.ended}):
            ended.add_metric([*self._labels.values(), reason], seen.ended[reason])
        yield ended
        for name, histogram in seen.histograms.items():
            yield self._histogram(name, histogram)

    def _of_engine(self) -> Iterator[Metric]:
        engine = self._metrics.engine.statistics
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
        engine = self._metrics.engine.statistics
        labels = {
            **self._labels,
            "block_size": str(engine.page_size),
            "num_gpu_blocks": str(engine.pages),  # dashboards look for vLLM's word, which means the pages anywhere
            "enable_prefix_caching": str(engine.prefix_caching),
        }
        family = GaugeMetricFamily(PREFIX + "cache_config_info", "How the cache is laid out.", labels=list(labels))
        family.add_metric(list(labels.values()), 1)
        return family

    def _histogram(self, name: str, histogram: Histogram) -> Metric:
        family = HistogramMetricFamily(PREFIX + name, name.replace("_", " ").capitalize(), labels=[*self._labels])
        family.add_metric([*self._labels.values()], buckets=histogram.buckets(), sum_value=histogram.sum)
        return family

    def _gauge(self, name: str, what: str, value: float) -> Metric:
        family = GaugeMetricFamily(PREFIX + name, what, labels=[*self._labels])
        family.add_metric([*self._labels.values()], value)
        return family

    def _counter(self, name: str, what: str, value: float) -> Metric:
        family = CounterMetricFamily(PREFIX + name, what, labels=[*self._labels])
        family.add_metric([*self._labels.values()], value)
        return family
