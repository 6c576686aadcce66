"""A pytest plugin: the compiled module comes from the file that ``QUATRE_SANITIZED_MODULE`` names."""

from __future__ import annotations

import importlib.util
import os
import sys


def _load() -> None:
    spec = importlib.util.spec_from_file_location("quatre.ops._native", os.environ["QUATRE_SANITIZED_MODULE"])
    assert spec is not None
    assert spec.loader is not None
    import quatre.ops

    module = importlib.util.module_from_spec(spec)
    sys.modules["quatre.ops._native"] = module
    spec.loader.exec_module(module)
    quatre.ops._native = module  # type: ignore[misc]


_load()
