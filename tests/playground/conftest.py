"""The playground in a real Chromium, over a server whose engine says what a test writes down."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))  # for ``serving``

from serving import serving
from visiting import ListeningTokenizer, Visit

from marked import MarkedEngine
from quatre.server.service import ServerConfig

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")  # not longer: while it runs, nobody else in this thread can use asyncio
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def engine() -> MarkedEngine:
    engine = MarkedEngine()
    engine.sees = True
    return engine


@pytest.fixture(scope="module")
def tokenizer() -> ListeningTokenizer:
    return ListeningTokenizer()


@pytest.fixture(scope="module")
def url(engine: MarkedEngine, tokenizer: ListeningTokenizer) -> Iterator[str]:
    with serving(engine, ServerConfig(served_model_name=("small", "other")), tokenizer=tokenizer) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """A new visitor, who has opened the page; in the end nothing has been asked of other machines."""
    with Visit(browser, url) as visit:
        yield visit


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page
