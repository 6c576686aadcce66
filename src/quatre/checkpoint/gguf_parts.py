"""GGUF models in several files, ``NAME-00001-of-00003.gguf`` and so on: the first has the metadata, all tensors."""

from __future__ import annotations

import re
from pathlib import Path

from quatre.checkpoint.gguf import GGUF, read_gguf
from quatre.errors import CheckpointError

PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
MOST_PARTS = 1000


def first_parts(files: list[Path]) -> list[Path]:
    """Of the files of one model only the first; single files as they are."""
    return [file for file in files if (match := PART.fullmatch(file.name)) is None or int(match["number"]) == 1]


def parts_beside(first: Path) -> list[Path]:
    """The names of all parts of a model whose first part, or only file, is ``first``."""
    match = PART.fullmatch(first.name)
    return [first] if match is None else _named(first, match["stem"], min(int(match["count"]), MOST_PARTS))


def folders_of(model: Path) -> list[Path]:
    """Where the files lie that belong to a model: its folder, and the one above if its own is of one quantisation only,
    as in ``Q4_K_M/NAME-Q4_K_M-00001-of-00002.gguf``.
    """
    match, folder = PART.fullmatch(model.name), model.parent
    stem = model.stem if match is None else match["stem"]
    of_one = folder.name and f"-{stem}".endswith((f"-{folder.name}", f".{folder.name}"))
    return [folder, folder.parent] if of_one else [folder]


def folders_beside(path: Path) -> list[Path]:
    """Where the files may lie that belong to a GGUF file (:func:`folders_of`), or to a folder, which comes first."""
    if not path.is_dir():
        return folders_of(path)
    return [path, *dict.fromkeys(folder for file in path.glob("*.gguf") for folder in folders_of(file)[1:])]


def read_whole(path: Path) -> GGUF:
    """Read a file and, if it is a part, all the others. CheckpointError names those that are missing or do not fit."""
    first = read_gguf(path)
    count = _number(first, "split.count")
    if count <= 1:
        return first
    paths = _paths(path, count)
    files = [first if part == path else read_gguf(part) for part in paths]
    for number, file in enumerate(files):
        if (_number(file, "split.count"), _number(file, "split.no")) != (count, number):
            raise CheckpointError(f"{file.path} is not part {number + 1} of {count} of one model, as its name says")
    tensors = {name: tensor for file in files for name, tensor in file.tensors.items()}
    found = sum(len(file.tensors) for file in files)
    if len(tensors) != found:
        raise CheckpointError(f"{paths[0]}: its parts have some tensors twice; they are not of one model")
    promised = _number(files[0], "split.tensors.count", found)
    if promised != found:
        raise CheckpointError(f"{paths[0]}: its parts have {found} tensors together, but {promised} are promised")
    return GGUF(paths[0], files[0].metadata, tensors)


def _paths(path: Path, count: int) -> list[Path]:
    match = PART.fullmatch(path.name)
    if match is None or int(match["count"]) != count or count > MOST_PARTS:
        raise CheckpointError(
            f"{path} is one of {count} parts, whose names must end in -00001-of-{count:05}.gguf and so on; "
            "give it its own name back, or merge the parts into one file (llama-gguf-split --merge)"
        )
    paths = _named(path, match["stem"], count)
    missing = [part.name for part in paths if not part.exists()]
    if missing:
        raise CheckpointError(f"{path.parent} lacks {', '.join(missing[:4])}; the download is incomplete")
    return paths


def _named(path: Path, stem: str, count: int) -> list[Path]:
    return [path.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]


def _number(file: GGUF, key: str, default: int = 0) -> int:
    value = file.metadata.get(key, default)
    if type(value) is not int or value < 0:
        raise CheckpointError(f"{file.path} is not a sound GGUF file: {key} is {value!r:.80}")
    return value
