"""Half characters."""

from __future__ import annotations

import pytest

from quatre.chat.surrogates import whole_characters


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", ""),
        ("wörld 😀", "wörld 😀"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00x", "\ufffd😀x"),
    ],
)
def test_whole_characters(text: str, whole: str) -> None:
    assert whole_characters(text) == whole
    assert whole_characters(text).encode().decode() == whole
