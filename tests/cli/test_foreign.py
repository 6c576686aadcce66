"""Command lines of other servers, word for word."""

from __future__ import annotations

import shlex
import subprocess
import sys
from inspect import signature

import pytest

from quatre.cli.commands import serve
from quatre.cli.foreign import OTHER_NAMES, REFUSED, WITH_VALUE, WITHOUT_VALUE, translate
from quatre.errors import ConfigError

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


def test_what_others_call_our_flags() -> None:
    line = ["serve", "x", "--block_size", "32", "--kv-cache-memory-bytes=5", "--disable-log-requests"]
    assert translate(line) == ["serve", "x", "--page-size", "32", "--kv-cache-memory=5", "--no-enable-log-requests"]
    names = {flag.removeprefix("--").removeprefix("no-").replace("-", "_") for flag in OTHER_NAMES.values()}
    assert names <= signature(serve).parameters.keys()


def test_switches_of_others_may_be_off(capsys: pytest.CaptureFixture[str]) -> None:
    line = [
        "serve",
        "x",
        "--no-enforce-eager",
        "--no_enable_chunked_prefill",
        "--no-enable-prefix-caching",
        "--port",
        "1",
    ]
    assert translate(line) == ["serve", "x", "--no-enable-prefix-caching", "--port", "1"]
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_flag_has_one_meaning() -> None:
    kinds = (WITH_VALUE, WITHOUT_VALUE, OTHER_NAMES, REFUSED)
    assert sum(map(len, kinds)) == len(set().union(*kinds))


@pytest.mark.parametrize("flag", sorted(WITH_VALUE.keys() | WITHOUT_VALUE.keys()))
def test_every_foreign_flag_goes_with_its_value_and_a_reason(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    value = ["7"] if flag in WITH_VALUE else []
    assert translate(["serve", "x", flag, *value, "--port", "1"]) == ["serve", "x", "--port", "1"]
    assert capsys.readouterr().err.startswith(f"quatre: {flag} has no effect here: ")


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("x --served-model-name a b --port 1", "x --served-model-name a --served-model-name b --port 1"),
        ("--model x --api_key a b", "x --api-key a --api-key b"),
        ("--served-model-name a x", "--served-model-name a x"),
        ("x --served-model-name=a", "x --served-model-name=a"),
        ("x --served-model-name a", "x --served-model-name a"),
        ("x --api-key --port 80", "x --api-key --port 80"),  # a word of another flag is no key
        ("--reasoning-effort-map.low none x", 'x --reasoning-effort-map {"low":"none"}'),
        (
            "x --reasoning_effort_map.low=none --reasoning-effort-map.max high",
            'x --reasoning-effort-map {"low":"none","max":"high"}',
        ),
        (
            "x --default-chat-template-kwargs.enable_thinking true",
            'x --default-chat-template-kwargs {"enable_thinking":true}',
        ),
    ],
)
def test_several_words_and_keys_of_objects(line: str, ours: str) -> None:
    translated = translate(["serve", *line.split()])
    assert [word.replace(" ", "") for word in translated[1:]] == ours.split()


@pytest.mark.parametrize("flag", sorted(REFUSED))
def test_what_cannot_be_done_without_stops_the_start(flag: str) -> None:
    with pytest.raises(ConfigError, match=f"^{flag} is not supported: "):
        translate(["serve", "x", flag, "7"])


def test_a_key_of_what_cannot_be_done_without_and_a_switch_that_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"^--hf-overrides is not supported: "):
        translate(["serve", "x", "--hf-overrides.rope_theta", "7"])
    assert translate(["serve", "x", "--no-enable-lora", "--port", "1"]) == ["serve", "x", "--port", "1"]
    assert capsys.readouterr().err.startswith("quatre: --no-enable-lora has no effect here: there are no adapters")


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
    assert not words & (WITH_VALUE.keys() | WITHOUT_VALUE.keys() | OTHER_NAMES.keys() | REFUSED.keys())
