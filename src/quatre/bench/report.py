"""A run's numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from quatre.bench.summary import METRICS

_TOTALS = {
    "completed": "Requests that succeeded",
    "failed": "Requests that failed",
    "duration": "Duration, s",
    "max_concurrent_requests": "Most requests at once",
    "total_input_tokens": "Tokens read",
    "total_output_tokens": "Tokens written",
    "request_throughput": "Requests per second",
    "request_goodput": "Requests per second that kept all goals",
    "output_throughput": "Tokens written per second",
    "total_token_throughput": "Tokens read and written per second",
}


def totals(result: Mapping[str, Any]) -> Table:
    """The run as a whole."""
    table = Table(title="Serving benchmark", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for key, words in _TOTALS.items():
        if result[key] is not None:
            table.add_row(words, _number(result[key]))
    return table


def latencies(result: Mapping[str, Any], metrics: Sequence[str], percentiles: Sequence[float]) -> Table:
    """A line per metric."""
    statistics = ["mean", "median", "std", *(f"p{percentile:g}" for percentile in percentiles)]
    table = Table(title="Milliseconds", title_justify="left")
    table.add_column()
    for statistic in statistics:
        table.add_column(statistic, justify="right")
    for metric in metrics:
        table.add_row(METRICS[metric], *(_number(result[f"{statistic}_{metric}_ms"]) for statistic in statistics))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.2f}"
