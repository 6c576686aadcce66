"""A server with a key: the page opens, and asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from serving import serving
from visiting import Visit

from marked import MarkedEngine, MarkedTokenizer
from quatre.server.service import ServerConfig

KEY = "sésame ouvre-toi 4"


@pytest.fixture(scope="module")
def locked(engine: MarkedEngine) -> Iterator[str]:
    engine.say("Hello")
    with serving(engine, ServerConfig(api_key=(KEY,)), tokenizer=MarkedTokenizer()) as url:
        yield url


def test_the_key_is_asked_for_and_kept_for_the_tab_alone(browser: Browser, locked: str) -> None:
    with Visit(browser, locked) as visit:
        page = visit.page
        key = page.get_by_label("API key")
        expect(page.get_by_role("alert")).to_contain_text("needs an API key")
        expect(key).to_be_focused()
        key.fill("wrong")
        key.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("needs an API key")
        key.fill(KEY)
        key.press("Enter")
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(visit.ask("Hi")).to_contain_text("Hello")
        page.reload()
        expect(page.locator("#model option")).to_have_text("fake")
        assert KEY not in str(page.evaluate("JSON.stringify({...localStorage}) + document.cookie"))
    with Visit(browser, locked) as visit:
        expect(visit.page.get_by_label("API key")).to_have_value("")
        expect(visit.page.get_by_role("alert")).to_contain_text("needs an API key")


def test_a_key_that_is_taken_away(browser: Browser, locked: str) -> None:
    with Visit(browser, locked) as visit:
        page = visit.page
        page.get_by_label("API key").fill(KEY)
        page.get_by_label("API key").press("Enter")
        expect(page.locator("#model option")).to_be_attached()
        page.get_by_label("API key").fill("")
        page.get_by_label("API key").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("needs an API key")
        answer = visit.ask("Hi")
        expect(answer.locator(".error")).to_contain_text("Error 401: This server needs an API key")
        expect(page.get_by_label("API key")).to_be_focused()
