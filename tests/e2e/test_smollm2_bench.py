"""The load generator against a real server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_server import QUATRE, quatre_serve

SMALL = ("--random-input-len", "40", "--random-output-len", "6", "--num-prompts", "6", "--ignore-eos")


@pytest.fixture(scope="module")
def url(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "log"
    with quatre_serve(smollm2, log, "--max-model-len", "512", QUATRE_API_KEY="sesame") as (url, _):
        yield url


def bench(*arguments: str, key: str = "sesame") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*QUATRE, "bench", *arguments],
        capture_output=True, text=True, timeout=120, env={**os.environ, "OPENAI_API_KEY": key, "COLUMNS": "200"},
    )  # fmt: skip


def test_random_lengths_are_what_the_server_counts(url: str, tmp_path: Path) -> None:
    done = bench(
        "serve", "--base-url", url, *SMALL, "--max-concurrency", "3", "--goodput", "ttft:60000", "tpot:60000",
        "--random-range-ratio", "0.5", "--save-detailed", "--result-dir", str(tmp_path), "--result-filename", "r.json",
        "--plot", str(tmp_path / "r.svg"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Time to first token" in done.stdout
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["completed"], result["failed"]) == (6, 0)
    assert result["max_concurrent_requests"] <= 3
    assert all(20 <= length <= 60 for length in result["input_lens"])
    assert all(3 <= length <= 9 for length in result["output_lens"])
    assert len(set(result["input_lens"])) > 1
    assert sum(result["output_lens"]) == result["total_output_tokens"]
    assert result["request_goodput"] == pytest.approx(result["request_throughput"])
    assert 0 < result["median_ttft_ms"] <= result["p99_e2el_ms"]
    assert (tmp_path / "r.svg").read_text().startswith("<svg")


def test_chat_at_a_rate(url: str) -> None:
    done = bench("serve", "--base-url", f"{url}/v1", "--backend", "openai-chat", *SMALL, "--request-rate", "20")
    assert done.returncode == 0, done.stderr
    assert "failed" in done.stdout


def test_what_cannot_be_measured_is_one_line(url: str) -> None:
    for arguments, key, message in (
        (("--base-url", url), "wrong", "401"),
        (("--base-url", "http://127.0.0.1:9"), "", "no server"),
        (("--base-url", url, "--model", "other"), "sesame", "not served"),
        (("--base-url", url, "--goodput", "ttft"), "sesame", "goodput"),
    ):
        done = bench("serve", *arguments, *SMALL, key=key)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert message in line
    assert bench("serve", "--base-url", url, *SMALL, "ttft:5").returncode == 2


def test_throughput_without_a_server(smollm2: Path, tmp_path: Path) -> None:
    saved = tmp_path / "t.json"
    flags = ("--input-len", "20", "--output-len", "4", "--num-prompts", "5", "--max-model-len", "128")
    done = bench("throughput", str(smollm2), *flags, "--output-json", str(saved))
    assert done.returncode == 0, done.stderr
    assert "Throughput: " in done.stdout
    result = json.loads(saved.read_text())
    assert (result["total_input_tokens"], result["total_output_tokens"]) == (100, 20)
