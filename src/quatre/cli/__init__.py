"""The commands: parse, open a model, call one function."""

from quatre.cli.main import main

__all__ = ["main"]
