"""Safetensors files, single or sharded, as named views.

A reader of our own instead of the ``safetensors`` package's, because tensors must stay views of the mapped file in
their stored type (bf16 and fp8 have no NumPy dtype); the package is the oracle in the tests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeGuard

from quatre.checkpoint.files import MappedFile, is_name
from quatre.checkpoint.jsonfile import MOST_BYTES, parse_object, read_object
from quatre.errors import CheckpointError
from quatre.formats.base import Format, StoredTensor
from quatre.formats.floats import BF16, F8_E4M3, F16, F32, U8

FORMATS = {"F32": F32, "F16": F16, "BF16": BF16, "F8_E4M3": F8_E4M3, "U8": U8}
OTHER_CODES = ("F8_E5M2", "F8_E8M0", "F4", "I8", "I32")  # how quantised checkpoints that are not read store theirs

MOST_DIMENSIONS = 8
MOST_SIZE = 2**62
SHARD = re.compile(r"[\w.-]{1,200}\.safetensors", re.ASCII)
PART = re.compile(r"(?P<stem>[\w.-]{1,150})-(?P<number>\d{5})-of-(?P<count>\d{5})\.safetensors", re.ASCII)
MOST_PARTS = 1000
INDEX = "model.safetensors.index.json"
NATIVE = "consolidated"  # what the names of files in Mistral's own form begin with
NATIVE_INDEX = f"{NATIVE}.safetensors.index.json"


def weight_files(folder: Path, *, native: bool = False) -> list[Path]:
    """The safetensors files of the Hugging Face form, or those of Mistral's own."""
    files = [file for file in folder.glob("*.safetensors") if not file.name.startswith(".")]
    return sorted(file for file in files if file.name.startswith(NATIVE) is native)


def missing_files(folder: Path, *, native: bool = False) -> list[str]:
    """Names of files of one form that should be there: those that its index names, or the other parts of those with
    numbers. Nothing is missed of a form of which nothing is there.
    """
    index = folder / (NATIVE_INDEX if native else INDEX)
    files = weight_files(folder, native=native)
    return _absent(folder, indexed_files(index) if index.exists() else _parts(files))


def indexed_files(index: Path) -> list[str]:
    """The files that an index names. CheckpointError if it is damaged, or names one that is not beside it."""
    return _shards(index, _places(index))


def read_folder(folder: Path, *, native: bool = False) -> dict[str, StoredTensor]:
    """Every tensor of one form. Where files disagree, the index decides; without an index they must not."""
    index = folder / (NATIVE_INDEX if native else INDEX)
    if index.exists():
        return _read_sharded(index)
    files = weight_files(folder, native=native)
    if missing := _absent(folder, _parts(files)):
        raise CheckpointError(f"{folder} lacks {_some(missing)}; the download is incomplete")
    tensors: dict[str, StoredTensor] = {}
    for path in files:
        for name, tensor in read_file(path).items():
            if name in tensors:
                raise CheckpointError(f"{folder}: tensor {name} is in two files and there is no {index.name} to choose")
            tensors[name] = tensor
    return tensors


def _read_sharded(index: Path) -> dict[str, StoredTensor]:
    places = _places(index)
    files = _shards(index, places)
    if missing := _absent(index.parent, files):
        raise CheckpointError(
            f"{index.parent} lacks {_some(missing)}, which {index.name} names; the download is incomplete"
        )
    shards = {file: read_file(index.parent / file) for file in files}
    for name, file in places.items():
        if name not in shards[file]:
            raise CheckpointError(f"{index.parent}: {file} lacks the tensor {name[:80]!r} that {index.name} promises")
    everything = {name: tensor for shard in shards.values() for name, tensor in shard.items()}
    return everything | {name: shards[file][name] for name, file in places.items()}


def _places(index: Path) -> dict[str, str]:
    """Tensor names → file names."""
    places = read_object(index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()):
        raise CheckpointError(f"{index}: weight_map must be an object that maps tensor names to file names")
    return places


def _shards(index: Path, places: dict[str, str]) -> list[str]:
    files = sorted(set(places.values()))
    for file in files:
        if not SHARD.fullmatch(file):
            raise CheckpointError(f"{index} names the file {file[:80]!r}, which is not a .safetensors file beside it")
    return files


def _parts(files: list[Path]) -> list[str]:
    """The names of all parts of which some are among ``files``, as ``model-00002-of-00003.safetensors``."""
    numbers: dict[tuple[str, str], set[int]] = {}
    for match in filter(None, (PART.fullmatch(file.name) for file in files)):
        numbers.setdefault((match["stem"], match["count"]), set()).add(int(match["number"]))
    names = []
    for (stem, count), found in numbers.items():
        first = 0 if 0 in found else 1  # some count from zero
        every = range(first, first + min(int(count), MOST_PARTS))
        names += [f"{stem}-{number:05}-of-{count}.safetensors" for number in every]
    return names


def _absent(folder: Path, names: list[str]) -> list[str]:
    return [name for name in names if not (folder / name).exists()]


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more files" if len(names) > 3 else "")


def read_file(path: Path) -> dict[str, StoredTensor]:
    """The tensors of one file, by name."""
    file = MappedFile(path)
    size = int.from_bytes(file.slice(0, 8, "the header's length").tobytes(), "little")
    if size > MOST_BYTES:
        raise CheckpointError(f"{path} is not a safetensors file: its header claims {size} bytes")
    header = parse_object(file.slice(8, size, "the header").tobytes(), path)
    header.pop("__metadata__", None)
    tensors = {name: _tensor(file, 8 + size, name, entry) for name, entry in header.items()}
    _check_layout(path, header, len(file) - 8 - size)
    return tensors


def _tensor(file: MappedFile, start: int, name: str, entry: Any) -> StoredTensor:
    if not is_name(name):
        raise CheckpointError(f"{file.path} is damaged: {name[:80]!r} cannot be the name of a tensor")
    where = f"{file.path}, tensor {name}"
    if not isinstance(entry, dict):
        raise CheckpointError(f"{where}: the header entry is not an object")
    fmt = _format(where, entry.get("dtype"))
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not _are_sizes(shape) or len(shape) > MOST_DIMENSIONS:
        raise CheckpointError(f"{where}: the shape is not a list of sizes")
    if not _are_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise CheckpointError(f"{where}: data_offsets are not a range")
    data = file.slice(start + offsets[0], offsets[1] - offsets[0], f"tensor {name}")
    return StoredTensor.from_buffer(f"{name} of {file.path}", fmt, tuple(shape), data)


def _format(where: str, dtype: Any) -> Format:
    if isinstance(dtype, str) and dtype in FORMATS:
        return FORMATS[dtype]
    if dtype in OTHER_CODES:
        raise CheckpointError(
            f"{where} is stored as {dtype}, a way of quantising that cannot be read; "
            "use the FP8, NVFP4 or bf16 form of the model or a GGUF file"
        )
    raise CheckpointError(f"{where} is stored as {str(dtype)[:40]!r}; readable are {', '.join(FORMATS)}")


def _are_sizes(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(
        isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= MOST_SIZE for v in values
    )


def _check_layout(path: Path, header: dict[str, Any], size: int) -> None:
    """The format allows no gaps and no overlaps, so a damaged header shows here."""
    end = 0
    for low, high in sorted(entry["data_offsets"] for entry in header.values()):
        if low != end:
            raise CheckpointError(f"{path} is damaged: tensors overlap or leave a gap at byte {min(low, end)}")
        end = high
    if end != size:
        raise CheckpointError(f"{path} is truncated or damaged: tensors need {end} bytes, but {size} follow the header")
