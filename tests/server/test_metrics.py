"""The numbers at /metrics."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from serving import serving

from fakes import PATIENCE_S, FakeEngine
from quatre.server.metrics import Histogram
from quatre.server.service import ServerConfig

DASHBOARD = Path(__file__).parents[2] / "docs" / "dashboard.json"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def http(engine: FakeEngine) -> Iterator[httpx.Client]:
    with serving(engine) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield client


def numbers(http: httpx.Client) -> dict[str, float]:
    """Values by name, with the reason or bucket in brackets."""
    found = {}
    for family in text_string_to_metric_families(http.get("/metrics").text):
        for sample in family.samples:
            if sample.name.startswith("quatre:"):
                assert sample.labels["model_name"] == "fake"
            mark = sample.labels.get("finished_reason") or sample.labels.get("le")
            name = sample.name.removeprefix("quatre:")
            found[f"{name}[{mark}]" if mark else name] = sample.value
    return found


def complete(http: httpx.Client, **fields: Any) -> httpx.Response:
    return http.post("/v1/completions", json={"model": "fake", "prompt": "Say", **fields})


def test_tokens_reasons_and_times(http: httpx.Client) -> None:
    complete(http)  # 12 letters and an end token
    complete(http, max_tokens=4, n=2)
    complete(http, stop=["wor"])
    found = numbers(http)
    assert found["prompt_tokens_total"] == 3 * 4
    assert found["generation_tokens_total"] >= 13 + 2 * 4 + 10
    assert found["request_success_total[stop]"] == 2
    assert found["request_success_total[length]"] == 2
    assert found["request_success_total[abort]"] == 0
    for name in ("time_to_first_token_seconds", "e2e_request_latency_seconds", "request_generation_tokens"):
        assert found[f"{name}_count"] == found[f"{name}_bucket[+Inf]"] == 4
    assert found["inter_token_latency_seconds_count"] == found["generation_tokens_total"] - 4
    phases = {name: found[f"request_{name}_time_seconds_sum"] for name in ("queue", "prefill", "decode", "inference")}
    assert all(found[f"request_{name}_time_seconds_count"] == 4 for name in phases)
    assert phases["prefill"] + phases["decode"] == pytest.approx(phases["inference"])
    assert phases["queue"] + phases["prefill"] == pytest.approx(found["time_to_first_token_seconds_sum"])
    assert all(seconds > 0 for seconds in phases.values())
    assert 0 < found["time_to_first_token_seconds_sum"] <= found["e2e_request_latency_seconds_sum"]
    assert found["request_params_n_bucket[1.0]"] == 2
    assert found["request_prompt_tokens_sum"] == found["request_prefill_kv_computed_tokens_sum"] == 12
    assert found["request_max_num_generation_tokens_count"] == 3
    assert found["request_max_num_generation_tokens_sum"] == found["request_generation_tokens_sum"] - 4
    assert found["process_resident_memory_bytes"] > 1e6


def test_what_the_engine_says(http: httpx.Client, engine: FakeEngine) -> None:
    statistics = engine.statistics
    statistics.running, statistics.waiting, statistics.held_pages = 3, 2, 4
    statistics.prefix_queries, statistics.prefix_hits, statistics.preemptions = 100, 60, 7
    statistics.image_queries, statistics.image_hits, statistics.page_size = 5, 2, 32
    statistics.step_tokens.update({1: 4, 9: 2, 20_000: 1})
    found = numbers(http)
    assert (found["mm_cache_queries_total"], found["mm_cache_hits_total"]) == (5, 2)
    assert [found[f"iteration_tokens_total_bucket[{end}]"] for end in ("1.0", "8.0", "16.0", "+Inf")] == [4, 4, 6, 7]
    assert found["iteration_tokens_total_sum"] == 4 + 18 + 20_000
    layout = 'block_size="32",enable_prefix_caching="True",engine="0",model_name="fake",num_gpu_blocks="16"'
    assert f"quatre:cache_config_info{{{layout}}} 1" in http.get("/metrics").text
    assert (found["num_requests_running"], found["num_requests_waiting"]) == (3, 2)
    assert found["kv_cache_usage_perc"] == 4 / 16
    assert (found["prefix_cache_queries_total"], found["prefix_cache_hits_total"]) == (100, 60)
    assert found["num_preemptions_total"] == 7


def test_who_leaves_and_who_is_turned_away(http: httpx.Client, engine: FakeEngine) -> None:
    engine.gate = threading.Semaphore(2)
    with http.stream("POST", "/v1/completions", json={"model": "fake", "prompt": "x", "stream": True}) as answer:
        next(answer.iter_lines())
    engine.wait_for(cancelled=1)
    engine.places = 0
    assert complete(http).status_code == 503
    assert numbers(http)["admission_rejections_total"] == 1
    deadline = time.monotonic() + PATIENCE_S
    while numbers(http)["request_success_total[abort]"] != 1:  # the engine hears of it a moment later
        assert time.monotonic() < deadline
        time.sleep(0.01)


COUNTS = {"1.0", "2.0", "5.0", "10.0", "20.0"}
LATENCIES = {"0.3", "0.5", "0.8", "1.0", "1.5", "2.0", "2.5", "5.0", "10.0", "60.0", "1920.0", "7680.0", "+Inf"}
TOKEN_TIMES = {"0.01", "0.025", "0.05", "0.075", "0.1", "0.15", "0.2", "0.3", "0.75", "2.5", "40.0", "80.0", "+Inf"}
OF_VLLM: dict[str, tuple[str, set[str]]] = {
    "num_requests_running": ("gauge", set()),
    "num_requests_waiting": ("gauge", set()),
    "kv_cache_usage_perc": ("gauge", set()),
    "cache_config_info": ("gauge", set()),
    "prefix_cache_queries": ("counter", set()),
    "prefix_cache_hits": ("counter", set()),
    "mm_cache_queries": ("counter", set()),
    "mm_cache_hits": ("counter", set()),
    "num_preemptions": ("counter", set()),
    "prompt_tokens": ("counter", set()),
    "prompt_tokens_cached": ("counter", set()),
    "generation_tokens": ("counter", set()),
    "request_success": ("counter", set()),
    "request_prompt_tokens": ("histogram", COUNTS),
    "request_generation_tokens": ("histogram", COUNTS),
    "request_max_num_generation_tokens": ("histogram", COUNTS),
    "request_prefill_kv_computed_tokens": ("histogram", COUNTS),
    "request_params_n": ("histogram", COUNTS),
    "request_params_max_tokens": ("histogram", COUNTS),
    "iteration_tokens_total": ("histogram", {"1.0", "8.0", "16.0", "32.0", "64.0", "8192.0", "16384.0", "+Inf"}),
    "time_to_first_token_seconds": ("histogram", {"0.001", "0.02", "0.08", "0.25", "7.5", "160.0", "640.0", "2560.0"}),
    "inter_token_latency_seconds": ("histogram", TOKEN_TIMES),
    "request_time_per_output_token_seconds": ("histogram", TOKEN_TIMES),
    "e2e_request_latency_seconds": ("histogram", LATENCIES),
    "request_queue_time_seconds": ("histogram", LATENCIES),
    "request_prefill_time_seconds": ("histogram", LATENCIES),
    "request_decode_time_seconds": ("histogram", LATENCIES),
    "request_inference_time_seconds": ("histogram", LATENCIES),
}
"""Type, and some bounds of its buckets, as vllm/v1/metrics/loggers.py has them."""


def test_names_types_labels_and_buckets_are_those_of_vllm(http: httpx.Client) -> None:
    complete(http, max_tokens=4)
    families = {
        family.name.removeprefix("quatre:"): family
        for family in text_string_to_metric_families(http.get("/metrics").text)
    }
    for name, (kind, bounds) in OF_VLLM.items():
        assert families[name].type == kind, name
        for sample in families[name].samples:
            assert (sample.labels["model_name"], sample.labels["engine"]) == ("fake", "0")
        assert bounds <= {sample.labels.get("le") for sample in families[name].samples}, name
    reasons = {sample.labels["finished_reason"] for sample in families["request_success"].samples}
    assert reasons == {"stop", "length", "abort", "error"}


def test_the_numbers_need_the_key() -> None:
    with serving(FakeEngine(), ServerConfig(api_key=("k",))) as url:
        assert httpx.get(f"{url}/metrics").status_code == 401


def test_the_dashboard_reads_names_that_exist(http: httpx.Client) -> None:
    complete(http)
    there = {f"quatre:{name.partition('[')[0]}" for name in numbers(http)} | {"process_resident_memory_bytes"}
    asked = set(re.findall(r"\b(?:quatre:|process_)\w+", DASHBOARD.read_text()))
    assert len(asked) > 12
    assert asked <= there
    assert json.loads(DASHBOARD.read_text())["panels"]


@given(st.lists(st.floats(0, 20)))
def test_buckets_are_cumulative(values: list[float]) -> None:
    histogram = Histogram((1, 5, 10))
    for value in values:
        histogram.observe(value)
    expected = [float(sum(value <= bound for value in values)) for bound in (1, 5, 10, float("inf"))]
    assert [count for _, count in histogram.buckets()] == expected
    assert [bound for bound, _ in histogram.buckets()] == ["1.0", "5.0", "10.0", "+Inf"]
    assert histogram.sum == pytest.approx(sum(values))
