"""What the small renderer makes of the Markdown that models write."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from visiting import Visit


@pytest.fixture(scope="module")
def page(browser: Browser, url: str) -> Iterator[Page]:
    """One for all, as nothing here leaves traces in it."""
    with Visit(browser, url) as visit:
        yield visit.page


DRAW = """async (texts) => {
  const { Markdown } = await import(new URL("playground/markdown.js", document.baseURI));
  const node = document.createElement("div");
  const view = new Markdown(node);
  const seen = [];
  for (const text of texts) { view.show(text); seen.push(node.innerHTML); }
  return seen;
}"""


def drawn(page: Page, *texts: str) -> list[str]:
    """The markup that the browser writes for what was drawn; code blocks without their bar."""
    bar = r'<div class="code"><div class="bar"><span>(.*?)</span>.*?</div><pre.*?>(.*?)</pre></div>'
    return [re.sub(bar, r"<pre \1>\2</pre>", html, flags=re.S) for html in page.evaluate(DRAW, list(texts))]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* **c** `d*e*` ~~f~~", "<p>a <em>b</em> <strong>c</strong> <code>d*e*</code> <del>f</del></p>"),
        ("***a*** **a *b***", "<p><strong><em>a</em></strong> <strong>a <em>b</em></strong></p>"),
        ("snake_case_name 2 * 3 * 4 **", "<p>snake_case_name 2 * 3 * 4 **</p>"),
        (r"\*a\* \`b\`", "<p>*a* `b`</p>"),
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("``a`b``", "<p><code>a`b</code></p>"),
        ("# A #\n## B\ntext", "<h3>A</h3><h4>B</h4><p>text</p>"),
        ("####### a\n#b", "<p>####### a<br>#b</p>"),
        ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("1. a\n\n   b\n2. c", "<ol><li><p>a</p><p>b</p></li><li>c</li></ol>"),
        ("born\n1984. Then", "<p>born<br>1984. Then</p>"),
        ("- a\n```\nx\n```", "<ul><li>a</li></ul><pre text><code>x</code></pre>"),
        ("- a\n  ```py\n  x\n  ```", "<ul><li>a<pre py><code>x</code></pre></li></ul>"),
        ("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"),
        ("```py\nif a < b:\n    c()\n```\nd", "<pre py><code>if a &lt; b:\n    c()</code></pre><p>d</p>"),
        ("````\n```\n````", "<pre text><code>```</code></pre>"),
        ("```\nopen", "<pre text><code>open</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        ("a | b", "<p>a | b</p>"),
    ],
)
def test_blocks_and_spans(page: Page, text: str, html: str) -> None:
    assert drawn(page, text) == [html]


def test_tables(page: Page) -> None:
    (html,) = drawn(page, "| a | b |\n|:--|--:|\n| 1 | `x` \\| y |\n| 2 |\n\nend")
    assert '<th>a</th><th class="right">b</th>' in html
    assert '<td>1</td><td class="right"><code>x</code> | y</td>' in html
    assert '<td>2</td><td class="right"></td>' in html
    assert html.endswith("<p>end</p>")


def test_a_text_that_grows_ends_as_if_it_had_come_at_once(page: Page) -> None:
    text = "# A\n\nb **c** `d`\n\n- e\n- f\n\n|g|h|\n|-|-|\n|1|2|\n\n```py\ni\n```\n\nj"
    whole = drawn(page, text)[0]
    assert drawn(page, *(text[:end] for end in range(len(text) + 1)))[-1] == whole


def test_what_has_been_read_stays_where_it_is(page: Page) -> None:
    kept = page.evaluate("""async () => {
        const { Markdown } = await import(new URL("playground/markdown.js", document.baseURI));
        const node = document.createElement("div");
        const view = new Markdown(node);
        view.show("first\\n\\nsec");
        const first = node.firstChild;
        view.show("first\\n\\nsecond\\n\\nthird");
        return first === node.firstChild && node.children.length === 3;
    }""")
    assert kept
