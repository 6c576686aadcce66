"""Usable by keyboard and by ear, in the dark, and on a small screen."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from visiting import Visit

from marked import MarkedEngine

RICH = (
    "[THINK]*so* `it` is[/THINK]# Head\n\ntext `code` [link](https://a.example)\n\n> quote\n\n|a|b|\n|-|-|\n|1|2|\n\n"
    '```py\nx = 1\n```[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'
)
SMALL = {"viewport": {"width": 360, "height": 740}}


def check(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, SMALL], ids=["wide", "small"])
def test_axe_finds_nothing(browser: Browser, url: str, engine: MarkedEngine, scheme: str, size: dict[str, Any]) -> None:
    """Names of controls, roles, contrast, order of headings, …"""
    with Visit(browser, url, color_scheme=scheme, **size) as visit:
        page = visit.page
        check(page)
        page.get_by_role("button", name="Call a tool").click()
        engine.say(RICH)
        page.keyboard.press("Enter")
        visit.answer().locator("summary").click()
        check(page)
        if size:
            page.get_by_role("button", name="Settings", exact=True).click()
        page.get_by_label("Format").select_option("json_schema")
        page.get_by_label("JSON schema").fill("{")
        check(page)
        page.get_by_role("button", name="Export and import").click()
        check(page)


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_cut_off_at_the_sides(browser: Browser, url: str, engine: MarkedEngine, width: int) -> None:
    with Visit(browser, url, viewport={"width": width, "height": 740}) as visit:
        engine.say(RICH + "x" * 300)
        visit.ask("y" * 300)
        for place in ("document.documentElement", "document.getElementById('conversation')"):
            assert visit.page.evaluate(f"{place}.scrollWidth <= {place}.clientWidth")
        box = visit.page.get_by_role("button", name="Send", exact=True).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width


def test_all_of_it_by_keyboard(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add pictures")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="High")).to_be_checked()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Hi")
    engine.say("[THINK]well[/THINK]Hello")
    page.keyboard.press("Enter")
    answer = visit.answer()
    expect(page.locator("#announcer")).to_have_text("Hello")
    for _ in range(4):  # back over the actions of the answer to its thinking
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    expect(answer.get_by_text("well")).to_be_visible()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus can be seen"


def test_every_stop_of_the_tab_key_can_be_seen(visit: Visit) -> None:
    page = visit.page
    stops = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate("""() => {
            const here = document.activeElement;
            const shown = here.id === "message" ? here.form : here.name === "effort" ? here.nextSibling : here;
            return [here.id || here.textContent.trim(), getComputedStyle(shown).outlineStyle !== "none"];
        }""")
        if seen[0] in stops or page.evaluate("document.activeElement === document.body"):
            break
        stops.add(seen[0])
        assert seen[1], seen
    assert {"message", "send", "theme", "temperature", "key", "use_tools"} <= stops


def test_the_settings_of_a_small_screen(browser: Browser, url: str) -> None:
    with Visit(browser, url, **SMALL) as visit:
        page = visit.page
        opener = page.get_by_role("button", name="Settings", exact=True)
        expect(page.get_by_label("System prompt")).to_be_hidden()
        opener.press("Enter")
        expect(opener).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_label("System prompt")).to_be_visible()
        assert page.evaluate("document.getElementById('conversation-side').inert")
        page.keyboard.press("Escape")
        expect(page.get_by_label("System prompt")).to_be_hidden()
        expect(opener).to_be_focused()


def lightness(page: Page) -> int:
    return page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")


def test_dark_and_light(browser: Browser, url: str) -> None:
    for scheme, others in ("light", ("light", "dark")), ("dark", ("light", "dark")):
        with Visit(browser, url, color_scheme=scheme) as visit:
            page = visit.page
            assert (lightness(page) > 128) is (scheme == "light")
            for chosen in others:
                page.get_by_role("button", name="Theme").click()
                expect(page.get_by_role("button", name=f"Theme: {chosen}")).to_be_visible()
                assert (lightness(page) > 128) is (chosen == "light")
            page.reload()
            assert lightness(page) < 128


def test_less_movement(browser: Browser, url: str) -> None:
    for motion, moves in (("reduce", "none"), ("no-preference", "pulse")):
        with Visit(browser, url, reduced_motion=motion) as visit:
            name = visit.page.evaluate("""() => {
                const pulse = document.createElement("span");
                pulse.className = "pulse";
                document.body.append(pulse);
                return getComputedStyle(pulse).animationName;
            }""")
            assert name == moves
