"""``quatre inspect``: what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from quatre.checkpoint.load import open_checkpoint
from quatre.checkpoint.opened import Opened
from quatre.checkpoint.packed import verify
from quatre.checkpoint.survey import Part, survey
from quatre.cli.convert import byte_bar
from quatre.cli.sizes import size
from quatre.errors import ConfigError

UNBROKEN = 10_000  # columns, where no terminal says how many there are

FORMS = {
    "hf": "Hugging Face form",
    "native": "Mistral's own form",
    "gguf": "GGUF",
    "packed": "packed by quatre convert",
}


def run_inspect(path: Path, *, check: bool) -> None:
    """Print the tree; with ``check``, read a packed file and compare its checksums."""
    opened = open_checkpoint(path)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=UNBROKEN)
    console.print(tree(opened, survey(opened)))
    if check:
        if opened.source != "packed":
            raise ConfigError(f"{path} has no checksums; only files of quatre convert have")
        with byte_bar("reading") as advance:
            for done in verify(opened.path):
                advance(done, opened.path.stat().st_size)
        print("every checksum is right")


def tree(opened: Opened, parts: list[Part]) -> Tree:
    """The model as a tree; layers that are alike stand together."""
    parameters, nbytes = sum(part.parameters for part in parts), sum(part.nbytes for part in parts)
    title = f"{opened.path}: {opened.family.name}, {FORMS[opened.source]}"
    root = Tree(Text(f"{title}, {parameters / 1e9:.3g} billion parameters, {size(nbytes)}"))
    for heading, members in layers(parts):
        branch = root.add(heading) if heading else root
        for part in members:
            scales = f"  {part.scales}" if part.scales else ""
            branch.add(Text(f"{part.name}  {part.format} {list(part.shape)}{scales}  {size(part.nbytes)}"))
    return root


def layers(parts: list[Part]) -> Iterator[tuple[str, list[Part]]]:
    """Parts by layer, each with names relative to it; equal neighbours once, as ``layers 0 to 35, alike``."""
    runs: list[tuple[int, int, list[Part]]] = []  # first layer, last, members
    for layer, members in groupby(parts, _layer):
        if layer is None:
            yield from _headings(runs)
            runs = []
            yield "", list(members)
            continue
        named = [Part(_short(p.name), p.kind, p.shape, p.format, p.scales, p.nbytes) for p in members]
        if runs and runs[-1][2] == named:
            runs[-1] = (runs[-1][0], layer, named)
        else:
            runs.append((layer, layer, named))
    yield from _headings(runs)


def _headings(runs: list[tuple[int, int, list[Part]]]) -> Iterator[tuple[str, list[Part]]]:
    for first, last, members in runs:
        heading = f"layer {first}" if first == last else f"layers {first} to {last}, alike, each with"
        yield f"{heading}  {size(sum(part.nbytes for part in members))}", members


def _layer(part: Part) -> int | None:
    words = part.name.split(".")
    return int(words[1]) if words[0] == "layers" else None


def _short(name: str) -> str:
    return name.split(".", 2)[2]
