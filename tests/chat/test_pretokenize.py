"""The ways of cutting text into words, piece by piece."""

from __future__ import annotations

import pytest
from tokenizers import Regex, pre_tokenizers

from quatre.chat.pretokenize import CUTTINGS


def pieces(name: str, text: str) -> list[str]:
    cuts = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in CUTTINGS[name].patterns]
    return [piece for piece, _ in pre_tokenizers.Sequence(cuts).pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("gpt-2", "x = 12345", ["x", " =", " 12345"]),
        ("smollm", "x = 12345", ["x", " =", " ", "1", "2", "3", "4", "5"]),
        ("llama-bpe", "x = 12345", ["x", " =", " ", "123", "45"]),
        ("qwen2", "x = 12345", ["x", " =", " ", "1", "2", "3", "4", "5"]),
        ("tekken", "x = 12345", ["x", " =", " ", "1", "2", "3", "4", "5"]),
        ("default", "x = 12345", ["x", " ", "=", " ", "123", "45"]),
        ("gpt-2", "I'LL you'll", ["I", "'", "LL", " you", "'ll"]),
        ("llama-bpe", "I'LL you'll", ["I", "'LL", " you", "'ll"]),
        ("tekken", "I'LL you'll", ["I", "'LL", " you", "'ll"]),
        ("gpt-2", "a.b\n\n\nc", ["a", ".", "b", "\n\n", "\n", "c"]),
        ("llama-bpe", "a.b\n\n\nc", ["a", ".b", "\n\n\n", "c"]),
        ("gpt-2", "end.\n", ["end", ".", "\n"]),
        ("qwen2", "end.\n", ["end", ".\n"]),
        ("tekken", "path/to//\n", ["path", "/to", "//\n"]),
        ("qwen2", "camelCaseWORDS", ["camelCaseWORDS"]),
        ("tekken", "camelCaseWORDS", ["camel", "Case", "WORDS"]),
        ("tekken", "a\u0301bc हिन्दी", ["a\u0301bc", " हिन्दी"]),
        ("llama-bpe", "a   b", ["a", "  ", " b"]),
        ("gpt-2", "a   ", ["a", "   "]),
    ],
)
def test_pieces(name: str, text: str, expected: list[str]) -> None:
    assert pieces(name, text) == expected


@pytest.mark.parametrize("name", CUTTINGS)
def test_nothing_is_lost(name: str) -> None:
    text = "Hello, it's 12345 tests!\r\n\t  <|x|> ½ e\u0301 日本語 😀\x00\u2028 \n"
    assert "".join(pieces(name, text)) == text


@pytest.mark.parametrize("name", CUTTINGS)
def test_long_runs_take_linear_time(name: str) -> None:
    """A pattern that goes back and forth would take hours for these."""
    for text in ("a" * 200_000, " " * 200_000, "\n " * 100_000, "!" * 200_000, "1" * 20_000):
        assert "".join(pieces(name, text)) == text
