"""Run Mistral Small 4 and its family on the machine you have.

The public names are loaded on first use, so that ``import quatre`` costs nothing and never loads PyTorch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quatre.engine.request import SamplingParams
    from quatre.engine.structured import StructuredOutputsParams
    from quatre.errors import QuatreError
    from quatre.llm import LLM, AsyncLLM

__version__ = "0.1.0"

__all__ = ["LLM", "AsyncLLM", "QuatreError", "SamplingParams", "StructuredOutputsParams", "__version__"]

_HOMES = {
    "AsyncLLM": "quatre.llm",
    "LLM": "quatre.llm",
    "QuatreError": "quatre.errors",
    "SamplingParams": "quatre.engine.request",
    "StructuredOutputsParams": "quatre.engine.structured",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'quatre' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next access does not come here
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
