"""A bar on standard error while many answers are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]
"""One more is done, with so many tokens."""


@contextmanager
def progress_bar(what: str, total: int, *, done: int = 0, shown: bool = True) -> Iterator[Advance]:
    """Counts to ``total`` from ``done`` and shows tokens per second; nothing where nobody looks at a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    speed = TextColumn("{task.fields[speed]}")
    with Progress(*columns, speed, console=console, disable=not (shown and console.is_terminal)) as progress:
        task = progress.add_task(what, total=total, completed=done, speed="")
        tokens = 0

        def advance(more: int) -> None:
            nonlocal tokens
            tokens += more
            elapsed = progress.tasks[0].elapsed
            speed = f"{tokens / elapsed:.0f} tokens/s" if elapsed else ""
            progress.update(task, advance=1, speed=speed)

        yield advance
