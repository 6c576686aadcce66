"""``quatre inspect``: what a checkpoint holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
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
from quatre.cli.sizes import count, size
from quatre.errors import ConfigError

LAYER = re.compile(r"(?P<of>(\w+\.)?)layers\.(?P<number>\d+)\.")
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
    root = Tree(Text(f"{title}, {count(parameters)} parameters, {size(nbytes)}"))
    for heading, members in layers(parts):
        branch = root.add(heading) if heading else root
        for part in members:
            scales = f"  {part.scales}" if part.scales else ""
            branch.add(Text(f"{part.name}  {part.format} {list(part.shape)}{scales}  {size(part.nbytes)}"))
    return root


def layers(parts: list[Part]) -> Iterator[tuple[str, list[Part]]]:
    """Parts by layer, each with names relative to it; equal neighbours once, as ``layers 0 to 35, alike``."""
    run: list[tuple[str, int, list[Part]]] = []  # of layers that are alike: what they are called, number, members
    for place, members in groupby(parts, _place):
        named = [replace(part, name=_short(part.name)) for part in members]
        if place is None or (run and (run[0][0], run[0][2]) != (place[0], named)):
            yield from _heading(run)
            run = []
        if place is None:
            yield "", named
        else:
            run.append((*place, named))
    yield from _heading(run)


def _heading(run: list[tuple[str, int, list[Part]]]) -> Iterator[tuple[str, list[Part]]]:
    if run:
        (kind, first, members), last = run[0], run[-1][1]
        heading = f"{kind} {first}" if first == last else f"{kind}s {first} to {last}, alike, each with"
        yield f"{heading}  {size(sum(part.nbytes for part in members))}", members


def _place(part: Part) -> tuple[str, int] | None:
    """What kind of layer the tensor is in, and in which; None outside of all layers."""
    found = LAYER.match(part.name)
    return None if found is None else (f"{found['of'].replace('.', ' ')}layer", int(found["number"]))


def _short(name: str) -> str:
    return LAYER.sub("", name)
