"""Which back end is taken, and what is said when it cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from quatre.checkpoint.convert import convert
from quatre.errors import ConfigError
from quatre.llm.opening import choose_ops, open_runtime
from quatre.ops.native_backend import NativeOps
from random_nano import write_random_nano


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "cuda"}, "backend 'cuda' is not one of auto, native, torch"),
        ({"dtype": "int3"}, "dtype 'int3' is not one of"),
        ({"backend": "torch", "device": "abacus"}, "does not know the device 'abacus'"),
        ({"threads": 0}, "threads must be at least 1, got 0"),
    ],
)
def test_wrong_words(options, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        choose_ops(**options)


def test_missing_pytorch_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "quatre.ops.torch_backend", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=r"pip install 'quatre\[torch\]'"):
        choose_ops("torch")


def test_a_packed_file_of_another_name_has_its_tokenizer(tmp_path: Path) -> None:
    source = write_random_nano(tmp_path / "source")
    path = convert(source, tmp_path / "packed", NativeOps(threads=1), report=lambda written: None)
    path = path.rename(path.with_name("small4.quatre"))
    for place in (path, path.parent):
        runtime = open_runtime(place, threads=1)
        try:
            assert runtime.tokenizer is not None
        finally:
            runtime.close()
