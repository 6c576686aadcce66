"""The tables of a tekken.json: equal to the file, and never used for another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import ValidationMode
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

import tekken_files
from quatre.chat import tekken_file
from quatre.chat.tekken import TekkenTokenizer
from quatre.chat.tekken_file import TABLES, TekkenFile, read_tekken, write_tables
from tekken_files import saved, v15_file


@pytest.fixture(scope="module")
def small(shipped_tekken: dict[str, Any]) -> dict[str, Any]:
    """A v15 file with 600 tokens of text."""
    content = v15_file(shipped_tekken)
    return {**content, "vocab": content["vocab"][:600], "config": {**content["config"], "default_vocab_size": 1600}}


@pytest.fixture
def folder(tmp_path: Path, small: dict[str, Any]) -> Path:
    saved(tmp_path, small)
    write_tables(tmp_path)
    return tmp_path


@pytest.fixture
def only_tables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once there are tables, the file itself cannot be read."""

    def refuse(_: bytes) -> TekkenFile:
        raise AssertionError("tekken.json was read")

    monkeypatch.setattr(tekken_file, "_from_json", refuse)


def test_tables_say_what_the_file_says(tmp_path: Path, small: dict[str, Any]) -> None:
    path = saved(tmp_path, small)
    plain = read_tekken(path)
    write_tables(tmp_path)
    assert read_tekken(path) == plain
    assert len(plain.pieces) == 600
    assert "vocab" not in plain.head


@pytest.mark.usefixtures("only_tables")
def test_tables_are_used(folder: Path) -> None:
    tokenizer = TekkenTokenizer(folder / "tekken.json")
    assert tokenizer.vocab_size == 1600
    assert tokenizer.decode(tokenizer.encode("über", bos=False)) == "über"
    assert [tokenizer.token_bytes(i) for i in range(1600)] == tokenizer.vocabulary()


@pytest.mark.usefixtures("only_tables")
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:20],
        lambda data: b"",
        lambda data: data[:8] + b"\x02" + data[9:],  # a later version
        lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
        lambda data: data[:48] + b"\xff\xff\xff\xff" + data[52:],  # bytes of the head
        lambda data: data[:52] + b"\xff\xff\xff\xff" + data[56:],  # tokens
    ],
)
def test_damaged_tables_are_not_used(folder: Path, damage: Any) -> None:
    tables = folder / TABLES
    tables.write_bytes(damage(tables.read_bytes()))
    with pytest.raises(AssertionError, match="was read"):
        read_tekken(folder / "tekken.json")


@pytest.mark.usefixtures("only_tables")
def test_tables_of_another_file_are_not_used(folder: Path, small: dict[str, Any]) -> None:
    special = [{**small["special_tokens"][0], "token_str": "<other>"}, *small["special_tokens"][1:]]
    saved(folder, {**small, "special_tokens": special})
    with pytest.raises(AssertionError, match="was read"):
        read_tekken(folder / "tekken.json")


def test_half_written_tables_have_another_name(
    tmp_path: Path, small: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, small)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_tables(tmp_path)
    assert not (tmp_path / TABLES).exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: [*v[:300], {**v[300], "rank": 7}, *v[301:]],
        lambda v: [*v[:300], {**v[300], "token_bytes": v[299]["token_bytes"]}, *v[301:]],
        lambda v: [*v[:300], {**v[300], "token_bytes": ""}, *v[301:]],
        lambda v: [{**v[0], "token_bytes": "AA=="[:3]}, *v[1:]],
        lambda v: v[:599],
    ],
)
def test_unsound_vocabularies(tmp_path: Path, small: dict[str, Any], damage: Any) -> None:
    path = tmp_path / "tekken.json"
    path.write_text(json.dumps({**small, "vocab": damage(small["vocab"])}))
    with pytest.raises(ValueError, match=r"token|padding"):
        read_tekken(path)


@pytest.mark.parametrize("version", ["v3", "v7", "v11", "v13", "v15"])
def test_every_version_encodes_as_mistral_common_does(
    tmp_path: Path, shipped_tekken: dict[str, Any], version: str
) -> None:
    """With and without tables; and the prompt of a question is that of mistral-common's own loader."""
    whole = v15_file(shipped_tekken) if version == "v15" else tekken_files.tekken_file(shipped_tekken, version)
    path = saved(
        tmp_path, {**whole, "vocab": whole["vocab"][:2000], "config": {**whole["config"], "default_vocab_size": 3000}}
    )
    mistral = MistralTokenizer.from_file(str(path), mode=ValidationMode.test)
    theirs: Any = mistral.instruct_tokenizer.tokenizer
    request = ChatCompletionRequest(messages=[UserMessage(content="Hello, Zürich 日本!")])
    prompt = mistral.encode_chat_completion(request).tokens
    for tables in (False, True):
        if tables:
            write_tables(tmp_path)
        ours = TekkenTokenizer(path)
        assert ours.chat_prompt([{"role": "user", "content": "Hello, Zürich 日本!"}]) == prompt
        assert ours.vocab_size == theirs.n_words == 3000
        assert [ours.token_bytes(i) for i in range(3000)] == [theirs.id_to_byte_piece(i) for i in range(3000)]
        assert [ours.token_name(i) for i in (0, 1, 999, 1000, 2999)] == [
            theirs.id_to_piece(i) for i in (0, 1, 999, 1000, 2999)
        ]
