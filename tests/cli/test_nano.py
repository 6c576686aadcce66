"""Without a model, commands use nano, and say so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from quatre.checkpoint import builtin
from quatre.checkpoint.hub import find, find_or_pull
from quatre.errors import CheckpointError
from random_nano import write_random_nano

SAID = "quatre: using nano, a tiny model for trying things out; the real one: quatre {} " + builtin.REAL


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_nano(tmp_path_factory.mktemp("package") / "nano")


def command(folder: Path, *arguments: str) -> list[str]:
    """``quatre`` whose built-in checkpoint lies in ``folder``."""
    code = (
        "from pathlib import Path; from quatre.checkpoint import builtin; "
        f"builtin.FOLDER = Path({str(folder)!r}); from quatre.cli import main; main()"
    )
    return [sys.executable, "-c", code, *arguments]


def quatre(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(folder, *arguments), input=stdin.encode(), capture_output=True, timeout=60)


@pytest.mark.parametrize("words", [("generate", "-p", "Hi"), ("chat",)])
def test_no_model_means_nano(folder: Path, words: tuple[str, ...]) -> None:
    flags = ("--temperature", "0", "--max-tokens", "8")
    said = quatre(folder, *words, *flags, stdin="Hello")
    named = quatre(folder, words[0], "nano", *words[1:], *flags, stdin="Hello")
    assert (said.returncode, named.returncode) == (0, 0)
    assert said.stderr.decode() == SAID.format(words[0]) + "\n"
    assert named.stderr == b""
    assert said.stdout == named.stdout
    assert len(said.stdout) > 1


def test_the_server_answers_as_nano(folder: Path) -> None:
    with subprocess.Popen(
        command(folder, "serve", "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            ready = process.stdout.readline()
            found = re.fullmatch(r"Serving nano at (http://\S+/v1)\n", ready)
            assert found is not None, ready + process.stderr.read()
            body = {"model": "nano", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}
            answer = httpx.post(f"{found[1]}/chat/completions", json=body, timeout=60)
            assert answer.status_code == 200, answer.text
            assert answer.json()["usage"]["completion_tokens"] > 0
        finally:
            process.terminate()
        assert process.stderr.readline().rstrip() == SAID.format("serve")


NEEDLESS = "httpx httpcore h2 rich pygments websockets prometheus_client jinja2 tokenizers torch".split()


def test_nobody_waits_for_what_a_first_answer_does_not_need(folder: Path) -> None:
    """An HTTP client with its terminal colours alone was a sixth of all that a server imported."""
    serve = command(folder, "serve", "--port", "0")
    with subprocess.Popen(
        [serve[0], "-X", "importtime", *serve[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=60)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in errors.splitlines() if "|" in line}
    assert {"mistral_common", "uvicorn"} <= imported  # it was a server, and these names are read rightly
    assert imported & set(NEEDLESS) == set()


@pytest.mark.parametrize("words", [("generate", "-p", "Hi"), ("chat", "nano"), ("serve", "--port", "0")])
def test_an_installation_without_nano_says_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = quatre(tmp_path / "nano", *words)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "make nano" in line
    assert builtin.REAL in line


def test_a_path_of_that_name_is_a_path(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(builtin, "FOLDER", folder)
    assert find("nano") == find_or_pull("nano") == folder
    (tmp_path / "nano").mkdir()
    assert find("nano") == find_or_pull("nano") == Path("nano")


def test_the_layout_is_that_of_the_official_checkpoint(folder: Path) -> None:
    """What these tests run on has what the shipped folder has."""
    assert {"params.json", "tekken.json"} <= {file.name for file in folder.iterdir()}
    header = json.loads((folder / "params.json").read_text())
    assert header["quantization"]["qformat_weight"] == "fp8_e4m3"


def test_missing_nano_is_a_checkpoint_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "none")
    with pytest.raises(CheckpointError, match="make nano"):
        find_or_pull("nano")
