"""Somebody who uses the page: what they do, what they see, and that the page asks nobody but its server."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Locator, Request, expect

from marked import MarkedTokenizer

PATIENCE_MS = 30_000  # of a machine that has other things to do
expect.set_options(timeout=PATIENCE_MS)
NETWORK = "Failed to load resource"  # what Chromium notes for each answer with a status of 400 and more


class ListeningTokenizer(MarkedTokenizer):
    """Remembers what the server wanted to have written as a prompt."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    effort: str | None

    def chat_prompt(self, messages: Any, *, tools: Any = None, reasoning_effort: str | None = None) -> list[int]:
        self.messages, self.tools, self.effort = list(messages), tools, reasoning_effort
        return super().chat_prompt(messages, tools=tools, reasoning_effort=reasoning_effort)


class Visit:
    """A context manager. ``options`` are those of a browser context, such as ``color_scheme``."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.url = url
        self.requests: list[Request] = []
        self.wrongs: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("console", lambda message: self._console(message))
        self.page.on("pageerror", lambda error: self._crash(error))
        self.page.on("dialog", lambda dialog: self._dialog(dialog))

    def __enter__(self) -> Visit:
        self.page.goto(self.url)
        expect(self.page.locator("#model option, #notice:not([hidden])").first).to_be_attached()
        return self

    def __exit__(self, *_: object) -> None:
        pages = self.context.pages
        self.context.close()
        assert self.wrongs == []
        assert len(pages) == 1, "no other window was opened"
        for request in self.requests:
            assert request.url.startswith((f"{self.url}/", "data:", "blob:")), request.url

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and NETWORK not in message.text:
            self.wrongs.append(message.text)

    def _crash(self, error: Error) -> None:
        self.wrongs.append(str(error))

    def _dialog(self, dialog: Dialog) -> None:
        self.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    # -- What they do --------------------------------------------------------------------------------------------------

    def ask(self, text: str) -> Locator:
        """Write and send a message; the answer to it, when it is complete."""
        before = self.page.locator(".answer").count()
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.keyboard.press("Enter")
        return self.answer(before)

    def answer(self, place: int = -1) -> Locator:
        """One of the answers, when it is complete."""
        answer = self.page.locator(".answer").nth(place)
        expect(answer).to_have_attribute("aria-busy", "false")
        return answer

    def body(self) -> Any:
        """The body of the last chat completion that was asked for."""
        sent = [request for request in self.requests if request.url.endswith("/v1/chat/completions")]
        return json.loads(sent[-1].post_data or "")
