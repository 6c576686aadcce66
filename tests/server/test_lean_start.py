"""What is built and imported before the first request: only what that needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

READY = """
import sys
import quatre.chat.tekken, quatre.cli.serve
from fakes import FakeEngine, fake_runtime
from fastapi.openapi.models import OpenAPI
from mistral_common.protocol.instruct.messages import UserMessage
from pydantic import BaseModel
from quatre.server.app import create_app

class Other(BaseModel):
    pass

with fake_runtime(FakeEngine()) as runtime:
    create_app(runtime)
    for model in (OpenAPI, UserMessage, Other):
        if model.__pydantic_complete__:
            print(model.__name__)
    print("pydantic.v1" in sys.modules)
"""


def test_models_are_built_for_the_first_who_uses_them() -> None:
    """Those of FastAPI's documents and mistral-common's requests. What others define after us is left alone."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", READY], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Other", "False"]
