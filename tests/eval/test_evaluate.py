"""A whole run against a server whose answers are known: requests, scores, files, table, exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console
from scripted import completion, scripted
from typer.testing import CliRunner, Result

from quatre.cli.commands import app
from quatre.errors import ConfigError
from quatre.eval.child import serving
from quatre.eval.run import Evaluation, evaluate

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
SHAPE = {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}


def case(id: str, kind: str, text: str, expect: dict[str, Any], **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"id": id, "ability": "mixed", "kind": kind, "messages": messages, "expect": expect, **more}


CALLS = {"calls": [{"name": "weather", "arguments": {"city": "Oslo"}}]}
CASES = [
    case("sum", "sums", "2 + 2", {"text": "4"}),
    case("call", "calls", "Weather in Oslo?", CALLS, tools=[TOOL]),
    case("none", "calls", "Hello", {"calls": []}, tools=[TOOL]),
    case("form", "forms", "Oslo is cold", {"json": {"city": "Oslo"}}, response_format=SHAPE),
]


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in CASES))
    return str(path)


def script(body: dict[str, Any]) -> tuple[int, bytes]:
    """With effort all is right; without, a wrong sum, malformed arguments and prose around the JSON."""
    thinks = body["reasoning_effort"] == "high"
    thought = {"reasoning": "hm"} if thinks else {}
    match body["messages"][-1]["content"]:
        case "2 + 2":
            return 200, completion("4" if thinks else "5", **thought)
        case "Weather in Oslo?" if thinks or body.get("tool_choice") == "required":
            return 200, completion(None, ("weather", '{"city": "Oslo"}'), **thought)
        case "Weather in Oslo?":
            return 200, completion(None, ("weather", '{"city": "Os'))
        case "Hello":
            return 200, completion("Hi!", **thought)
        case _ if thinks:
            return 200, completion('{"city": "Oslo"}', **thought)
        case _:
            return 200, completion('{"city": "Rome"}' if "response_format" in body else "The city is Oslo.")


def by_key(results: dict[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {(s["kind"], s["variant"], s["effort"]): s for s in results["scores"]}


def test_scores_files_and_table(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, chart = tmp_path / "results.json", tmp_path / "chart.svg"
    with scripted(script) as (url, asked):
        options = Evaluation(
            url=url, abilities=(own,), by_kind=True, out=out, plot=chart, headers={"authorization": "k"}
        )
        results = evaluate(options, Console(width=140))
    found = by_key(results)
    none, high = found[None, "free", "none"], found[None, "free", "high"]
    assert (none["cases"], none["right"], none["valid"]) == (4, 1, 0)
    assert (high["cases"], high["right"], high["valid"]) == (4, 4, 1)
    constrained = found[None, "constrained", "none"]
    assert (constrained["cases"], constrained["right"], constrained["valid"]) == (2, 1, 1)
    assert (high["reasoning_tokens"], high["content_tokens"], none["reasoning_tokens"]) == (2, 5, 0)
    assert found["sums", "free", "none"]["right"] == 0
    assert ("sums", "constrained", "none") not in found
    assert results["failed"] == 0

    saved = json.loads(out.read_text())
    assert saved["model"] == "scripted"
    wrong = {(one["id"], one["variant"], one["effort"]): one for one in saved["answers"] if not one["right"]}
    assert {key: one["wrong"] for key, one in wrong.items()} == {
        ("sum", "free", "none"): "not '4'",
        ("call", "free", "none"): "arguments that are not JSON",
        ("form", "free", "none"): "not JSON",
        ("form", "constrained", "none"): "another value",
    }
    assert wrong["sum", "free", "none"]["answer"]["content"] == "5"
    assert wrong["call", "free", "none"]["answer"]["calls"] == [["weather", '{"city": "Os']]
    assert len(saved["answers"]) == 12

    texts = [element.text for element in ElementTree.parse(chart).iter("{http://www.w3.org/2000/svg}text")]
    assert {"scripted: right answers, with 95 % intervals", "effort none", "mixed", "constrained", "25"} <= set(texts)
    shown = capsys.readouterr().out
    assert "25.0 (5–70)" in shown
    assert "100.0 (51–100)" in shown
    assert "+75.0" in shown
    assert "mixed: calls" in shown
    assert all(body["authorization"] == "k" for body in asked)


def test_what_is_asked(own: str) -> None:
    with scripted(script) as (url, asked):
        evaluate(Evaluation(url=url, model="m", abilities=(own,), efforts=("high",), max_tokens=7), Console(quiet=True))
    assert {(b["model"], b["temperature"], b["max_completion_tokens"], b["reasoning_effort"]) for b in asked} == {
        ("m", 0, 7, "high")
    }
    calls = {"tool_choice" in body: body for body in asked if body["messages"][0]["content"].startswith("Weather")}
    assert calls[False]["tools"] == [TOOL]
    assert calls[True]["tool_choice"] == "required"
    assert calls[True]["tools"][0]["function"]["strict"] is True
    forms = [body.get("response_format") for body in asked if body["messages"][0]["content"].startswith("Oslo")]
    assert sorted(forms, key=bool) == [None, SHAPE]
    assert [b["messages"][0]["content"] for b in asked if "tools" in b and "tool_choice" not in b].count("Hello") == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, b'{"error": {"message": "no such effort"}}'), "400: no such effort"),
        ((502, b"<html>"), "502: <html>"),
        ((200, b"<html>"), "no chat completion: <html>"),
        ((200, b'{"choices": []}'), 'no chat completion: {"choices": []}'),
    ],
)
def test_failures_are_counted_and_said(own: str, answer: tuple[int, bytes], error: str) -> None:
    console = Console(width=140, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file, scripted(lambda body: answer) as (url, _):
        results = evaluate(Evaluation(url=url, abilities=(own,), efforts=("none",), limit=1), console)
        shown = console.export_text()
    assert results["failed"] == 1
    assert results["answers"][0]["wrong"] == error
    assert error in shown


def test_what_only_a_grammar_can_answer_is_asked_with_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "bare.jsonl"
    content = "Oslo has snow."
    case = {"id": "1", "ability": "bare", "kind": "form", "messages": [{"role": "user", "content": content}]}
    path.write_text(json.dumps(case | {"expect": {"json": {}}, "response_format": SHAPE, "only_constrained": True}))
    with scripted(script) as (url, asked):
        evaluate(Evaluation(url=url, model="m", abilities=(str(path),)), Console(quiet=True))
    assert [body["response_format"] for body in asked] == [SHAPE, SHAPE]


def test_a_table_fits_a_narrow_terminal(tmp_path: Path) -> None:
    path = tmp_path / "long_context.jsonl"
    kind = "a-key-in-16000-tokens"
    case = {"id": "1", "ability": "long_context", "kind": kind, "messages": [{"role": "user", "content": "2 + 2"}]}
    path.write_text(json.dumps(case | {"expect": {"text": "4"}, "response_format": SHAPE}))
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file, scripted(script) as (url, _):
        evaluate(Evaluation(url=url, abilities=(str(path),), by_kind=True), console)
        shown = console.export_text()
    lines = shown.splitlines()
    header = next(line for line in lines if "ability" in line)
    assert header.split() == ["ability", "cases", "none", "high", "gain", "valid", "%", "tokens"]
    assert re.search(r"\d\.0 \(\d+–\d+\)", shown)
    names = "".join(line[: header.index("cases")] for line in lines)
    assert f"long_context:{kind},constrained" in names.replace(" ", "")
    assert "…" not in shown
    assert "█" not in shown


def test_markdown(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted(script) as (url, _):
        evaluate(Evaluation(url=url, abilities=(own,), markdown=True), Console())
    header, rule, free, constrained = capsys.readouterr().out.splitlines()
    assert header == "| ability | cases | effort none | effort high | gain | valid % | tokens |"
    assert rule.count("|") == header.count("|")
    assert free == "| mixed | 4 | 25.0 (5–70) | 100.0 (51–100) | +75.0 | 0 / 100 | 5 / 7 |"
    assert constrained.startswith("| mixed, constrained | 2 | 50.0")


def test_no_server_is_one_sentence(own: str) -> None:
    with pytest.raises(ConfigError, match="there is no server at"):
        evaluate(Evaluation(url="http://127.0.0.1:9", abilities=(own,)), Console())


@pytest.mark.parametrize("words", [{"efforts": ("none", "")}, {"efforts": ()}, {"plot": Path("chart.png")}])
def test_options_that_cannot_work(words: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Evaluation(url="http://x", **words)


def quatre(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["eval", *arguments])


def test_the_command(own: str) -> None:
    with scripted(script) as (url, asked):
        done = quatre("--url", url, "--ability", own, "--effort", "high", "--limit", "2", "--concurrency", "1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "100.0" in done.stdout
    assert len(asked) == 3  # a sum, and a call in both variants
    with scripted(lambda body: (500, b"broken")) as (url, _):
        done = quatre("--url", url, "--ability", own)
    assert done.exit_code == 1
    assert "500: broken" in done.stdout


def test_a_model_and_a_server_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="not both"):
        raise quatre("model", "--url", "http://x").exception


def test_a_model_that_does_not_load_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"^the server did not start: .*none\.gguf does not exist"),
        serving(str(tmp_path / "none.gguf")),
    ):
        pass
