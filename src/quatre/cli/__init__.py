"""The commands: parse, open a model, call one function."""

import gc

COLLECT_AFTER = 50_000
"""New objects after which Python looks for garbage. Starting makes hundreds of thousands that all stay; looking after
every 700 of them, as Python does, is a tenth of the time until the first answer."""


def main() -> None:
    """The entry point of the ``quatre`` command."""
    gc.set_threshold(COLLECT_AFTER)
    from quatre.cli.commands import main as run

    run()
