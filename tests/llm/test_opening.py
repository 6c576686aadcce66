"""Which back end is taken, and what is said when it cannot be."""

from __future__ import annotations

import sys

import pytest

from quatre.errors import ConfigError
from quatre.llm.opening import choose_ops


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
