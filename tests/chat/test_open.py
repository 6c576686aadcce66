"""Which file of a checkpoint is its tokenizer, and what opening one costs."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_hf_bpe import write_tokenizer

from quatre.chat.bpe import BPETokenizer
from quatre.chat.open import open_tokenizer
from quatre.chat.tekken import TekkenTokenizer
from quatre.chat.tokenizer import Tokenizer
from quatre.errors import CheckpointError, ConfigError


def test_nothing(tmp_path: Path) -> None:
    assert open_tokenizer(tmp_path, None) is None


def test_tokenizer_json_of_a_folder(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    assert isinstance(open_tokenizer(tmp_path, None), BPETokenizer)


def test_tekken_wins(tmp_path: Path, v15_path: Path) -> None:
    write_tokenizer(tmp_path)
    (tmp_path / "tekken.json").symlink_to(v15_path)
    assert isinstance(open_tokenizer(tmp_path, None), TekkenTokenizer)


def test_gguf_file(smollm2_path: Path, smollm2_metadata: dict[str, Any]) -> None:
    tokenizer = open_tokenizer(smollm2_path, smollm2_metadata)
    assert tokenizer is not None
    assert tokenizer.vocab_size == 49152


TEMPLATE = "{% for message in messages %}<|im_start|>{{ message['content'] }}!{% endfor %}"


def test_another_template(tmp_path: Path, v15_path: Path, smollm2_path: Path, smollm2_metadata: dict[str, Any]) -> None:
    """It says which words are control tokens, too."""
    write_tokenizer(tmp_path)
    for path, metadata in ((tmp_path, None), (smollm2_path, smollm2_metadata)):
        tokenizer = open_tokenizer(path, metadata, template=TEMPLATE)
        assert tokenizer is not None
        prompt = tokenizer.chat_prompt([{"role": "user", "content": "Hi"}])
        assert tokenizer.decode(prompt).endswith("Hi!")
        assert "user" not in tokenizer.decode(prompt)
    (tmp_path / "tekken.json").symlink_to(v15_path)
    with pytest.raises(ConfigError, match="are written by mistral-common; leave the chat template out"):
        open_tokenizer(tmp_path, None, template=TEMPLATE)


@pytest.mark.parametrize("name", ["tekken.json", "tokenizer.json", "tokenizer_config.json"])
def test_what_git_leaves_in_the_place_of_a_file_is_no_tokenizer(tmp_path: Path, name: str) -> None:
    """Vocabularies are large enough for Git LFS."""
    write_tokenizer(tmp_path)
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 16753777\n")
    with pytest.raises(CheckpointError, match=rf"{name} is only a pointer of Git LFS; fetch the file itself"):
        open_tokenizer(tmp_path, None)


def test_folder_with_a_gguf_file(tmp_path: Path, smollm2_metadata: dict[str, Any]) -> None:
    assert isinstance(open_tokenizer(tmp_path, smollm2_metadata), BPETokenizer)


def test_next_to_a_gguf_file_only_a_tekken_of_its_size_counts(
    tmp_path: Path, v15_path: Path, smollm2_metadata: dict[str, Any]
) -> None:
    """Files of other models lie in the same folder of downloads."""
    write_tokenizer(tmp_path)
    (tmp_path / "tekken.json").symlink_to(v15_path)
    file = tmp_path / "model.gguf"
    file.touch()
    tokenizer = open_tokenizer(file, smollm2_metadata)
    assert tokenizer is not None
    assert tokenizer.vocab_size == 49152
    fitting = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": ["x"] * 131072}
    assert isinstance(open_tokenizer(file, fitting), TekkenTokenizer)


def test_above_the_folder_of_a_quantisation(tmp_path: Path, v15_path: Path, smollm2_metadata: dict[str, Any]) -> None:
    """Where repositories of large models keep what all quantisations share; the image encoder, too."""
    (tmp_path / "tekken.json").symlink_to(v15_path)
    (tmp_path / "Q4_0").mkdir()
    file = tmp_path / "Q4_0" / "m-Q4_0-00001-of-00002.gguf"
    file.touch()
    fitting = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": ["x"] * 131072}
    for path in (file, file.parent):
        assert isinstance(open_tokenizer(path, fitting), TekkenTokenizer)
        assert isinstance(open_tokenizer(path, smollm2_metadata), BPETokenizer)
        assert open_tokenizer(path, None) is None
    (tmp_path / "other").mkdir()
    assert isinstance(open_tokenizer(tmp_path / "other" / file.name, smollm2_metadata), BPETokenizer)


def test_of_a_packed_gguf_too_only_a_tekken_of_its_size_counts(
    tmp_path: Path, v15_path: Path, smollm2_metadata: dict[str, Any]
) -> None:
    """A conversion copies what lies beside its source."""
    (tmp_path / "tekken.json").symlink_to(v15_path)
    assert isinstance(open_tokenizer(tmp_path, smollm2_metadata), BPETokenizer)
    assert isinstance(open_tokenizer(tmp_path, {}), TekkenTokenizer)


@pytest.mark.parametrize("metadata", [{}, {"tokenizer.ggml.model": "none"}, {"tokenizer.ggml.model": "no_vocab"}])
def test_gguf_file_without_a_vocabulary(tmp_path: Path, metadata: dict[str, Any]) -> None:
    assert open_tokenizer(tmp_path / "model.gguf", metadata) is None


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"tokenizer.ggml.model": "llama"}, "model.gguf has a vocabulary of kind 'llama'"),
        ({"tokenizer.ggml.model": ["x"]}, "of kind ['x']"),
        ({"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "new"}, "model.gguf cuts text as 'new', which is not"),
        ({"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": ["x"]}, "cuts text as ['x']"),
    ],
)
def test_kinds_that_cannot_be_read_exactly_are_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, metadata: dict[str, Any], sentence: str
) -> None:
    with caplog.at_level(logging.WARNING):
        assert open_tokenizer(tmp_path / "model.gguf", metadata) is None
    (record,) = caplog.records
    assert sentence in record.getMessage()
    assert "token ids only" in record.getMessage()


def test_folder_with_another_kind_of_vocabulary(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"version": "1.0", "added_tokens": [], "model": {"type": "Unigram", "vocab": [["a", 0.0]]}})
    )
    with caplog.at_level(logging.WARNING):
        assert open_tokenizer(tmp_path, None) is None
    assert "is not a byte-level BPE vocabulary" in caplog.text


@pytest.mark.parametrize("name", ["tekken.json", "tokenizer.json"])
def test_damaged_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{")
    with pytest.raises(CheckpointError, match=name):
        open_tokenizer(tmp_path, None)


def test_every_kind_is_a_tokenizer(v15: TekkenTokenizer, smollm2_path: Path, smollm2_metadata: dict[str, Any]) -> None:
    """Both give ids from which their own bytes make the text again."""
    bpe = open_tokenizer(smollm2_path, smollm2_metadata)
    assert bpe is not None
    tokenizers: list[Tokenizer] = [v15, bpe]
    for tokenizer in tokenizers:
        ids = tokenizer.encode("Hello, wörld", bos=True)
        assert b"".join(map(tokenizer.token_bytes, ids)).decode() == tokenizer.decode(ids) == "Hello, wörld"
        assert max(ids) < tokenizer.vocab_size
        assert tokenizer.end_ids


LIBRARIES = ("mistral_common", "tokenizers", "jinja2", "tiktoken", "jsonschema", "torch", "transformers")


def imported_by(code: str) -> set[str]:
    """Which of the libraries a fresh Python has imported after running the code."""
    report = f"{code}\nimport sys; print(*(name for name in {LIBRARIES!r} if name in sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", report], check=True, capture_output=True, text=True).stdout.split()
    )


def test_importing_costs_no_library() -> None:
    assert imported_by("import quatre; import quatre.chat.open") == set()


def test_a_gguf_file_costs_neither_mistral_common_nor_jinja(smollm2_path: Path) -> None:
    opened = (
        "from pathlib import Path\nfrom quatre.chat.open import open_tokenizer\n"
        f"from quatre.checkpoint.gguf import read_gguf\npath = Path({str(smollm2_path)!r})\n"
        "open_tokenizer(path, read_gguf(path).metadata)"
    )
    assert imported_by(opened) == {"tokenizers"}
