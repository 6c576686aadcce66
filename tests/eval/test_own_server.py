"""A model is started, asked over HTTP and stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from random_nano import write_random_nano


def test_a_model_is_served_for_the_time_of_the_run(tmp_path: Path) -> None:
    model, own, out = write_random_nano(tmp_path / "tiny"), tmp_path / "own.jsonl", tmp_path / "results.json"
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "required": ["n"]}}}
    tool["function"]["parameters"] |= {"properties": {"n": {"enum": [1, 2]}}, "additionalProperties": False}  # type: ignore[index]
    expect = {"calls": [{"name": "f", "arguments": {"n": 1}}]}
    case = {"id": "1", "ability": "a", "kind": "k", "messages": [{"role": "user", "content": "?"}], "expect": expect}
    own.write_text(json.dumps(case | {"tools": [tool]}))
    code = "from quatre.cli import main; main()"
    flags = ("--ability", str(own), "--out", str(out), "--max-tokens", "200", "--effort", "none")
    done = subprocess.run(
        [sys.executable, "-c", code, "eval", str(model), *flags], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(out.read_text())
    assert (results["model"], results["failed"]) == ("tiny", 0)
    free, forced = results["answers"]
    assert (free["variant"], forced["variant"]) == ("free", "constrained")
    assert forced["content_tokens"] > 0
    assert forced["valid"] or forced["finish_reason"] == "length"
