"""Nano, the checkpoint that comes with Quatre: Mistral Small 4's architecture in a few megabytes."""

from __future__ import annotations

from pathlib import Path

from quatre.errors import CheckpointError

NANO = "nano"
REAL = "mistralai/Mistral-Small-4-119B-2603-NVFP4"
"""What nano stands in for."""

FOLDER = Path(__file__).parents[1] / NANO
"""In Mistral's own layout: params.json, consolidated.safetensors, tekken.json."""


def nano() -> Path:
    """Where it is. CheckpointError if this installation came without it."""
    if not FOLDER.is_dir():
        raise CheckpointError(
            f"this installation has no {NANO} checkpoint ({FOLDER} is missing); install quatre again, or name a model, "
            f"such as {REAL}"
        )
    return FOLDER
