"""Conversations as files, and requests as code that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect
from visiting import ListeningTokenizer, Visit

from marked import MarkedEngine


def exported(visit: Visit, how: str) -> str:
    visit.page.get_by_role("button", name="Export and import").click()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=f"Export as {how}").click()
    return Path(download.value.path()).read_text()


def hold_a_conversation(visit: Visit, engine: MarkedEngine) -> None:
    visit.page.get_by_label("System prompt").fill("Be brief.")
    visit.page.get_by_label("API key").fill("secret")
    visit.page.get_by_role("radio", name="High").check()
    visit.page.get_by_label("Offer these tools").check()
    engine.say('[THINK]look[/THINK]A moment.[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}')
    visit.ask("Weather in Oslo?")
    visit.page.get_by_label("Result of call 1").fill("```cold```")
    engine.say("Cold.")
    visit.page.get_by_role("button", name="Send results").click()
    expect(visit.answer(1)).to_contain_text("Cold.")


def test_json_and_back(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer, tmp_path: Path) -> None:
    hold_a_conversation(visit, engine)
    text = exported(visit, "JSON")
    assert "secret" not in text
    file = json.loads(text)
    assert [message["role"] for message in file["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert file["messages"][1]["reasoning_content"] == "look"
    assert (file["settings"]["system"], file["settings"]["effort"]) == ("Be brief.", "high")

    visit.page.get_by_role("button", name="New conversation").click()
    visit.page.get_by_label("System prompt").fill("")
    (tmp_path / "it.json").write_text(text)
    visit.page.get_by_role("button", name="Export and import").click()
    with visit.page.expect_file_chooser() as chosen:
        visit.page.get_by_role("button", name="Import JSON").click()
    chosen.value.set_files(tmp_path / "it.json")
    expect(visit.page.locator("article")).to_have_count(3)
    expect(visit.page.get_by_label("System prompt")).to_have_value("Be brief.")
    engine.say("Warm.")
    expect(visit.ask("And in Rome?")).to_contain_text("Warm.")
    assert visit.body()["messages"][1:-1] == file["messages"]


def test_markdown(visit: Visit, engine: MarkedEngine) -> None:
    hold_a_conversation(visit, engine)
    text = exported(visit, "Markdown")
    assert text.startswith("# Conversation with small\n\n## System\n\nBe brief.\n\n## User\n\nWeather in Oslo?\n\n")
    assert '> look\n\nA moment.\n\nTool call `get_weather`\n\n```json\n{\n  "city": "Oslo"\n}\n```' in text
    assert "Result\n\n````\n```cold```\n````" in text
    assert text.endswith("## Assistant\n\nCold.\n")


def test_files_that_are_none(visit: Visit, tmp_path: Path) -> None:
    for text, why in (
        ("{", "not JSON"),
        ("{}", "no list of messages"),
        ('[{"role": "king"}]', "Message 0"),
        ('[{"role": "tool", "content": "x"}]', "a call that is not there"),
    ):
        (tmp_path / "odd.json").write_text(text)
        visit.page.locator("#import-file").set_input_files(tmp_path / "odd.json")
        expect(visit.page.get_by_role("alert")).to_contain_text(why)


def test_requests_as_code_that_runs(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.page.get_by_label("System prompt").fill('It\'s $HOME `date` \\ "quoted"\nEND_OF_REQUEST\n😀')
    visit.page.get_by_label("Offer these tools").check()
    engine.say("Hello")
    visit.ask("Hi '; exit 3; '")
    sent = visit.body()["messages"]
    programs = {"curl": ["bash", "-euc"], "Python": [sys.executable, "-c"]}
    for name, run in programs.items():
        visit.page.get_by_role("button", name=f"{name}", exact=False).click()
        expect(visit.page.locator("#announcer")).to_have_text("Copied")
        code = visit.page.evaluate("navigator.clipboard.readText()")
        engine.say(f"to {name}")
        environment = {**os.environ, "QUATRE_API_KEY": "none", "NO_PROXY": "*"}
        done = subprocess.run([*run, code], capture_output=True, text=True, timeout=60, env=environment, check=False)
        assert f"to {name}" in done.stdout, (code, done.stderr)
        assert [message["content"] for message in tokenizer.messages[:2]] == [
            message["content"] for message in sent[:2]
        ]
        assert tokenizer.tools[0]["function"]["name"] == "get_weather"
        visit.page.evaluate("document.getElementById('announcer').textContent = ''")
