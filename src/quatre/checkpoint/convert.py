"""Any checkpoint → a packed file (see :mod:`quatre.checkpoint.packed`), a tensor at a time.

The file grows beside its final name; a journal says which tensors are whole, so that a conversion that was stopped goes
on where it was. Only a finished file gets its name.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from quatre.checkpoint.files import release
from quatre.checkpoint.gguf_parts import folders_beside, parts_beside
from quatre.checkpoint.layout import entry_of
from quatre.checkpoint.load import collect, open_checkpoint
from quatre.checkpoint.opened import Opened
from quatre.checkpoint.packed import ALIGNMENT, BESIDE, PACKED, PARTIAL, Entry, pack_header
from quatre.checkpoint.safetensors import weight_files
from quatre.errors import CheckpointError, ConfigError
from quatre.formats.base import Bytes, Format, StoredTensor
from quatre.formats.floats import f32_tensor
from quatre.formats.registry import BY_NAME
from quatre.formats.stack import Found, Stack
from quatre.model.table import Kind, Row
from quatre.ops.native_backend import NativeOps

log = logging.getLogger(__name__)

QUANTS = ("q8_0", "q6_k", "q5_1", "q5_0", "q4_k", "q4_1", "iq4_nl", "q4_0")
PRECISE = ("f32", "f16", "bf16", "f8_e4m3")  # what may be quantised

JOURNAL = 2  # version of its lines; those of another one are not read
CHUNK = 16 * 2**20
SAMPLES, SAMPLE = 16, 16 * 2**10  # places of a source's file that are looked at, and their bytes


@dataclass(frozen=True)
class Written:
    """A tensor that is in the file. ``error``: relative, root mean square; None if nothing was rounded."""

    name: str
    format: str
    nbytes: int
    error: float | None
    number: int
    count: int
    total_bytes: int


class _Done(NamedTuple):
    """What the journal keeps of a tensor that is in the file, besides its name."""

    crc: int
    error: float | None


@dataclass(frozen=True)
class _Job:
    """A tensor to be written: the row that wants it, where it is, and in which format it will be."""

    row: Row
    tensor: Found
    entry: Entry
    quant: Format | None


def convert(
    source: Path,
    target: Path,
    ops: NativeOps,
    *,
    quant: str | None = None,
    mmproj: Path | None = None,
    report: Callable[[Written], None],
) -> Path:
    """Write ``target`` (a folder) with a packed file and the tokenizer of ``source``; returns the file.

    Lossless, unless ``quant`` names one of ``QUANTS`` for the projections that ``source`` has in 8 bits or more.
    Memory: the largest tensor, twice. CheckpointError or ConfigError for what cannot be read or written.
    """
    if quant is not None and quant not in QUANTS:
        raise ConfigError(f"quant {quant!r} is not one of {', '.join(QUANTS)}")
    opened = open_checkpoint(source, mmproj)
    if opened.panels:
        raise CheckpointError(f"{source} is packed already; convert what it was made of")
    path = target / PACKED
    if source.is_dir() and target.resolve() == source.resolve():
        raise CheckpointError(f"{target} is the source; name another folder")
    jobs, header, size = _plan(opened, BY_NAME[quant] if quant else None)
    try:
        state = _state(opened)
        target.mkdir(parents=True, exist_ok=True)
        with _alone_in(target):
            if path.exists():  # nobody else can write it from now on
                raise CheckpointError(f"{path} exists; remove it, or name another folder")
            _check_space(target, size)
            _write(target, ops, jobs, header, size, state, report)
            if _state(opened) != state:
                raise CheckpointError(f"{source} changed while it was converted; convert it again")
            _copy_small_files(source, target)
            os.replace(target / f"{PACKED}{PARTIAL}", path)
            (target / f"{PACKED}.journal").unlink(missing_ok=True)
    except OSError as error:
        raise CheckpointError(f"{target} cannot be written: {error.strerror or error}") from error
    return path


# -- The plan ------------------------------------------------------------------------------------------------------


def _plan(opened: Opened, quant: Format | None) -> tuple[list[_Job], dict[str, Any], int]:
    """All tensors with their places, the header with checksums of zero, and the size of the file."""
    jobs, stored = [], collect(opened)
    for row, tensor in stored:
        assert isinstance(tensor, StoredTensor | Stack)
        chosen = quant if quant is not None and _is_quantised(row, tensor, quant) else None
        jobs.append(_Job(row, tensor, entry_of(row, tensor, chosen), chosen))
    if quant is not None:
        kept = sum(_is_projection(job.row) and _is_precise(job.tensor) and job.quant is None for job in jobs)
        if kept:
            log.warning(
                "%d projections keep their numbers: rows must be whole groups of %d for %s",
                kept,
                quant.group,
                quant.name,
            )
    header = {
        "source": opened.source,
        "origin": _origin(opened),
        "vision": opened.vision is not None,
        "tied_head": len({id(tensor) for _, tensor in stored}) < len(stored),
        "end_ids": sorted(opened.end_ids),
        "header": dict(opened.header),
    }
    at = len(pack_header(_with_tensors(header, jobs), 0)) + 64 * len(jobs)  # offsets below are longer than zero
    placed = []
    for job in jobs:
        at = -(-at // ALIGNMENT) * ALIGNMENT
        placed.append(replace(job, entry=replace(job.entry, offset=at)))
        at += job.entry.nbytes
    return placed, header, -(-at // ALIGNMENT) * ALIGNMENT


def _with_tensors(header: dict[str, Any], jobs: list[_Job], crcs: dict[str, int] | None = None) -> dict[str, Any]:
    entries = [replace(job.entry, crc32=(crcs or {}).get(job.entry.name, 0)) for job in jobs]
    return header | {"tensors": {entry.name: entry.as_json() for entry in entries}}


def _is_quantised(row: Row, tensor: Found, quant: Format) -> bool:
    first = tensor.parts[0] if isinstance(tensor, Stack) else tensor
    fits = row.shape[-1] % quant.group == 0 and not first.transposed
    return _is_projection(row) and _is_precise(tensor) and fits


def _is_precise(tensor: Found) -> bool:
    first = tensor.parts[0] if isinstance(tensor, Stack) else tensor
    return first.format.name in PRECISE


def _is_projection(row: Row) -> bool:
    """Of a layer of the decoder; not its router, which decides, nor the head, whose errors nothing averages out."""
    return row.kind is Kind.MATRIX and row.name.startswith("layers.") and not row.name.endswith(".gate")


def _origin(opened: Opened) -> dict[str, Any]:
    """What the file was made of, for whoever finds it later."""
    return {"name": opened.path.name, "files": [[file.name, file.stat().st_size] for file in _files(opened)]}


def _files(opened: Opened) -> list[Path]:
    """The files of the form that is read; others in the folder may come and go."""
    if opened.path.is_file():
        files = parts_beside(opened.path)
    else:
        files = weight_files(opened.path, native=opened.source == "native")
    return [*files, opened.encoder] if opened.encoder is not None else files


def _state(opened: Opened) -> list[Any]:
    """Tells whether the source is still the one that a conversion began with.

    Names and sizes are those of every other fine-tuning of the model, and times those of every file that came out of
    the same archive; so some of the numbers count, too.
    """
    return [[file.stat().st_mtime_ns, _sample(file)] for file in _files(opened)]


def _sample(path: Path) -> int:
    crc, step = 0, path.stat().st_size // SAMPLES
    with path.open("rb") as file:
        for place in range(SAMPLES):
            file.seek(place * step)
            crc = zlib.crc32(file.read(SAMPLE), crc)
    return crc


def _check_space(target: Path, size: int) -> None:
    partial = target / f"{PACKED}{PARTIAL}"
    needed = size - (partial.stat().st_blocks * 512 if partial.exists() else 0)
    free = shutil.disk_usage(target).free
    if needed > free:
        raise CheckpointError(f"{target} has {free / 1e9:.1f} GB left, but {needed / 1e9:.1f} GB more are needed")


# -- Writing -------------------------------------------------------------------------------------------------------


@contextmanager
def _alone_in(target: Path) -> Iterator[None]:
    """Nobody else may write here meanwhile: two conversions would mix their bytes in one file."""
    descriptor = os.open(target, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno == errno.EWOULDBLOCK:
                raise CheckpointError(f"another conversion writes to {target}; wait for it") from error
            # Not every network file system can lock a folder; then whoever starts two is not protected.
        yield
    finally:
        os.close(descriptor)


def _write(
    target: Path,
    ops: NativeOps,
    jobs: list[_Job],
    header: dict[str, Any],
    size: int,
    state: list[Any],
    report: Callable[[Written], None],
) -> None:
    plan = zlib.crc32(json.dumps([JOURNAL, state, _with_tensors(header, jobs)], sort_keys=True).encode())
    partial, told = target / f"{PACKED}{PARTIAL}", target / f"{PACKED}.journal"
    done = _done(told, plan) if partial.exists() else {}
    _begin_journal(told, plan, done)
    with partial.open("r+b" if done else "w+b") as file, told.open("a") as journal:
        file.truncate(size)
        for number, job in enumerate(jobs, 1):
            name = job.entry.name
            if name not in done:
                data, error = _bytes_of(job, ops)
                done[name] = _Done(_put(file.fileno(), job.entry, data), error)
                os.fdatasync(file.fileno())  # before the journal says so
                journal.write(json.dumps([name, *done[name]]) + "\n")
                journal.flush()
                _release(job.tensor)
            report(Written(name, job.entry.format, job.entry.nbytes, done[name].error, number, len(jobs), size))
        file.seek(0)
        file.write(pack_header(_with_tensors(header, jobs, {name: each.crc for name, each in done.items()}), size))
        file.flush()
        os.fsync(file.fileno())


def _done(journal: Path, plan: int) -> dict[str, _Done]:
    """What the journal says of the tensors that an earlier run of the same plan wrote, by name."""
    lines: list[Any] = []
    try:
        for line in journal.read_text().splitlines():
            lines.append(json.loads(line))
    except (OSError, ValueError):  # there is none, or its last line was cut off
        pass
    return {name: _Done(crc, error) for name, crc, error in lines[1:]} if lines and lines[0] == [plan] else {}


def _begin_journal(journal: Path, plan: int, done: dict[str, _Done]) -> None:
    """Write what is known, at once: whoever is stopped soon after going on must not lose it."""
    lines: list[list[Any]] = [[plan], *([name, *each] for name, each in done.items())]
    fresh = journal.with_name(f"{journal.name}.new")
    fresh.write_text("".join(json.dumps(line) + "\n" for line in lines))
    fresh.replace(journal)


def _put(fd: int, entry: Entry, data: Bytes) -> int:
    """Write the tensor at its place; its checksum."""
    if data.nbytes != entry.nbytes:
        raise AssertionError(f"{entry.name}: {data.nbytes} bytes, planned {entry.nbytes}")
    crc, view = 0, data.data
    for start in range(0, entry.nbytes, CHUNK):
        piece = view[start : start + CHUNK]
        crc = zlib.crc32(piece, crc)
        while piece:
            written = os.pwrite(fd, piece, entry.offset + start)
            start, piece = start + written, piece[written:]
    return crc


def _bytes_of(job: _Job, ops: NativeOps) -> tuple[Bytes, float | None]:
    """The tensor as the file has it, and the error if it was rounded."""
    error = None
    if job.quant is not None:
        tensor, error = _quantised(job.tensor, job.quant)
    else:
        tensor = job.tensor.join() if isinstance(job.tensor, Stack) else job.tensor
    if not job.entry.panels:
        if tensor.format.name != job.entry.format or tensor.scales is not None or tensor.transposed:
            tensor = f32_tensor(tensor.name, tensor.decode())
        return np.ascontiguousarray(tensor.data).reshape(-1), error
    if job.entry.transposed:
        tensor = tensor.swapped()
    return ops.matrix(tensor).panels, error


def _quantised(tensor: Found, quant: Format) -> tuple[StoredTensor, float]:
    """The nearest numbers in another format, matrix by matrix, and the relative root mean square error."""
    assert quant.encode is not None
    if isinstance(tensor, Stack):
        matrices: list[StoredTensor] = list(tensor.parts)
    else:
        matrices = [tensor[i] for i in range(tensor.shape[0])] if len(tensor.shape) == 3 else [tensor]
    data = np.empty((len(matrices), matrices[0].shape[0], quant.row_bytes(matrices[0].shape[1])), np.uint8)
    wrong = whole = 0.0
    for i, matrix in enumerate(matrices):
        numbers = matrix.decode()
        data[i] = quant.encode(numbers)
        off = quant.decode(data[i]) - numbers
        wrong += float(np.vdot(off, off))
        whole += float(np.vdot(numbers, numbers))
    data = data if len(tensor.shape) == 3 else data[0]
    return StoredTensor(tensor.name, quant, data), (wrong / whole) ** 0.5 if whole else 0.0


def _release(tensor: Found) -> None:
    for part in tensor.parts if isinstance(tensor, Stack) else (tensor,):
        release(part.data)


def _copy_small_files(source: Path, target: Path) -> None:
    """From the folder of the weights; for GGUF files in a folder of one quantisation also from the one above."""
    for folder in reversed(folders_beside(source)):
        for name in BESIDE if folder == source else ("tekken.json",):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, target / name)
