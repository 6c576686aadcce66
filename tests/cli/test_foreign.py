"""Command lines of other servers, word for word."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from quatre.cli.foreign import WITH_VALUE, WITHOUT_VALUE, translate

VLLM = """serve mistralai/Mistral-Small-4-119B-2603 --max-model-len 262144 --tensor-parallel-size 2
  --attention-backend FLASH_ATTN_MLA --tool-call-parser mistral --enable-auto-tool-choice
  --reasoning-parser mistral --max_num_batched_tokens 16384 --max_num_seqs 128 --gpu_memory_utilization 0.8
  --speculative-config '{"model": "x", "num_speculative_tokens": 3, "method": "eagle", "max_model_len": 65536}'"""
SGLANG = """serve --model-path mistralai/Mistral-Small-4-119B-2603 --tp 2 --tool-call-parser mistral
  --reasoning-parser mistral --speculative-algorithm EAGLE --speculative-num-steps 3 --speculative-eagle-topk 1
  --speculative-num-draft-tokens 4"""


def test_vllms_line(capsys: pytest.CaptureFixture[str]) -> None:
    model = "serve mistralai/Mistral-Small-4-119B-2603"
    ours = f"{model} --max-model-len 262144 --max-num-batched-tokens 16384 --max-num-seqs 128"
    assert translate(shlex.split(VLLM)) == ours.split()
    remarks = capsys.readouterr().err.splitlines()
    assert len(remarks) == 7
    assert all(" has no effect here: " in remark for remark in remarks)


def test_sglangs_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert translate(shlex.split(SGLANG)) == ["serve", "mistralai/Mistral-Small-4-119B-2603"]
    assert len(capsys.readouterr().err.splitlines()) == 7


def test_either_way_to_give_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["serve", "--model=x.gguf", "--tokenizer_mode=mistral", "--port=1", "--load-format", "mistral"]
    assert translate(line) == ["serve", "x.gguf", "--port=1"]
    assert translate(["serve", "--model"]) == ["serve", "--model"]
    assert translate(["serve", "x", "--tp"]) == ["serve", "x"]
    assert translate([]) == []


def test_only_serve_is_translated_and_values_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["bench", "serve", "--model", "a_b", "--num_prompts", "3", "--plot=c_d.svg", "-tp", "e_f"]
    assert translate(line) == ["bench", "serve", "--model", "a_b", "--num-prompts", "3", "--plot=c_d.svg", "-tp", "e_f"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("line", [VLLM, SGLANG])
def test_whole_lines_reach_the_model(line: str) -> None:
    """The only complaint is that there is no such file."""
    words = shlex.split(line.replace("mistralai/Mistral-Small-4-119B-2603", "none.gguf"))
    done = subprocess.run(
        [sys.executable, "-c", "from quatre.cli import main; main()", *words, "--port", "0"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "none.gguf" in done.stderr.splitlines()[-1]


def test_no_flag_of_ours_is_taken_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from quatre.cli import main; main()", "serve", "--help"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    words = set(done.stdout.split())
    assert "--port" in words
    assert not words & (WITH_VALUE.keys() | WITHOUT_VALUE.keys())
