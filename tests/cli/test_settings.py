"""Options in a YAML file and in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quatre.cli.commands import app, serve
from quatre.cli.options import default_effort, words
from quatre.cli.settings import settings
from quatre.errors import ConfigError


def of_file(folder: Path, text: str | bytes) -> dict[str, object]:
    path = folder / "quatre.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return settings(serve, ["serve", f"--config={path}"], {})


def test_a_file_has_all_kinds_of_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
    # as vLLM writes them
    model-path: models/small
    port: 8080
    max_model_len: 32768
    served-model-name: [mistral-small-latest, claude-sonnet]
    api-key: 1234
    enable-prefix-caching: false
    log-prompts: true
    reasoning-effort-map: {low: none}
    tool-call-parser: mistral
    speculative-config: {method: eagle}
    block-size: 32
    disable-log-requests: true
    enable_lora: false
    lora-modules:
    threads:
    """
    assert of_file(tmp_path, text) == {
        "model": "models/small",
        "port": "8080",
        "max_model_len": "32768",
        "served_model_name": ["mistral-small-latest", "claude-sonnet"],
        "api_key": ["1234"],
        "enable_prefix_caching": False,
        "log_prompts": True,
        "page_size": "32",
        "enable_log_requests": False,
        "reasoning_effort_map": '{"low": "none"}',
    }
    assert capsys.readouterr().err.count("has no effect here") == 4


def test_the_environment_has_them_too_and_comes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text("port: 1\nhost: a\nlog-prompts: false")
    environment = {
        "QUATRE_CONFIG": str(path),
        "QUATRE_PORT": "2",
        "QUATRE_API_KEY": "one two",
        "QUATRE_LOG_PROMPTS": "Yes",
        "QUATRE_ENABLE_PREFIX_CACHING": "0",
        "QUATRE_ISA": "avx2",
        "VLLM_PORT": "3",
    }
    assert settings(serve, ["serve", "x"], environment) == {
        "port": "2",
        "host": "a",
        "api_key": ["one", "two"],
        "log_prompts": True,
        "enable_prefix_caching": False,
    }


@pytest.mark.parametrize(
    ("text", "effort"), [('{"reasoning_effort": "high"}', "high"), ('{"enable_thinking": false}', "none"), ("{}", None)]
)
def test_a_default_effort_in_the_words_of_templates(text: str, effort: str | None) -> None:
    assert default_effort(text) == effort


@pytest.mark.parametrize("text", ['{"date": "x"}', '{"reasoning_effort": "high", "thinking": false}', "[]"])
def test_other_words_of_templates_stop_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="--default-chat-template-kwargs"):
        default_effort(text)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (['["*"]'], ("*",)),
        (
            ['["https://a.example", "https://b.example"]', "https://c.example"],
            ("https://a.example", "https://b.example", "https://c.example"),
        ),
        (["https://a.example, https://b.example"], ("https://a.example", "https://b.example")),
        (["[]"], ()),
        (["[fd00::1],a"], ("[fd00::1]", "a")),
        (None, ()),
    ],
)
def test_several_words_of_a_flag(given: list[str] | None, found: tuple[str, ...]) -> None:
    assert words("--flag", given) == found


@pytest.mark.parametrize("text", ['["a"', '["a", 3]', '["a"]x', '["secret", null]'])
def test_what_begins_as_a_list_and_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--flag .*JSON") as caught:
        words("--flag", [text])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "variables", "file"),
    [
        (["--allowed-origins", '["*"]', "--allowed-hosts", "a.example,b.example"], {}, ""),
        ([], {"QUATRE_ALLOWED_ORIGINS": '[ "*" ]', "QUATRE_ALLOWED_HOSTS": "a.example b.example"}, ""),
        ([], {}, "allowed-origins: ['*']\nallowed-hosts: [a.example, b.example]"),
        ([], {}, "allowed_origins: '[\"*\"]'\nallowed_hosts: a.example, b.example"),
    ],
)
def test_origins_and_hosts_by_each_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: list[str], variables: dict[str, str], file: str
) -> None:
    seen = {}
    monkeypatch.setattr("quatre.cli.serve.run_server", lambda *options, **more: seen.update(more, options=options))
    path = tmp_path / "q.yaml"
    path.write_text(file)
    line = ["serve", *line, "--config", str(path)]
    done = CliRunner().invoke(app, line, default_map={"serve": settings(serve, line, variables)})
    assert done.exit_code == 0, done.output
    server = seen["options"][3]
    assert (server.allowed_origins, server.allowed_hosts) == (("*",), ("a.example", "b.example"))


@pytest.mark.parametrize(
    ("line", "proxies"),
    [
        ([], ("127.0.0.1", "::1")),
        (["--forwarded-allow-ips", "10.0.0.1,10.1.0.0/16"], ("10.0.0.1", "10.1.0.0/16")),
        (["--forwarded-allow-ips", "*"], ("*",)),
        (["--forwarded-allow-ips", ""], ()),
    ],
)
def test_proxies(monkeypatch: pytest.MonkeyPatch, line: list[str], proxies: tuple[str, ...]) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("quatre.cli.serve.run_server", lambda *options, **more: seen.append(options[3]))
    done = CliRunner().invoke(app, ["serve", *line])
    assert done.exit_code == 0, done.output
    assert seen[0].forwarded_allow_ips == proxies


def test_the_command_line_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Down to the function that serves, with values of their types."""
    seen = {}
    monkeypatch.setattr("quatre.cli.serve.run_server", lambda *options, **more: seen.update(more, options=options))
    path = tmp_path / "q.yaml"
    path.write_text(
        "model: of-file\nport: 1\nshutdown-timeout: 3\nthreads: 7\nhost: file\nserved-model-name: [a, b]\n"
        "allow-image-url-domains: ['a.example, *.b.example', c.example]"
    )
    defaults = settings(serve, ["serve", "--config", str(path)], {"QUATRE_THREADS": "6", "QUATRE_PORT": "2"})
    line = ["serve", "--port", "4", "--config", str(path)]
    done = CliRunner().invoke(app, line, default_map={"serve": defaults})
    assert done.exit_code == 0, done.output
    model, host, port, server, _ = seen["options"]
    assert (str(model), host, port, seen["threads"]) == ("of-file", "file", 4, 6)
    assert (server.shutdown_timeout, server.served_model_name) == (3, ("a", "b"))
    assert server.allow_image_url_domains == ("a.example", "*.b.example", "c.example")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot: 1", "has 'prot', which is no option of quatre serve; did you mean port?"),
        ("zzzzzz: 1", "'zzzzzz', which is no option of quatre serve$"),
        ("config: other.yaml", "'config', which is no option"),
        ("port: 1\nport: 2", "has 'port' twice"),
        ("log-prompts: maybe", "log-prompts must be true or false"),
        ("host: yes", "host must be a text or a number; in YAML, words such as yes"),
        ("api-key: [[secret]]", "api-key must be a text or a number"),
        ("port: [1]", "port must be a text"),
        ("- port", "must have lines such as"),
        ("8000: port", "must have lines such as"),
        ("api-key: 'secret", "is not YAML, line 1: "),
        ("!!python/object/apply:os.system [secret]", "is not YAML"),
        (b"\xff\xfe\x00secret", "is not YAML"),
        ("port: 1" + "\n" * (1 << 20), "larger than 1 MiB"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence_without_values(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        of_file(tmp_path, text)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert of_file(tmp_path, "# nothing yet") == {}


def test_a_missing_file_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"cannot read none\.yaml"):
        settings(serve, ["serve", "--config", "none.yaml"], {})


def test_unknown_variables_are_spoken_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert settings(serve, [], {"QUATRE_PROT": "secret"}) == {}
    assert capsys.readouterr().err == "quatre: QUATRE_PROT is no option of quatre serve; did you mean QUATRE_PORT?\n"


def test_a_variable_that_is_neither_true_nor_false() -> None:
    with pytest.raises(ConfigError, match="QUATRE_LOG_PROMPTS must be one of 1, true"):
        settings(serve, [], {"QUATRE_LOG_PROMPTS": "perhaps"})


def test_help_is_in_groups() -> None:
    shown = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "120", "TERM": "dumb"}).output
    for group in ("Network", "Access", "Names and prompts", "Log", "Model", "Engine"):
        assert f"─ {group} ─" in shown
    options = shown.partition("─ Options ─")[2].partition("╰")[0]
    assert options.count("--") == 1  # --help alone is in no group
