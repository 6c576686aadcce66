"""Nano, Mistral Small 4's architecture in a few megabytes, as `make nano` trains it (docs/nano.md)."""

from __future__ import annotations

from pathlib import Path

from quatre.errors import CheckpointError

NANO = "nano"
REAL = "mistralai/Mistral-Small-4-119B-2603-NVFP4"
"""What nano stands in for."""

FOLDER = Path(__file__).parents[1] / NANO
"""In Mistral's own layout: params.json, consolidated.safetensors, tekken.json."""


def nano() -> Path:
    """Where it is. CheckpointError if nobody has trained it here."""
    if not FOLDER.is_dir():
        raise CheckpointError(
            f"{NANO}, which is used when no model is named, has no weights here ({FOLDER} is missing): name a model, "
            f"such as {REAL}, or train {NANO} with `make nano` in a checkout"
        )
    return FOLDER
