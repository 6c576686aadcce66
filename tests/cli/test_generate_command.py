"""``quatre generate`` writes what the model says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fakes import FakeEngine, fake_runtime
from quatre.cli.generate import run_generate
from quatre.engine.request import SamplingParams
from quatre.llm import LLM


def test_text_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with fake_runtime(FakeEngine("né\n🙂")) as runtime:
        run_generate(LLM.of(runtime), "Say:", SamplingParams())
    assert capsys.readouterr().out == "né\n🙂\n"


def test_reader_that_has_enough_is_not_an_error(tmp_path: Path) -> None:
    """``quatre generate … | head`` once ended with a traceback."""
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from fakes import FakeEngine, fake_runtime
import quatre.cli.commands as commands
from quatre.cli.generate import run_generate
from quatre.engine.request import SamplingParams
from quatre.llm import LLM

def long(**_):
    FakeEngine.max_model_len = 10**6
    with fake_runtime(FakeEngine("x" * 200_000)) as runtime:  # more than a pipe holds
        run_generate(LLM.of(runtime), "Say:", SamplingParams())

commands.app = long
commands.main()
"""
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        assert process.stdout.read(3) == b"xxx"
        process.stdout.close()
        errors = process.stderr.read()
    assert process.wait(60) == 1
    assert errors == b""
