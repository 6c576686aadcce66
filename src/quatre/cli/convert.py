"""``quatre convert`` and ``quatre inspect --check``: long work over bytes, with a bar."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from quatre.chat.tekken_file import DAMAGE, write_tables
from quatre.checkpoint.convert import Written, convert
from quatre.cli.sizes import size
from quatre.ops.native_backend import NativeOps

log = logging.getLogger(__name__)


def run_convert(source: Path, target: Path, quant: str | None, threads: int | None, mmproj: Path | None = None) -> None:
    """Write the packed file; a line on standard output for each tensor that was rounded, and one at the end."""
    rounded: list[Written] = []
    with byte_bar("packing") as advance:

        def report(written: Written) -> None:
            advance(written.nbytes, written.total_bytes)
            if written.error is not None:
                rounded.append(written)
                print(f"{written.name}  {written.format}  relative error {written.error:.4f}", flush=True)

        try:
            path = convert(source, target, NativeOps(threads), quant=quant, mmproj=mmproj, report=report)
        except KeyboardInterrupt:
            print(f"quatre: stopped; what is in {target} is kept, and the same command goes on", file=sys.stderr)
            raise
    _write_tables(target)
    if rounded:
        mean = sum(w.error or 0.0 for w in rounded) / len(rounded)
        print(f"{len(rounded)} tensors rounded to {quant}, relative error {mean:.4f} on average")
    print(f"{path}: {size(path.stat().st_size)}. Run it with: quatre serve {target}")


def _write_tables(target: Path) -> None:
    """So that its tokenizer, too, is ready at once."""
    if (target / "tekken.json").exists():
        try:
            write_tables(target)
        except (OSError, *DAMAGE) as error:  # whoever opens the tokenizer is told more
            log.warning("%s: its tokenizer cannot be read: %s", target / "tekken.json", error)


@contextmanager
def byte_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that moves by bytes, of how many in all; nothing where nobody looks at a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda more, total: progress.update(task, advance=more, total=total)
