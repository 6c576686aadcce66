"""The page at /docs: everything that is described, escaped, and nothing from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx
from serving import serving

from fakes import FakeEngine
from quatre.server.api_page import page
from quatre.server.service import ServerConfig

VOID = {"meta", "br"}


class Read(HTMLParser):
    """What a page has; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open += [] if tag in VOID else [tag]
        for name, value in attrs:
            assert not name.startswith("on")
            if name in ("href", "src", "action", "srcset", "data"):
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_everything_that_is_described_is_there(http: httpx.Client) -> None:
    answer = http.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found, document = Read(answer.text), http.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in found.text
    for name, schema in document["components"]["schemas"].items():
        assert name in found.ids
        assert all(field in found.text for field in schema.get("properties", {}))
    assert "/v1/chat/completions" in document["paths"]


def test_nothing_comes_from_elsewhere(http: httpx.Client) -> None:
    answer = http.get("/docs")
    found = Read(answer.text)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert "url(" not in answer.text
    assert "@import" not in answer.text
    assert "//" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    inside = [link.removeprefix("#") for link in found.links if link.startswith("#")]
    assert set(inside) <= set(found.ids)
    assert [link for link in found.links if not link.startswith("#")] == ["openapi.json"]
    assert len(found.ids) == len(set(found.ids))


def test_names_cannot_become_markup() -> None:
    evil = "<script>alert(1)</script>\"'"
    schema = {"type": "object", "description": evil, "properties": {evil: {"enum": [evil]}}}
    document = {
        "info": {"title": evil, "version": evil},
        "paths": {f"/{evil}": {"get": {"description": evil, "parameters": [{"name": evil, "in": "query"}]}}},
        "components": {"schemas": {evil: schema}},
    }
    found = Read(page(document))
    assert "script" not in found.tags
    assert evil in found.text


def test_it_needs_the_key_like_the_rest() -> None:
    with serving(FakeEngine(), ServerConfig(api_key=("key",))) as url:
        assert httpx.get(url + "/docs", timeout=60).status_code == 401
        assert httpx.get(url + "/docs", headers={"authorization": "Bearer key"}, timeout=60).status_code == 200
