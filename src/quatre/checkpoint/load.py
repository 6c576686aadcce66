"""A path → a loaded model: which files, which family, which tensors. Decided by content, never by folder names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from quatre.checkpoint.files import POINTED, is_pointer, refuse_pointer, release
from quatre.checkpoint.from_gguf import open_gguf
from quatre.checkpoint.from_hf import open_hf
from quatre.checkpoint.from_native import is_known, open_native
from quatre.checkpoint.gguf import is_gguf
from quatre.checkpoint.gguf_parts import first_parts
from quatre.checkpoint.mmproj import is_mmproj
from quatre.checkpoint.opened import Dialect, Opened
from quatre.checkpoint.packed import PACKED, PARTIAL, is_packed, open_packed
from quatre.checkpoint.safetensors import missing_files, weight_files
from quatre.errors import CheckpointError, ConfigError
from quatre.formats.panels import PanelTensor
from quatre.formats.stack import Found, Stack
from quatre.model.decoder import Decoder
from quatre.model.pixtral import Pixtral
from quatre.model.table import Kind, Row
from quatre.ops.interface import Ops, Weight

log = logging.getLogger(__name__)

READABLE = (
    "give a GGUF file, or a folder with config.json and model*.safetensors or params.json and consolidated*.safetensors"
)
TWICE = "%s holds the weights %s; reading %s, %s"
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")

IMAGES = (
    "vision_tower.",
    "multi_modal_projector.",
    "model.vision_tower.",
    "model.multi_modal_projector.",
    "vision_encoder.",
    "vision_language_adapter.",
    "pre_mm_projector_norm.",
    "patch_merger.",
)
DRAFT = ("eagle_linear.", "eagle.")
DERIVED = ".rotary_emb.inv_freq"  # old checkpoints store what the header says anyway


Stored = list[tuple[Row, Found | PanelTensor]]


@dataclass(frozen=True)
class LoadedModel:
    """A decoder ready to run, its image encoder if it has one, and what the tokenizer needs to know of its checkpoint.

    ``end_ids``: tokens that end a text, as the checkpoint's header gives them. ``nbytes``: size of the stored weights.
    """

    model: Decoder
    vision: Pixtral | None
    config: Any
    family: str
    source: Dialect
    path: Path
    gguf_metadata: Mapping[str, Any] | None
    end_ids: frozenset[int]
    nbytes: int


def load(checkpoint: str | Path | Opened, ops: Ops, free: int | None = None) -> LoadedModel:
    """Prepare a checkpoint's weights for a back end. CheckpointError or ConfigError in one sentence.

    ``free``: bytes of memory; a line says so if the weights need more.
    """
    opened = checkpoint if isinstance(checkpoint, Opened) else open_checkpoint(Path(checkpoint))
    if opened.panels and ops.name != "native":
        raise ConfigError(f"{opened.path} is packed for the CPU kernels; the {ops.name} back end needs its source")
    stored = collect(opened)
    if ops.name == "native" and not opened.panels:
        _say_what_it_takes(opened, stored, free)
    weights = prepare(stored, ops)
    return LoadedModel(
        model=opened.family.build(opened.config, weights, ops),
        vision=None if opened.vision is None else Pixtral(opened.vision, weights, ops),
        config=opened.config,
        family=opened.family.name,
        source=opened.source,
        path=opened.path,
        gguf_metadata=opened.gguf_metadata,
        end_ids=opened.end_ids,
        nbytes=sum({id(tensor): tensor.nbytes for _, tensor in stored}.values()),  # a tied one counts once
    )


def _say_what_it_takes(opened: Opened, stored: Stored, free: int | None) -> None:
    """Before the system ends the process without a word."""
    from quatre.checkpoint.layout import nbytes_of, without_kernels

    for fmt, (before, after) in without_kernels(stored).items():
        log.warning(
            "%s: there are no kernels for %s, so its %.1f GB become %.1f GB of float32; take another quantisation",
            opened.path,
            fmt,
            before / 1e9,
            after / 1e9,
        )
    needed = sum(nbytes_of(row, tensor) for row, tensor in stored)
    if free is not None and needed > free:
        log.warning(
            "%s: its weights take %.1f GB of memory, and %.1f GB are free; packed by quatre convert they need not fit",
            opened.path,
            needed / 1e9,
            free / 1e9,
        )


# -- What the path is ----------------------------------------------------------------------------------------------


def open_checkpoint(path: Path, mmproj: Path | None = None) -> Opened:
    """Find out what ``path`` is and read its header. ``mmproj``: the image encoder of a GGUF model."""
    try:
        if path.is_dir():
            return _open_folder(path, mmproj)
        if path.exists():
            return _open_file(path, mmproj)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    raise CheckpointError(f"{path} does not exist; {READABLE}")


def _open_file(path: Path, mmproj: Path | None) -> Opened:
    if is_gguf(path):
        return open_gguf(path, mmproj)
    _refuse(mmproj, path)
    if is_packed(path):
        return open_packed(path)
    refuse_pointer(path)
    if path.suffix in PICKLED:
        raise CheckpointError(f"{path} is a pickle, which is never read; convert it to safetensors")
    if path.suffix == ".safetensors":
        raise CheckpointError(f"{path} is one file of a checkpoint; give the folder that holds it and its config.json")
    raise CheckpointError(f"{path} is not a GGUF file; {READABLE}")


def _refuse(mmproj: Path | None, path: Path) -> None:
    if mmproj is not None:
        raise ConfigError(f"--mmproj is for models in GGUF files; {path} has its image encoder in itself, if any")


@dataclass(frozen=True)
class _Form:
    """One way in which a folder holds the weights. ``files``: in words."""

    files: str
    open: Callable[[], Opened]


def _open_folder(path: Path, mmproj: Path | None) -> Opened:
    files = [file for file in sorted(path.iterdir()) if file.is_file() and is_gguf(file)]
    models = first_parts(files)
    gguf_files = [file for file in models if not is_mmproj(file)]
    forms = _forms(path)
    if not forms and len(gguf_files or models) == 1:
        return open_gguf((gguf_files or models)[0], mmproj)
    _refuse(mmproj, path)
    if not forms:
        raise CheckpointError(f"{path} {_why_nothing(path, gguf_files)}")
    others = [file.name for file in gguf_files]
    if len(others) == 1:
        forms.append(_Form(others.pop(), lambda: open_gguf(gguf_files[0])))
    return forms[0].open() if len(forms) == 1 and not others else _first_whole(path, forms, others)


def _forms(path: Path) -> list[_Form]:
    """The forms that a folder holds, a single GGUF file aside; what is read first."""
    hf = _Form("config.json and model*.safetensors", lambda: open_hf(path))
    native = _Form("params.json and consolidated*.safetensors", lambda: open_native(path))
    has_hf = bool(weight_files(path)) and (path / "config.json").exists()
    has_native = bool(weight_files(path, native=True)) and (path / "params.json").exists()
    # Mistral's own form is the original: the other's experts were rounded once more (model.md 4.1).
    pair = [native] * has_native + [hf] * has_hf
    if len(pair) == 2 and not _describes(path):
        pair.reverse()
    files = _packed_files(path)
    packed = [_Form(file.name, partial(open_packed, file)) for file in files if len(files) == 1]
    return packed + pair


def _packed_files(path: Path) -> list[Path]:
    """The packed file of a folder, whatever it is called, or those among which one would have to choose."""
    if is_packed(path / PACKED):
        return [path / PACKED]
    files = [file for file in sorted(path.iterdir()) if file.suffix != PARTIAL and file.is_file()]
    return [file for file in files if is_packed(file)]


def _describes(path: Path) -> bool:
    try:
        return is_known(path)
    except CheckpointError:
        return False


def _first_whole(path: Path, forms: list[_Form], others: list[str]) -> Opened:
    """Of several forms the first that can be read, and a line that says which it is. ``others`` are read if named."""
    problems: list[CheckpointError | ConfigError] = []
    for form in forms:
        try:
            opened = form.open()
        except (CheckpointError, ConfigError) as error:
            problems.append(error)
            continue
        rest = [other.files for other in forms if other is not form] + others
        times = "twice" if len(rest) == 1 else f"{len(rest) + 1} times"
        why = f"because {problems[0]}" if problems else f"without a need for {', '.join(rest)}"
        log.warning(TWICE, path, times, form.files, why)
        return opened
    raise problems[0]


def _why_nothing(path: Path, gguf_files: list[Path]) -> str:
    names = [file.name for file in path.iterdir()]
    pointer = next((file for file in sorted(path.iterdir()) if is_pointer(file)), None)
    if pointer is not None:
        return f"holds no weights: {POINTED.format(pointer.name)}"
    if len(packed := _packed_files(path)) > 1:
        return f"holds {len(packed)} packed files; name one of them: {', '.join(f.name for f in packed[:4])}"
    if gguf_files:
        return f"holds {len(gguf_files)} GGUF files; name one of them: {', '.join(f.name for f in gguf_files[:4])}"
    if weight_files(path):
        return "holds safetensors but no config.json, which says what they are; add it"
    if "params.json" in names:
        return "holds a params.json but no weights; add its consolidated*.safetensors"
    if any(name.startswith("consolidated") for name in names):
        return "holds consolidated weights but no params.json, which says what they are; add it"
    if any(name.endswith(PICKLED) for name in names):
        return "holds pickled weights, which are never read; convert them to safetensors"
    if "config.json" in names:
        return "holds a config.json but no weights; add its model*.safetensors"
    return f"holds no checkpoint; {READABLE}"


def is_complete(path: Path) -> bool:
    """Whether a folder has every file of a form, as far as their names tell. Says nothing and opens no weights."""
    native, hf = weight_files(path, native=True), weight_files(path)
    readable = (path / "params.json").exists() and (_describes(path) or not hf)
    try:
        if native and readable and not missing_files(path, native=True):
            return True
        return bool(hf) and (path / "config.json").exists() and not missing_files(path)
    except CheckpointError:  # a damaged index
        return False


# -- Its tensors ---------------------------------------------------------------------------------------------------


def prepare(stored: Stored, ops: Any) -> dict[str, Weight]:
    """Every row as the back end's weight; the file's pages are let go one tensor at a time."""
    prepare = {
        Kind.VECTOR: ops.vector,
        Kind.MATRIX: ops.matrix,
        Kind.TABLE: ops.table,
        Kind.HEADS: ops.head_matrix,
    }
    weights = {}
    for row, tensor in stored:
        if isinstance(tensor, Stack):
            weights[row.name] = prepare[row.kind](tensor.join())
            for part in tensor.parts:
                release(part.data)
        elif isinstance(tensor, PanelTensor):  # stays where it is
            weights[row.name] = prepare[row.kind](tensor)
        else:
            weights[row.name] = prepare[row.kind](tensor)
            release(tensor.data)
    return weights


def collect(opened: Opened) -> Stored:
    """The stored tensor of every row. CheckpointError for missing ones, and for surplus ones that mean something."""
    found: dict[str, Found | PanelTensor] = {}
    rows, missing = [], []
    for row in opened.rows():
        rows.append(row)
        tensor = opened.find(row)
        if tensor is None and row.tied_to is not None:
            tensor = found.get(row.tied_to)
        if tensor is not None:
            found[row.name] = tensor
        elif not row.optional:
            names = opened.stored_names(opened.sources(row)[0])
            missing.append(next((name for name in names if name not in opened.tensors), names[0]))
        if len(missing) > 3:  # a header may claim a billion layers: do not walk them all
            break
    if missing:
        raise CheckpointError(
            f"{opened.path} lacks the tensors {_some(missing)}; the download is incomplete, "
            "or its header describes another model"
        )
    _check_surplus(opened, rows)
    return [(row, found[row.name]) for row in rows if row.name in found]


def _check_surplus(opened: Opened, rows: list[Row]) -> None:
    known = {name for row in rows for source in opened.sources(row) for name in opened.stored_names(source)}
    # Empty ones say nothing: transformers saves shared experts without rows for a model that has none.
    full = [name for name in sorted(opened.tensors) if opened.tensors[name].nbytes]
    surplus = [name for name in full if name not in known and not name.endswith(DERIVED)]
    images = [name for name in surplus if name.startswith(IMAGES)]
    if images:
        why = opened.vision_problem or "its header does not describe it"
        log.warning("%s: the image encoder (%d tensors) is left out, text only: %s", opened.path, len(images), why)
    draft = [name for name in surplus if name.startswith(DRAFT)]
    if draft:
        log.warning("%s: the draft head (%d tensors) is not read yet", opened.path, len(draft))
    unknown = [name for name in surplus if not name.startswith(IMAGES + DRAFT)]
    if unknown:
        raise CheckpointError(
            f"{opened.path} has the tensors {_some(unknown)}, which this model does not have; "
            "the header does not describe the weights"
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
