"""Models of pydantic that are built when they are first used, not when they are defined.

Libraries define hundreds of models, and a start uses a few of them. pydantic has ``defer_build`` for that, a line in a
model's configuration; for the models of others it stands, while they are imported, in that of the base of all models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def built_when_used() -> Iterator[None]:
    """What is defined inside is built later."""
    before = BaseModel.model_config
    BaseModel.model_config = {**before, "defer_build": True}
    try:
        yield
    finally:
        BaseModel.model_config = before
