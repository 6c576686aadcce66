"""The commands: parse, open a model, call one function."""

from quatre.cli.commands import main

__all__ = ["main"]
