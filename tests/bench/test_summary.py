"""Numbers of a run, by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from quatre.bench.client import Timing
from quatre.bench.load import Load
from quatre.bench.plot import plot
from quatre.bench.summary import METRICS, details, parse_goodput, parse_metrics, parse_percentiles, summarize
from quatre.errors import ConfigError

TIMINGS = [
    Timing(began=0.0, ttft=0.1, itl=[0.05, 0.15], latency=0.3, prompt_tokens=10, output_tokens=3),
    Timing(began=0.2, ttft=0.3, itl=[0.1], latency=0.4, prompt_tokens=20, output_tokens=2),
    Timing(began=0.2, ttft=0.5, latency=0.5, prompt_tokens=5, output_tokens=1),
    Timing(began=0.0, latency=9.0, error="gone"),
]
LOAD = Load(TIMINGS, 2.0)


def test_totals_leave_failures_out() -> None:
    result = summarize(LOAD, [], [], {})
    assert (result["completed"], result["failed"], result["failures"]) == (3, 1, {"gone": 1})
    assert (result["total_input_tokens"], result["total_output_tokens"]) == (35, 6)
    assert (result["request_throughput"], result["output_throughput"]) == (1.5, 3)
    assert result["total_token_throughput"] == 20.5
    assert result["max_concurrent_requests"] == 4
    assert result["request_goodput"] is None


def test_latencies_in_milliseconds() -> None:
    result = summarize(LOAD, list(METRICS), [0, 50, 100, 99.9], {})
    assert result["mean_ttft_ms"] == pytest.approx(300)
    assert (result["p0_ttft_ms"], result["median_ttft_ms"], result["p100_ttft_ms"]) == (100, 300, 500)
    assert result["mean_tpot_ms"] == pytest.approx(100)  # 200 / 2 and 100 / 1; one token alone has none
    assert sorted([result["p0_itl_ms"], result["p50_itl_ms"], result["p100_itl_ms"]]) == [50, 100, 150]
    assert result["mean_e2el_ms"] == pytest.approx(400)
    assert 499 < result["p99.9_e2el_ms"] < 500


def test_goodput_counts_requests_that_kept_every_goal() -> None:
    assert summarize(LOAD, [], [], {"ttft": 300.1})["request_goodput"] == 1.0
    assert summarize(LOAD, [], [], {"ttft": 300.1, "e2el": 350})["request_goodput"] == 0.5
    assert summarize(LOAD, [], [], {"tpot": 1})["request_goodput"] == 0.5


def test_nothing_succeeded() -> None:
    result = summarize(Load(TIMINGS[3:], 1.0), ["ttft", "itl"], [99], {"ttft": 1})
    assert (result["completed"], result["mean_ttft_ms"], result["p99_itl_ms"]) == (0, None, None)
    assert result["request_goodput"] == 0


def test_details_have_an_entry_per_request() -> None:
    assert all(len(values) == 4 for values in details(TIMINGS).values())


def test_options() -> None:
    assert parse_metrics("ttft, itl") == ["ttft", "itl"]
    assert parse_percentiles("50,99.9") == [50, 99.9]
    assert parse_goodput(["ttft:500 tpot:50", "e2el:1e3"]) == {"ttft": 500, "tpot": 50, "e2el": 1000}


@pytest.mark.parametrize("goal", ["ttft", "ttft:", "ttft:x", "itl:5", "ttft:-1", "ttft:nan"])
def test_odd_goals(goal: str) -> None:
    with pytest.raises(ConfigError, match="goodput"):
        parse_goodput([goal])


def test_odd_metrics_and_percentiles() -> None:
    with pytest.raises(ConfigError, match="not a metric"):
        parse_metrics("ttft,speed")
    for odd in ("x", "101", "-1", "nan"):
        with pytest.raises(ConfigError, match="percentiles"):
            parse_percentiles(odd)


def test_the_plot_is_an_svg_with_a_panel_per_metric() -> None:
    drawing = plot("a & b", TIMINGS, list(METRICS))
    root = ET.fromstring(drawing)
    assert root.tag.endswith("svg")
    assert len([line for line in root.iter() if line.tag.endswith("polyline")]) == 4
    assert "a &amp; b" in drawing
    assert "nothing was measured" in plot("x", [], ["ttft"])
