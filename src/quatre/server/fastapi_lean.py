"""FastAPI without what answers do not need: the models of OpenAPI documents are built for whoever asks for one.

Imported for this effect before any other module of this package, by the package itself.
"""

from __future__ import annotations

from typing import Any

from quatre.chat.built_when_used import built_when_used

with built_when_used():
    import fastapi.applications  # noqa: F401

from fastapi._compat import shared


def _is_old_model(cls: Any) -> bool:
    """Whether it is a model of pydantic 1, which no endpoint here has; finding out imports the whole of pydantic 1."""
    del cls
    return False


shared.is_pydantic_v1_model_class = _is_old_model
