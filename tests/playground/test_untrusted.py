"""Whatever a model, a file or a name says, it is text: nothing runs, nothing is fetched, nothing is hidden.

Each visit fails by itself if a script complains, a dialog or a window opens, or anything leaves the server.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from serving import serving
from visiting import Visit

from marked import MarkedEngine, MarkedTokenizer
from quatre.server.service import ServerConfig

HOSTILE = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<img src='https://evil.example/pixel.png'>",
    "<svg/onload=window.hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<a href='javascript:window.hit=1'>x</a>",
    "<style>body{display:none}</style>",
    "<form action='https://evil.example'><button>Send</button></form>",
    "</textarea></pre></code><script>window.hit=1</script>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "[x](javascript:window.hit=1)",
    "[x](JaVaScRiPt&colon;window.hit=1)",
    "[x](data:text/html,<script>window.hit=1</script>)",
    "[x](vbscript:window.hit=1)",
    "[x](/v1/models)",
    "[x](//evil.example/)",
    "<javascript:window.hit=1>",
    "![x](data:image/svg+xml,<svg onload=window.hit=1>)",
)
MADE = "script, img, svg, iframe, style, form, object, embed, [onerror], [onload], [onclick], [style]"


def check_harmless(page: Page, where: str) -> None:
    assert page.evaluate("window.hit") is None
    assert page.locator(where).locator(MADE).count() == 0
    links = page.locator(where).locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}


def test_answers_and_thoughts(visit: Visit, engine: MarkedEngine) -> None:
    for hostile in HOSTILE:
        visit.page.get_by_role("button", name="New conversation").click()
        engine.say(f"[THINK]{hostile}[/THINK]{hostile}")
        answer = visit.ask(hostile)
        thoughts, content = answer.locator(".markdown").all()
        answer.locator("summary").click()
        for place in (thoughts, content, visit.page.locator(".question .plain")):
            assert place.text_content() == hostile
            expect(place).to_be_visible()
        links = answer.locator("a").all_text_contents()  # bare addresses, in the open
        assert all(link.startswith("https://evil.example") for link in links)
        check_harmless(visit.page, "#turns")


def test_hostile_text_in_all_constructs(visit: Visit, engine: MarkedEngine) -> None:
    bad = HOSTILE[1]
    said = f"# {bad}\n\n- {bad}\n  1. **{bad}**\n\n> *{bad}*\n\n|a|b|\n|-|-|\n|{bad}|`{bad}`|\n\n```{bad}\n{bad}\n```"
    engine.say(said)
    answer = visit.ask("Go")
    assert answer.locator(".markdown").last.text_content().count("onerror=window.hit=1") >= 6
    check_harmless(visit.page, "#turns")


def test_links_say_where_they_lead_and_take_nothing_along(visit: Visit, engine: MarkedEngine) -> None:
    engine.say(
        "[here](https://a.example/x?y) or <mailto:a@b.example>, https://c.example/d. ![dog](https://e.example/f.png)"
    )
    links = visit.ask("Go").locator("a")
    expect(links).to_have_text(["here", "mailto:a@b.example", "https://c.example/d", "Picture: dog"])
    hrefs = ["https://a.example/x?y", "mailto:a@b.example", "https://c.example/d", "https://e.example/f.png"]
    for link, href in zip(links.all(), hrefs, strict=True):
        for name, value in ("href", href), ("title", href), ("target", "_blank"):
            expect(link).to_have_attribute(name, value)
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_tool_names_and_arguments(visit: Visit, engine: MarkedEngine) -> None:
    bad = HOSTILE[1]
    tool = {"type": "function", "function": {"name": "f"}}
    visit.page.get_by_label("Offer these tools").check()
    visit.page.get_by_label("Tools, as a JSON list").fill(json.dumps([tool]))
    engine.say(f"[TOOL_CALLS]{bad}[ARGS]{json.dumps({bad: bad})}")
    visit.ask("Go")
    card = visit.page.locator(".call")
    expect(card.locator(".bar code")).to_have_text(bad)
    expect(card.locator("pre")).to_contain_text(bad)
    check_harmless(visit.page, "#turns")


def test_names_of_models(browser: Browser) -> None:
    engine, bad = MarkedEngine(), HOSTILE[1]
    engine.say("Hello")
    with (
        serving(engine, ServerConfig(served_model_name=(bad,)), tokenizer=MarkedTokenizer()) as url,
        Visit(browser, url) as visit,
    ):
        expect(visit.page.locator("#model option")).to_have_text(bad)
        expect(visit.ask("Hi").locator(".name")).to_have_text(bad)
        check_harmless(visit.page, "#turns")
        check_harmless(visit.page, "#model")


def test_errors_of_the_server(visit: Visit) -> None:
    body = json.dumps({"error": {"message": HOSTILE[1], "param": HOSTILE[0]}})
    visit.page.route("**/v1/chat/completions", lambda route: route.fulfill(status=400, body=body))
    expect(visit.ask("Hi").locator(".error")).to_have_text(f"Error 400, {HOSTILE[0]}: {HOSTILE[1]}")
    check_harmless(visit.page, "#turns")


def test_files(visit: Visit, tmp_path: Path) -> None:
    bad = HOSTILE[1]
    picture = {"type": "image_url", "image_url": {"url": "https://evil.example/pixel.png"}}
    script = {"type": "image_url", "image_url": {"url": "javascript:window.hit=1"}}
    call = {"id": bad, "function": {"name": bad, "arguments": bad}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": bad}, picture, script]},
        {"role": "assistant", "content": bad, "reasoning_content": bad, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": bad, "content": bad},
        {"role": "assistant", "content": bad},
    ]
    (tmp_path / "bad.json").write_text(json.dumps({"messages": messages, "settings": {"model": bad, "system": bad}}))
    visit.page.locator("#import-file").set_input_files(tmp_path / "bad.json")
    expect(visit.page.locator("article")).to_have_count(3)
    check_harmless(visit.page, "#turns")


def test_the_policy_holds_even_against_the_page_itself(browser: Browser, url: str) -> None:
    """If the renderer had a hole, the browser would still refuse."""
    visit = Visit(browser, url)
    visit.page.goto(url)
    failed = visit.page.evaluate("""() => {
        try { document.body.innerHTML = "<img src=x onerror=window.hit=1>"; } catch (error) { return error.name; }
    }""")
    assert failed == "TypeError"
    visit.page.evaluate("""() => {
        const image = document.createElement("img");
        image.setAttribute("src", "https://evil.example/pixel.png");
        document.body.append(image);
        const script = document.createElement("a");
        script.href = "javascript:window.hit=1";
        document.body.append(script);
        script.click();
    }""")
    asked = visit.page.evaluate("fetch('https://evil.example/').then(() => 'reached', (error) => error.name)")
    assert asked == "TypeError"
    assert visit.page.evaluate("window.hit") is None
    assert any("Content Security Policy" in wrong for wrong in visit.wrongs)
    visit.context.close()


SLOW = (
    "> " * 5000 + "x",
    "- " * 5000,
    "[" * 20000,
    "*a **b " * 5000,
    "`" * 19999 + "``" * 99,
    "https://a.example/" + ")" * 50000,
    "<" * 20000,
    "|" * 3000 + "\n" + "|-" * 3000,
    "~~~" + "a" * 50000 + "`",
    "#" * 9000 + " " * 50000 + "x",
    "_" * 50000,
)


def test_markdown_that_would_take_long(page: Page) -> None:
    """Some would take minutes if the work were not linear, or nearly so."""
    for text in SLOW:
        took = page.evaluate(
            """async (text) => {
                const { Markdown } = await import(new URL("playground/markdown.js", document.baseURI));
                const start = performance.now();
                new Markdown(document.createElement("div")).show(text);
                return performance.now() - start;
            }""",
            text,
        )
        assert took < 10_000, text[:20]
