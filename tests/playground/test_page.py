"""The page as files: what is served, to whom, and with which policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import httpx
import pytest
from serving import serving

from fakes import FakeEngine
from quatre.server import playground
from quatre.server.service import ServerConfig


@pytest.fixture(scope="module")
def locked() -> Iterator[httpx.Client]:
    with serving(FakeEngine(), ServerConfig(api_key=("open",))) as url, httpx.Client(base_url=url) as client:
        yield client


def test_all_files_of_the_folder_are_named_and_no_others() -> None:
    there = {file.name for file in files(playground).iterdir() if not file.name.startswith("__")}
    assert there == {playground.PAGE, *playground.FILES}


def test_the_page_needs_no_key_and_all_else_does(locked: httpx.Client) -> None:
    for path in ("/", *(f"/playground/{name}" for name in playground.FILES)):
        assert locked.get(path).status_code == 200, path
        assert locked.head(path).status_code == 200, path
    for path in ("/v1/models", "/playground", "/playground/", "/playground/x.js", "/playground/index.html"):
        assert locked.get(path).status_code == 401, path
    for path in ("/playground/../v1/models", "/playground/%2e%2e/v1/models", "/playground//main.js", "/?/v1/models"):
        answer = locked.get(path)
        assert answer.status_code == 401 or answer.text.startswith("<!doctype html>"), path
    assert locked.post("/v1/chat/completions", json={}).status_code == 401


def test_every_file_has_the_policy(locked: httpx.Client) -> None:
    for path in playground.PUBLIC_PATHS:
        headers = locked.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert locked.get("/playground/main.js").headers["content-type"] == "text/javascript; charset=utf-8"


def test_what_a_browser_has_is_not_sent_again(locked: httpx.Client) -> None:
    tag = locked.get("/").headers["etag"]
    again = locked.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert locked.get("/", headers={"if-none-match": '"old"'}).status_code == 200


def test_the_source_has_no_way_to_make_markup() -> None:
    """The policy forbids it too; this finds it before a browser does."""
    for name in (playground.PAGE, *playground.FILES):
        text = (files(playground) / name).read_text()
        found = re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\bsrcdoc\b", text)
        assert found is None, (name, found)
    page = (files(playground) / playground.PAGE).read_text()
    assert re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://", page) is None


def test_it_can_be_left_out() -> None:
    with serving(FakeEngine(), ServerConfig(playground=False)) as url:
        assert httpx.get(url).status_code == 404
        assert httpx.get(f"{url}/playground/main.js").status_code == 404
        assert httpx.get(f"{url}/v1/models").status_code == 200
    with serving(FakeEngine(), ServerConfig(playground=False, api_key=("open",))) as url:
        assert httpx.get(url).status_code == 401
