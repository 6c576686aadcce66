"""Asking and answering: streams, thinking, stopping, asking again, and what failures look like."""

from __future__ import annotations

import threading

from playwright.sync_api import Page, expect
from serving import serving
from visiting import ListeningTokenizer, Visit

from fakes import FakeEngine
from marked import MarkedEngine


def test_a_conversation(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    engine.say("Hello **you**")
    answer = visit.ask("Hi")
    expect(answer.locator("strong")).to_have_text("you")
    expect(visit.page.locator(".question")).to_contain_text("Hi")
    engine.say("Yes")
    expect(visit.ask("Really?").locator(".markdown").last).to_have_text("Yes")
    assert [(message["role"], message["content"]) for message in tokenizer.messages] == [
        ("user", "Hi"),
        ("assistant", "Hello **you**"),
        ("user", "Really?"),
    ]
    body = visit.body()
    assert body["model"] == "small"
    assert body["stream"] is True
    assert body.keys().isdisjoint({"temperature", "top_p", "max_tokens", "seed", "tools", "response_format"})


def test_the_model_can_be_chosen(visit: Visit, engine: MarkedEngine) -> None:
    visit.page.get_by_label("Model").select_option("other")
    engine.say("Hello")
    expect(visit.ask("Hi").locator(".name")).to_have_text("other")
    assert visit.body()["model"] == "other"


def test_answers_come_piece_by_piece_and_stop(browser, tokenizer: ListeningTokenizer) -> None:
    gate = threading.Semaphore(0)
    engine = MarkedEngine(gate=gate)
    engine.say("one two three")
    with serving(engine, tokenizer=tokenizer) as url, Visit(browser, url) as visit:
        page = visit.page
        page.get_by_label("Message", exact=True).fill("Count")
        page.keyboard.press("Enter")
        gate.release(7)
        answer = page.locator(".answer")
        expect(answer).to_contain_text("one two")
        expect(answer).to_have_attribute("aria-busy", "true")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.keyboard.press("Escape")
        expect(visit.answer()).to_contain_text("Stopped.")
        engine.wait_for(cancelled=1)
        expect(page.locator("#announcer")).to_contain_text("Stopped.")
        expect(page.get_by_label("Message", exact=True)).to_be_focused()

        engine.say("more")
        page.get_by_role("button", name="Regenerate").click()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        engine.wait_for(cancelled=2)
        gate.release(100)
        expect(visit.ask("Go on").locator(".markdown").last).to_have_text("more")
        assert [message["content"] for message in tokenizer.messages] == ["Count", "Go on"]


def test_thinking_is_apart_and_can_be_opened(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    page = visit.page
    page.get_by_role("radio", name="High").check()
    engine.say("[THINK]two and *two*[/THINK]Four")
    answer = visit.ask("2+2?")
    assert (tokenizer.effort, visit.body()["reasoning_effort"]) == ("high", "high")
    thoughts = answer.get_by_text("two and")
    expect(thoughts).to_be_hidden()
    answer.get_by_text("Thinking").click()
    expect(thoughts).to_be_visible()
    expect(answer.locator(".markdown").last).to_have_text("Four")
    expect(answer.locator("summary")).to_contain_text("tokens")
    page.get_by_role("radio", name="None").check()
    engine.say("Five")
    visit.ask("2+3?")
    assert tokenizer.effort == "none"
    assert visit.body()["messages"][1]["reasoning_content"] == "two and *two*"


def test_thinking_is_open_while_it_goes_on(browser, tokenizer: ListeningTokenizer) -> None:
    gate = threading.Semaphore(0)
    engine = MarkedEngine(gate=gate)
    engine.say("[THINK]well[/THINK]Yes, indeed.")
    with serving(engine, tokenizer=tokenizer) as url, Visit(browser, url) as visit:
        visit.page.get_by_label("Message", exact=True).fill("So?")
        visit.page.keyboard.press("Enter")
        gate.release(5)
        expect(visit.page.locator(".answer").get_by_text("well")).to_be_visible()
        gate.release(100)
        expect(visit.answer().get_by_text("well")).to_be_hidden()


def test_a_model_that_does_not_think_is_not_asked_to(browser) -> None:
    with serving(FakeEngine("Hello")) as url, Visit(browser, url) as visit:
        expect(visit.page.get_by_role("radio", name="High")).to_be_disabled()
        visit.ask("Hi")
        assert "reasoning_effort" not in visit.body()


def test_numbers_of_an_answer(visit: Visit, engine: MarkedEngine) -> None:
    engine.say("Hello")
    numbers = visit.ask("Hi").locator(".numbers")
    expect(numbers).to_contain_text("first token after 0.")
    expect(numbers).to_contain_text("tokens/s")
    expect(numbers).to_contain_text("6 tokens")
    expect(numbers).to_contain_text(f"prompt {len(engine.requests[-1].prompt)}")


def test_asking_again(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    page = visit.page
    engine.say("first")
    visit.ask("Hi")
    engine.say("second")
    page.get_by_role("button", name="Regenerate").click()
    expect(visit.answer().locator(".markdown").last).to_have_text("second")
    expect(page.locator(".answer")).to_have_count(1)
    assert [message["content"] for message in tokenizer.messages] == ["Hi"]

    page.get_by_role("button", name="Edit the question").click()
    box = page.get_by_role("textbox", name="Edit the question")
    expect(box).to_be_focused()
    box.fill("Hello")
    page.keyboard.press("Escape")
    expect(page.locator(".question")).to_contain_text("Hi")
    page.get_by_role("button", name="Edit the question").click()
    box.fill("Hello")
    engine.say("third")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_contain_text("Hello")
    expect(visit.answer().locator(".markdown").last).to_have_text("third")
    assert [message["content"] for message in tokenizer.messages] == ["Hello"]


def test_a_new_conversation_and_back(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    engine.say("Hello")
    visit.ask("Hi")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="Ask the model")).to_be_visible()
    page.get_by_role("button", name="Back to the last conversation").click()
    expect(page.locator("article")).to_have_count(2)


def test_a_reload_loses_nothing(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    engine.say("Hello")
    page.get_by_label("System prompt").fill("Be brief.")
    visit.ask("Hi")
    page.reload()
    expect(visit.answer()).to_contain_text("Hello")
    expect(page.get_by_label("System prompt")).to_have_value("Be brief.")


def test_lines_and_characters_of_any_kind(visit: Visit, engine: MarkedEngine, tokenizer: ListeningTokenizer) -> None:
    box = visit.page.get_by_label("Message", exact=True)
    box.press_sequentially("a")
    box.press("Shift+Enter")
    box.press_sequentially("b 😀")
    engine.say("Čau 😀, \\*you\\*")
    box.press("Enter")
    expect(visit.answer().locator(".markdown").last).to_have_text("Čau 😀, *you*")
    assert tokenizer.messages[-1]["content"] == "a\nb 😀"


def test_nothing_is_not_sent(page: Page, engine: MarkedEngine) -> None:
    before = len(engine.requests)
    for said in ("", "   "):
        page.get_by_label("Message", exact=True).fill(said)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send").click()
    expect(page.locator("article")).to_have_count(0)
    assert len(engine.requests) == before


def test_refusals_are_readable_and_can_be_mended(visit: Visit, engine: MarkedEngine) -> None:
    page = visit.page
    page.get_by_label("Top p", exact=True).fill("1")
    page.get_by_label("Max tokens", exact=True).fill("4000")
    engine.say("Hello")
    answer = visit.ask("x" * 5000)
    expect(answer.locator(".error")).to_contain_text("Error 400, messages: the prompt has")
    expect(page.locator("#announcer")).to_contain_text("Error: the prompt has")
    page.get_by_role("button", name="Edit the question").click()
    page.get_by_role("textbox", name="Edit the question").fill("shorter")
    page.get_by_role("button", name="Send again").click()
    expect(visit.answer()).to_contain_text("Hello")


def test_failures_in_mid_stream(browser, tokenizer: ListeningTokenizer) -> None:
    engine = MarkedEngine(failure="The cache burnt down.")
    engine.say("Well")
    with serving(engine, tokenizer=tokenizer) as url, Visit(browser, url) as visit:
        answer = visit.ask("Hi")
        expect(answer.locator(".markdown").last).to_have_text("Well")
        expect(answer.locator(".error")).to_be_visible()


def test_a_server_that_is_gone(visit: Visit) -> None:
    visit.page.route("**/v1/chat/completions", lambda route: route.abort())
    expect(visit.ask("Hi").locator(".error")).to_have_text("The server does not answer. Is it still running?")


def test_an_answer_that_is_cut_off_says_so(visit: Visit, engine: MarkedEngine) -> None:
    engine.say("one two three")
    visit.page.get_by_label("Max tokens", exact=True).fill("3")
    answer = visit.ask("Count")
    expect(answer.locator(".markdown").last).to_have_text("one")
    expect(answer.locator(".end")).to_contain_text("Cut off")
