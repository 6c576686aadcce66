"""Everything that a request can ask for: pictures, tools, a form, sampling, a system prompt."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from visiting import ListeningTokenizer, Visit

from marked import MarkedEngine

CALLING = '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris", "id": 12345678901234567890}'


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "PNG")
    return file.getvalue()


PNG = png()
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

BRING = """([how, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const target = document.getElementById("message");
  const options = { bubbles: true, cancelable: true };
  target.dispatchEvent(how === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, ...options })
                                       : new DragEvent(how, { dataTransfer: transfer, ...options }));
}"""


def bring(page: Page, how: str, name: str = "red.png", kind: str = "image/png", data: bytes = PNG) -> None:
    page.evaluate(BRING, [how, name, kind, base64.b64encode(data).decode()])


@pytest.mark.parametrize("how", ["choose", "paste", "drop"])
def test_pictures(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer, tmp_path: Path, how: str) -> None:
    page = visit.page
    if how == "choose":
        (tmp_path / "red.png").write_bytes(PNG)
        with page.expect_file_chooser() as chosen:
            page.get_by_role("button", name="Add pictures").click()
        chosen.value.set_files(tmp_path / "red.png")
    else:
        if how == "drop":
            bring(page, "dragover")
            expect(page.locator("body")).to_have_class("dropping")
        bring(page, how)
    thumbnail = page.get_by_role("list", name="Pictures to send").get_by_role("img", name="red.png")
    expect(thumbnail).to_be_visible()
    engine.say("Red")
    visit.ask("Which colour?")
    expect(thumbnail).to_have_count(0)
    expect(page.locator(".question").get_by_role("img", name="red.png")).to_be_visible()
    assert tokenizer.messages[-1]["content"] == [
        {"type": "image_url", "image_url": {"url": DATA_URL}},
        {"type": "text", "text": "Which colour?"},
    ]


def test_pictures_can_be_taken_back_and_must_be_pictures(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    bring(page, "paste")
    page.get_by_role("button", name="Remove red.png").click()
    expect(page.locator("#pictures")).to_be_hidden()
    bring(page, "drop", "evil.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    expect(page.get_by_role("alert")).to_contain_text("evil.svg is no picture")
    engine.say("None")
    visit.ask("How many?")
    assert visit.body()["messages"] == [{"role": "user", "content": "How many?"}]


def test_a_tool_call_and_its_result(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    page = visit.page
    page.get_by_role("button", name="Call a tool").click()
    engine.say(CALLING)
    page.keyboard.press("Enter")
    visit.answer()
    assert visit.body()["tool_choice"] == "auto"
    assert tokenizer.tools[0]["function"]["name"] == "get_weather"
    card = page.get_by_role("region", name="Tool call get_weather")
    expect(card.locator("pre")).to_have_text('{\n  "city": "Paris",\n  "id": 12345678901234567890\n}')

    page.get_by_role("button", name="Send results").click()
    expect(page.get_by_role("alert")).to_have_text("Each call needs a result.")
    result = card.get_by_label("Result of call 1")
    expect(result).to_be_focused()
    page.get_by_label("Message", exact=True).fill("And?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("waits for the results")

    result.fill('{"celsius": 18}')
    engine.say("Mild.")
    page.get_by_role("button", name="Send results").click()
    expect(visit.answer(1).locator(".markdown").last).to_have_text("Mild.")
    asked, called, given = tokenizer.messages
    assert (asked["role"], called["role"], given["role"]) == ("user", "assistant", "tool")
    assert called["tool_calls"][0]["function"]["arguments"] == '{"city": "Paris", "id": 12345678901234567890}'
    assert given["tool_call_id"] == called["tool_calls"][0]["id"]
    assert given["content"] == '{"celsius": 18}'
    expect(page.get_by_role("button", name="Send results")).to_have_count(0)


def test_tools_that_are_no_tools_are_not_sent(visit: Visit, engine: MarkedEngine) -> None:
    page, before = visit.page, len(engine.requests)
    page.get_by_label("Offer these tools").check()
    for wrong, why in (("[{", "not valid JSON"), ("{}", "must be a JSON list"), ('[{"type": "web"}]', "Tool 1")):
        page.get_by_label("Tools, as a JSON list").fill(wrong)
        expect(page.locator("#tools-problem")).to_contain_text(why)
        page.get_by_label("Message", exact=True).fill("Hi")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.get_by_label("Tools, as a JSON list")).to_be_focused()
    assert len(engine.requests) == before
    page.get_by_role("button", name="Put the example of tools back").click()
    engine.say("Hello")
    visit.ask("Hi")
    assert visit.body()["tools"][0]["function"]["name"] == "get_weather"


def test_a_schema(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    page.get_by_label("Format").select_option("json_schema")
    page.get_by_label("JSON schema").fill('{"type": "object"')
    expect(page.locator("#schema-problem")).to_contain_text("not valid JSON")
    page.get_by_label("Message", exact=True).fill("Hi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not valid JSON")
    page.get_by_label("JSON schema").fill('{"type": "object"}')
    engine.say("{}")
    expect(visit.ask("Hi").locator(".markdown").last).to_have_text("{}")
    assert visit.body()["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert engine.requests[-1].constraint is not None
    page.get_by_label("Format").select_option("json_object")
    visit.ask("Again")
    assert visit.body()["response_format"] == {"type": "json_object"}


def test_sampling(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    page.get_by_label("Temperature, slider").fill("0.5")
    expect(page.get_by_label("Temperature", exact=True)).to_have_value("0.5")
    page.get_by_label("Top p", exact=True).fill("0.33")
    page.get_by_label("Max tokens", exact=True).fill("100")
    expect(page.get_by_label("Max tokens, slider")).to_have_value("100")
    page.get_by_label("Seed").fill("7")
    page.get_by_label("System prompt").fill("Be brief.")
    engine.say("Hello")
    visit.ask("Hi")
    params = engine.requests[-1].params
    assert (params.temperature, params.top_p, params.max_tokens, params.seed) == (0.5, 0.33, 100, 7)
    assert visit.body()["messages"][0] == {"role": "system", "content": "Be brief."}
    page.get_by_label("Temperature", exact=True).fill("9")
    page.get_by_label("Message", exact=True).fill("Hi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Temperature: ")
