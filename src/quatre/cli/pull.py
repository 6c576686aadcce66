"""``quatre pull``: fetch a model from the Hugging Face hub."""

from __future__ import annotations

from quatre.checkpoint.hub import pull


def run_pull(model: str) -> None:
    """Print where the model is; what is fetched, and bars, go to standard error."""
    print(pull(model))
