"""How deep a body is nested, however it is cut into pieces and whatever its strings hold."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.server.depth import DEEPEST, Depth, NotReadable

TOO_DEEP = f"nested more than {DEEPEST} levels"
JSON = {"content-type": "application/json"}
PATHS = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/fim/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/batches",
    "/tokenize",
    "/detokenize",
)


def is_refused(text: bytes, cuts: list[int] | None = None) -> bool:
    depth = Depth()
    ends = [*sorted(cut % (len(text) + 1) for cut in cuts or []), len(text)]
    try:
        for start, end in zip([0, *ends], ends, strict=False):
            depth.take(text[start:end])
    except NotReadable:
        return True
    return False


def depth_of(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth_of, value.values() if isinstance(value, dict) else value), default=0)


def nested(levels: int, inside: Any) -> Any:
    for level in range(levels):
        inside = [inside] if level % 2 else {'a"]\\': inside}
    return inside


Cuts = st.lists(st.integers(0, 10_000), max_size=8)
Values = st.recursive(
    st.none() | st.integers() | st.text('a"\\[]{}é', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\[{', max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(inside=Values, missing=st.integers(0, 3), cuts=Cuts, is_ascii=st.booleans())
def test_the_deepest_that_passes(inside: Any, missing: int, cuts: list[int], is_ascii: bool) -> None:
    value = nested(DEEPEST - depth_of(inside) - 1 + missing, inside)
    text = json.dumps(value, ensure_ascii=is_ascii).encode()
    assert is_refused(text, cuts) == (depth_of(value) > DEEPEST)


@given(st.binary(max_size=200), Cuts)
def test_no_text_is_more_than_refused(text: bytes, cuts: list[int]) -> None:
    is_refused(text, cuts)


@pytest.mark.parametrize(
    "piece", [b'"\\' * 100, b'\\"' * 30_000, b'"' + b'\\"' * 30_000, b"[]" * 30_000, b'"",' * 9999]
)
def test_hostile_texts_take_no_longer_than_others(piece: bytes) -> None:
    """Each of them once sent a search back to where it had begun, again and again."""
    depth = Depth()
    for _ in range(20):
        depth.take(piece)


def test_a_picture_is_no_nesting() -> None:
    assert not is_refused(json.dumps({"url": "data:image/png;base64," + "[{" * 100_000}).encode())


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_refuses_what_is_too_deep(http: httpx.Client, path: str) -> None:
    deep = b'{"model": "fake", "x": ' + b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST + b"}"
    for kind in ("application/json", "application/vnd.api+JSON; charset=utf-8"):
        answer = http.post(path, content=deep, headers={"content-type": kind})
        assert answer.status_code == 400
        assert TOO_DEEP in answer.json()["error"]["message"]


def test_what_is_just_not_too_deep_is_read(http: httpx.Client) -> None:
    body = {"model": "fake", "prompt": "x", "unknown": nested(DEEPEST - 1, 1)}
    assert http.post("/v1/completions", json=body).status_code == 200
