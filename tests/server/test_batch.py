"""Files of requests: what a line may be, and what is left after a run was killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fakes import FakeEngine, fake_runtime
from quatre.cli.batch import answer_batch, open_files
from quatre.errors import ConfigError, EngineError

HERE = Path(__file__).parent


def request(name: Any, **changes: Any) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": f"ask {name}"}], "max_tokens": 20}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body, **changes}


def write(path: Path, lines: list[Any]) -> Path:
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def run(source: Path, output: Path, engine: FakeEngine | None = None, at_once: int = 4) -> FakeEngine:
    engine = engine or FakeEngine()
    batch, results = open_files(source, output)
    with results, fake_runtime(engine) as runtime:
        answer_batch(runtime, batch, results, (), at_once=at_once)
    return engine


def test_the_endpoints_answer_as_the_server_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    completion = request("two", url="/v1/completions", body={"prompt": "Say", "model": "fake"})
    response = request("three", url="/v1/responses", body={"input": "Say"})
    source = write(tmp_path / "in", [request("one"), b"", completion, response])
    run(source, tmp_path / "out")
    results = {result["custom_id"]: result for result in read(tmp_path / "out")}
    assert set(results) == {"one", "two", "three"}
    for result in results.values():
        assert result["error"] is None
        assert result["response"]["status_code"] == 200
        assert result["response"]["request_id"].startswith("req_")
        assert result["id"].startswith("batch_req_")
    assert results["one"]["response"]["body"]["choices"][0]["message"]["content"] == "Hello, world"
    assert results["two"]["response"]["body"]["choices"][0]["text"] == "Hello, world"
    assert results["three"]["response"]["body"]["output"][0]["content"][0]["text"] == "Hello, world"
    assert capsys.readouterr().err == "3 requests answered\n"


WRONG = [
    (b"{", "invalid_json"),
    (b"\xff\xfe", "invalid_json"),
    (b"[" * 100_000, "invalid_json"),
    (5, "invalid_request"),
    (request(None), "missing_custom_id"),
    (request(""), "missing_custom_id"),
    (request("m", method="GET"), "invalid_method"),
    (request("u", url="/v1/embeddings"), "invalid_url"),
    (request("l", url=["/v1/completions"]), "invalid_url"),
    (request("b", body=None), "invalid_request"),
    (request("s", body={"stream": True}), "invalid_request"),
    (b'{"custom_id": "n", "method": "POST", "url": "/v1/completions", "body": {"temperature": NaN}}', "invalid_json"),
]


def test_wrong_lines_get_an_answer_that_says_why(tmp_path: Path) -> None:
    lines = [line for line, _ in WRONG]
    run(write(tmp_path / "in", [*lines, request("good"), request("good")]), tmp_path / "out", at_once=1)
    results = read(tmp_path / "out")
    assert [result["error"]["code"] for result in results[:-2]] == [code for _, code in WRONG]
    assert all(result["response"] is None and result["error"]["message"] for result in results[:-2])
    assert results[-2]["response"]["status_code"] == 200
    assert results[-1]["error"]["code"] == "duplicate_custom_id"


def test_a_request_that_the_server_refuses_has_its_response(tmp_path: Path) -> None:
    odd = request("odd \ud800", body={"messages": [{"role": "user", "content": "x"}], "temperature": 9})
    other = request("other", body={"model": "gpt-5", "prompt": "x"}, url="/v1/completions")
    run(write(tmp_path / "in", [odd, other]), tmp_path / "out", at_once=1)
    hot, wrong_model = read(tmp_path / "out")
    assert hot["custom_id"] == "odd \ud800"
    assert hot["response"]["status_code"] == 400
    assert hot["response"]["body"]["error"]["param"] == "temperature"
    assert wrong_model["response"]["status_code"] == 404


def test_nothing_is_asked_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "in", [request(str(number)) for number in range(6)])
    run(source, tmp_path / "out")
    before = (tmp_path / "out").read_bytes()
    whole = before.splitlines(keepends=True)
    for torn in (before, b"".join(whole[:4]) + whole[4][:30], b"".join(whole[:2]) + b"\0\0", b"{", b""):
        (tmp_path / "out").write_bytes(torn)
        engine = run(source, tmp_path / "out")
        results = read(tmp_path / "out")
        assert sorted(result["custom_id"] for result in results) == list("012345")
        assert len(engine.requests) == 6 - torn.count(b"\n")
        assert (tmp_path / "out").read_bytes().startswith(torn[: torn.rfind(b"\n") + 1])


def test_a_full_queue_is_waited_for(tmp_path: Path) -> None:
    source = write(tmp_path / "in", [request(str(number)) for number in range(3)])
    run(source, tmp_path / "out", FakeEngine(places=1), at_once=3)
    assert [result["response"]["status_code"] for result in read(tmp_path / "out")] == [200] * 3


def test_an_engine_that_dies_leaves_the_rest_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "in", [request(str(number)) for number in range(5)])
    engine = FakeEngine()
    submit = engine.submit

    def submit_twice(*arguments: Any) -> None:
        engine.alive = len(engine.requests) < 2
        submit(*arguments)

    monkeypatch.setattr(engine, "submit", submit_twice)
    with pytest.raises(EngineError, match="run the batch again"):
        run(source, tmp_path / "out", engine, at_once=1)
    assert len(read(tmp_path / "out")) == 2
    assert "2 of 5 requests" in capsys.readouterr().err
    run(source, tmp_path / "out")
    assert sorted(result["custom_id"] for result in read(tmp_path / "out")) == list("01234")


def test_files_that_cannot_be_meant(tmp_path: Path) -> None:
    source = write(tmp_path / "in", [request("a")])
    with pytest.raises(ConfigError, match="cannot read"):
        open_files(tmp_path / "none", tmp_path / "out")
    with pytest.raises(ConfigError, match="cannot write"):
        open_files(source, tmp_path / "none" / "out")
    with pytest.raises(ConfigError, match=r"line 1 of .* is not the result of a batch"):
        open_files(source, source)
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ConfigError, match="is no file; a batch is read twice"):
            open_files(odd, tmp_path / "out")
        with pytest.raises(ConfigError, match="is no file; a batch can only go on"):
            open_files(source, odd)
    run(source, tmp_path / "out")
    with pytest.raises(ConfigError, match="1 answers to requests that are not in"):
        open_files(write(tmp_path / "other", [request("b")]), tmp_path / "out")
    _, held = open_files(source, tmp_path / "out")
    with held, pytest.raises(ConfigError, match="another run"):
        open_files(source, tmp_path / "out")


def test_killed_again_and_again_no_line_is_lost_or_repeated(tmp_path: Path) -> None:
    count, rng = 240, random.Random(1)
    source = write(tmp_path / "in", [request(str(number)) for number in range(count)])
    output = tmp_path / "out"
    command = [sys.executable, str(HERE / "batch_run.py"), str(source), str(output)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    kills = 0
    for _ in range(4):
        size = output.stat().st_size if output.exists() else 0
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (output.exists() and output.stat().st_size > size):
            time.sleep(0.001)
        time.sleep(rng.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills >= 3
    before = output.read_bytes()
    assert 0 < before.count(b"\n") < count
    subprocess.run(command, env=environment, check=True, timeout=120)
    assert output.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    names = [result["custom_id"] for result in read(output)]
    assert sorted(names, key=int) == [str(number) for number in range(count)]
