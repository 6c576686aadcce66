"""The other commands and the demo with a real model, as users run them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from real_server import QUATRE

from quatre import LLM, SamplingParams

ROOT = Path(__file__).parents[2]
GREEDY = ("--temperature", "0", "--max-model-len", "512")


def quatre(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [*QUATRE, *arguments],
        input=stdin, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


def test_generate_from_flag_and_from_stdin(smollm2: Path) -> None:
    prompt = "The capital of France is"
    said = quatre("generate", str(smollm2), "-p", prompt, "--max-tokens", "3", *GREEDY)
    assert said.startswith(" Paris")
    assert quatre("generate", str(smollm2), "--max-tokens", "3", *GREEDY, stdin=prompt) == said


def test_chat_from_a_pipe_says_what_the_python_api_says(smollm2: Path) -> None:
    said = quatre("chat", str(smollm2), "--max-tokens", "30", *GREEDY, stdin="Name three fruits.\n")
    with LLM(smollm2, max_model_len=512) as llm:
        question = [{"role": "user", "content": "Name three fruits."}]
        (output,) = llm.chat(question, SamplingParams(temperature=0, max_tokens=30))
    assert said == output.outputs[0].text + "\n"
    assert len(said) > 20


def test_python_api(smollm2: Path) -> None:
    with LLM(smollm2, max_model_len=256) as llm:
        params = SamplingParams(temperature=0, max_tokens=8, logprobs=0)
        one, two = llm.generate(["The capital of France is", "Two and two make"], params)
        assert "Paris" in one.outputs[0].text
        assert len(two.outputs[0].token_ids) == 8
        logits = llm.logits(one.prompt_token_ids)
        assert logits.shape == (len(one.prompt_token_ids), llm.runtime.engine.vocab_size)
        assert logits[-1].argmax() == one.outputs[0].token_ids[0]
        with pytest.raises(Exception, match="256"):
            llm.generate("word " * 300)


def test_demo_answers_and_ends(smollm2: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo_smollm2.py")],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.count("tokens/s") == 3
    assert "sleep" in done.stdout
    assert "quatre chat" in done.stdout
    assert done.stderr == ""


def test_demo_shows_the_log_of_a_server_that_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo_smollm2.py"), str(broken)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "broken.gguf" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_in_the_demo_stops_its_server(smollm2: Path) -> None:
    command = [sys.executable, "-u", str(ROOT / "examples" / "demo_smollm2.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        for line in demo.stdout:
            if line.startswith(">"):
                break
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        assert len(children) == 1
        demo.send_signal(signal.SIGINT)
        errors = demo.stderr.read()
        assert demo.wait(30) == 130
    assert errors == ""
    assert not Path(f"/proc/{children[0]}").exists()


def test_a_batch_says_what_the_python_api_says_and_is_not_run_twice(smollm2: Path, tmp_path: Path) -> None:
    question = [{"role": "user", "content": "Name three fruits."}]
    body = {"messages": question, "max_tokens": 10, "temperature": 0}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    (tmp_path / "in").write_text(json.dumps(line) + "\nnonsense\n")
    command = ("run-batch", str(tmp_path / "in"), str(tmp_path / "out"), "--model", str(smollm2))
    quatre(*command, "--max-model-len", "512")
    answered = (tmp_path / "out").read_bytes()
    results = {result["custom_id"]: result for result in map(json.loads, answered.splitlines())}
    assert results[None]["error"]["code"] == "invalid_json"
    said = quatre("chat", str(smollm2), "--max-tokens", "10", *GREEDY, stdin="Name three fruits.\n")
    assert results["a"]["response"]["body"]["choices"][0]["message"]["content"] + "\n" == said
    quatre(*command, "--max-model-len", "512")
    assert (tmp_path / "out").read_bytes() == answered
