"""Vocabularies inside GGUF files: Mistral's own as the oracle, kinds of tokens, and damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gguf_files import KEY, LETTER, mistral_vocabulary
from quatre.chat.gguf_bpe import gguf_tokenizer
from quatre.chat.tekken import TekkenTokenizer
from quatre.errors import CheckpointError
from tekken_files import saved, tekken_file


def small(**more: Any) -> dict[str, Any]:
    """Every byte, a few merges, and a token of each kind behind them."""
    words = ["he", "ll", "hell", "hello", "Ġhello"]
    special = {"<s>": 3, "</s>": 3, "<unk>": 2, "<think>": 4, "<extra>": 4, "[unused]": 5}
    tokens = [*LETTER.values(), *words, *special]
    return {
        KEY + "model": "gpt2",
        KEY + "pre": "gpt-2",
        KEY + "tokens": tokens,
        KEY + "token_type": [1] * (len(tokens) - len(special)) + list(special.values()),
        KEY + "merges": ["h e", "l l", "he ll", "hell o", "Ġ hello"],
        KEY + "bos_token_id": tokens.index("<s>"),
        KEY + "eos_token_id": tokens.index("</s>"),
        "tokenizer.chat_template": "{{ bos_token }}{{ messages[0].content }}<think>{{ eos_token }}",
        **{key: value for key, value in more.items() if value is not None},
    }


def names(metadata: dict[str, Any], text: str) -> list[str]:
    tokenizer = gguf_tokenizer(metadata, "small.gguf")
    return [tokenizer.token_name(token) for token in tokenizer.encode(text, bos=True)]


# -- Against Mistral's own tokenizer -----------------------------------------------------------------------------------


TEXTS = [
    "Hello, world! It's 12345 o'clock; THE END.",
    "def f(x):\n\treturn {'a': x[0] ** 2}\n\n\n# path/to//\r\n",
    "camelCase HTTPServer naïve Zürich e\u0301 İstanbul ǅ",
    "日本語のテキスト 中文 한국어 العربية हिन्दी में ไทย 😀👩‍👩‍👧",
    "   leading, trailing   \n \n\t x",
    "<s>[INST] </s> <|im_end|>",
]


def test_a_tekken_vocabulary_in_a_gguf_file(tmp_path: Path, shipped_tekken: dict[str, Any]) -> None:
    """The first 9,000 tokens of Mistral's vocabulary give the ids that mistral-common gives."""
    count = 9000
    config = {**shipped_tekken["config"], "default_vocab_size": 1000 + count, "version": "v11"}
    mistral = TekkenTokenizer(saved(tmp_path, {**tekken_file(shipped_tekken, "v11"), "config": config}))
    ours = gguf_tokenizer(mistral_vocabulary(shipped_tekken["vocab"][:count]), "tekken.gguf")
    for text in TEXTS:
        assert ours.encode(text, bos=True) == mistral.encode(text, bos=True), text
    assert [ours.token_bytes(i) for i in range(1000 + count)] == [mistral.token_bytes(i) for i in range(1000 + count)]
    assert (ours.bos_id, ours.end_ids, ours.vocab_size) == (mistral.bos_id, mistral.end_ids, mistral.vocab_size)


# -- Kinds of tokens ---------------------------------------------------------------------------------------------------


def test_merging() -> None:
    assert names(small(), "hello hello hell") == ["hello", "Ġhello".replace("Ġ", " "), " ", "hell"]


def test_words_of_the_vocabulary_are_found_in_text() -> None:
    assert names(small(), "a<extra>hello") == ["a", "<extra>", "hello"]


def test_words_that_the_template_writes_are_not() -> None:
    """<think> is user-defined in the file, but part of the structure of this model's prompts."""
    assert names(small(), "<think>") == ["<", "t", "h", "i", "n", "k", ">"]
    tokenizer = gguf_tokenizer(small(), "small.gguf")
    ids = tokenizer.chat_prompt([{"role": "user", "content": "<think><s>"}])
    assert [tokenizer.token_name(token) for token in (ids[0], *ids[-2:])] == ["<s>", "<think>", "</s>"]
    assert len(ids) == 3 + len("<think><s>")
    assert tokenizer.token_bytes(ids[-2]) == b"<think>"  # and when the model writes it, it is seen


@pytest.mark.parametrize("word", ["<s>", "</s>", "<unk>", "[unused]"])
def test_control_and_unused_tokens_are_neither_read_nor_seen(word: str) -> None:
    tokenizer = gguf_tokenizer(small(), "small.gguf")
    token = small()[KEY + "tokens"].index(word)
    assert token not in tokenizer.encode(word, bos=False)
    assert tokenizer.token_bytes(token) == b""


def test_control_tokens_that_merging_could_reach() -> None:
    """As a word of the vocabulary, or by merges; the text stays text, and other merges go on."""
    metadata = small()
    kinds = list(metadata[KEY + "token_type"])
    kinds[metadata[KEY + "tokens"].index("hell")] = 3
    for pre in ("gpt-2", "llama-bpe"):
        assert names(
            {**metadata, KEY + "token_type": kinds, KEY + "pre": pre, KEY + "add_bos_token": False}, "hell"
        ) == [*("he", "ll")]


def test_whole_words_need_no_merges() -> None:
    more = {KEY + "merges": [], KEY + "add_bos_token": False}
    assert names(small(**{**more, KEY + "pre": "llama-bpe"}), "hello") == ["hello"]
    assert names(small(**more), "hello") == ["h", "e", "l", "l", "o"]


def test_begin_token_by_the_way_of_cutting_unless_the_file_says_otherwise() -> None:
    assert names(small(), "a") == ["a"]
    assert names(small(**{KEY + "pre": "llama-bpe"}), "a") == ["<s>", "a"]
    assert names(small(**{KEY + "pre": "llama-bpe", KEY + "add_bos_token": False}), "a") == ["a"]
    assert names(small(**{KEY + "add_bos_token": True}), "a") == ["<s>", "a"]


def test_ends_of_an_answer() -> None:
    tokens = small()[KEY + "tokens"]
    more = {KEY + "eos_token_id": tokens.index("<s>"), KEY + "eot_token_id": tokens.index("<unk>")}
    ends = gguf_tokenizer(small(**more), "small.gguf").end_ids
    assert {tokens[token] for token in ends} == {"<s>", "<unk>", "</s>"}  # the last one by its name


@pytest.mark.parametrize("nothing", [-1, 2**32 - 1, "x", None])
def test_ids_that_name_no_token_mean_none(nothing: Any) -> None:
    metadata = {**small(), KEY + "bos_token_id": nothing, KEY + "add_bos_token": True}
    assert gguf_tokenizer(metadata, "small.gguf").bos_id is None


def test_file_without_kinds_of_tokens() -> None:
    """What it names as special is control."""
    metadata = {key: value for key, value in small().items() if key != KEY + "token_type"}
    tokenizer = gguf_tokenizer(metadata, "small.gguf")
    assert tokenizer.token_bytes(metadata[KEY + "bos_token_id"]) == b""
    assert metadata[KEY + "bos_token_id"] not in tokenizer.encode("<s>", bos=False)


def test_empty_tokens_are_places_without_a_token() -> None:
    metadata = small()
    tokens, kinds = [*metadata[KEY + "tokens"], "", ""], [*metadata[KEY + "token_type"], 1, 3]
    tokenizer = gguf_tokenizer({**metadata, KEY + "tokens": tokens, KEY + "token_type": kinds}, "small.gguf")
    assert tokenizer.vocab_size == len(tokens)
    assert tokenizer.token_bytes(len(tokens) - 1) == b""


# -- Damage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({KEY + "tokens": None}, "tokenizer.ggml.tokens is missing"),
        ({KEY + "tokens": "abc"}, "tokenizer.ggml.tokens is missing or of another type"),
        ({KEY + "tokens": ["a", 1]}, "tokens is missing or of another type"),
        ({KEY + "merges": None}, "tokenizer.ggml.merges is missing"),
        ({KEY + "merges": ["h e", 7]}, "merges is missing or of another type"),
        ({KEY + "merges": ["hh ee"]}, "its merges do not fit its tokens"),
        ({KEY + "merges": ["he"]}, "some of its merges do not name two tokens"),
        ({KEY + "token_type": [1, 1]}, r"it has \d+ tokens, but 2 token types"),
        ({KEY + "token_type": ["1"]}, "token_type is missing or of another type"),
        ({KEY + "tokens": ["a", "b", "a"], KEY + "token_type": [1, 1, 1]}, "some of its tokens stand twice"),
        ({"tokenizer.chat_template": 7}, "tokenizer.chat_template is no text"),
    ],
)
def test_damaged_vocabulary(damage: dict[str, Any], sentence: str) -> None:
    metadata = {key: value for key, value in {**small(), **damage}.items() if value is not None}
    with pytest.raises(CheckpointError, match=sentence) as caught:
        gguf_tokenizer(metadata, "small.gguf")
    assert "small.gguf" in str(caught.value)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
