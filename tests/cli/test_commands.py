"""The command line itself: flags, help, and errors in one line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quatre import __version__
from quatre.cli.commands import app
from quatre.engine.config import EngineConfig
from quatre.server.service import ServerConfig

COMMANDS = ("serve", "chat", "generate")


def quatre(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    code = "from quatre.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=stdin, capture_output=True, text=True, timeout=60
    )


def test_version() -> None:
    done = quatre("--version")
    assert (done.returncode, done.stdout) == (0, f"quatre {__version__}\n")


def test_version_is_the_packages() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'version = "{__version__}"' in project


def test_without_arguments_it_helps() -> None:
    shown = CliRunner().invoke(app, []).output
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert done.exit_code == 0
    assert "MODEL" in done.output
    assert "--max-model-len" in done.output


def test_every_option_of_engine_and_server_has_its_flag() -> None:
    shown = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    names = {field.name for field in [*fields(EngineConfig), *fields(ServerConfig)]}
    for name in names - {"efforts"} | {"reasoning_effort_map", "strict_reasoning_effort"}:
        assert f"--{name.replace('_', '-')}" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_model_is_one_line(command: str, tmp_path: Path) -> None:
    port = ("--port", "0") if command == "serve" else ()
    done = quatre(command, str(tmp_path / "nothing.gguf"), *port)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("quatre: ")
    assert "nothing.gguf" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chat", "x.gguf", "--temperature", "3"), "temperature must be from 0 to 2, got 3"),
        (("generate", "x.gguf", "-p", "x", "--max-tokens", "0"), "max_tokens must be 1"),
        (("run-batch", "none.jsonl", "out.jsonl"), "cannot read none.jsonl"),
        (("run-batch", "-i", "none.jsonl"), "name the OUTPUT: "),
        (("run-batch", "a.jsonl", "b.jsonl", "-i", "c.jsonl"), "INPUT is given twice"),
        (("bench", "serve", "--dataset-name", "custom"), "needs --dataset-path"),
        (("bench", "serve", "--extra-body", "5"), "must be a JSON object"),
        (("serve", "x.gguf", "--api-key", ""), "an API key is empty"),
        (("serve", "x.gguf", "--uds", "/none/x.sock"), "cannot listen on /none/x.sock"),
        (("serve", "x.gguf", "--chat-template", "none.jinja"), "cannot read the chat template none.jinja: No such"),
        (("serve", "x.gguf", "--lora-modules", "a=b"), "--lora-modules is not supported: there are no adapters"),
        (("serve", "x.gguf", "--reasoning-effort-map", "[]"), "must be a JSON object, got []"),
        (("serve", "x.gguf", "--reasoning-effort-map", '{"low": 1}'), "must be a JSON object of texts"),
        (("serve", "x.gguf", "--reasoning-effort-map", '{"low": "much"}'), "'much' is not one of none"),
        (("serve", "x.gguf", "--isolate-prefix-cache-by-key"), "needs API keys"),
        (("serve", "x.gguf", "--page-size", "0"), "page_size must be at least 1"),
        (("serve", "x.gguf", "--host", "no.such.host.invalid"), "cannot listen on no.such.host.invalid:8000"),
    ],
)
def test_wrong_values_are_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = quatre(*arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert message in line


def test_unknown_flag_is_a_usage_error() -> None:
    done = quatre("serve", "x.gguf", "--prot", "1")
    assert done.returncode == 2
    assert "--prot" in done.stderr
    assert "Traceback" not in done.stderr


def test_command_line_starts_without_pytorch_and_server() -> None:
    heavy = "{'torch', 'fastapi', 'uvicorn', 'httpx', 'prompt_toolkit'}"
    code = f"import sys; import quatre.cli.commands; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
