"""A path → a loaded model: which files, which family, which tensors. Decided by content, never by folder names."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quatre.checkpoint.gguf import is_gguf, read_gguf
from quatre.checkpoint.jsonfile import read_object
from quatre.checkpoint.safetensors import read_folder
from quatre.errors import CheckpointError
from quatre.formats.base import StoredTensor
from quatre.model.decoder import Decoder, Family
from quatre.model.header import Header
from quatre.model.registry import FAMILIES
from quatre.model.table import Kind, Row, Source
from quatre.ops.interface import Ops, Weight

log = logging.getLogger(__name__)

# Where the decoder of a Hugging Face checkpoint may stand, and its head with it (model.md 3.1).
HF_PREFIXES = {
    "model.": "",
    "model.language_model.": "",
    "language_model.model.": "language_model.",
    "": "",
}
NOT_THE_DECODER = (
    "vision_tower.",
    "multi_modal_projector.",
    "model.vision_tower.",
    "model.multi_modal_projector.",
    "vision_encoder.",
)
DERIVED = ("rotary_emb.inv_freq",)  # old checkpoints store what the header says anyway

PICKLED = ("*.bin", "*.pt", "*.pth")


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose header is read and whose tensors are mapped, but not yet prepared by a back end."""

    path: Path
    source: str  # "hf" or "gguf"
    family: Family
    config: Any
    tensors: Mapping[str, StoredTensor]
    prefix: tuple[str, str] = ("", "")  # of the decoder's tensors and of its head, in Hugging Face files
    gguf_metadata: Mapping[str, Any] | None = None
    end_ids: frozenset[int] = field(default_factory=frozenset)

    def find(self, row: Row) -> StoredTensor | None:
        """The tensor of a row, cut to its shape, or None if the file does not have it."""
        for source in row.hf if self.source == "hf" else row.gguf:
            tensor = self.tensors.get(self.stored_name(source))
            if tensor is not None:
                return row.check(source.cut(tensor))
        return None

    def stored_name(self, source: Source) -> str:
        """The full name that a source has in this file."""
        decoder, head = self.prefix
        return head + source.name[1:] if source.name.startswith("/") else decoder + source.name


@dataclass(frozen=True)
class LoadedModel:
    """A decoder ready to run, and what the tokenizer needs to know of its checkpoint.

    ``end_ids``: tokens that end a text, as the checkpoint's header gives them. ``nbytes``: size of the stored weights.
    """

    model: Decoder
    config: Any
    family: str
    source: str
    path: Path
    gguf_metadata: Mapping[str, Any] | None
    end_ids: frozenset[int]
    nbytes: int


def load(path: str | Path, ops: Ops) -> LoadedModel:
    """Open a checkpoint and prepare its weights for a back end. CheckpointError or ConfigError in one sentence."""
    opened = open_checkpoint(Path(path))
    weights, nbytes = _prepare(opened, ops)
    model = opened.family.build(opened.config, weights, ops)
    return LoadedModel(
        model=model,
        config=opened.config,
        family=opened.family.name,
        source=opened.source,
        path=opened.path,
        gguf_metadata=opened.gguf_metadata,
        end_ids=opened.end_ids,
        nbytes=nbytes,
    )


def open_checkpoint(path: Path) -> Opened:
    """Find out what ``path`` is and read its header."""
    if not path.exists():
        raise CheckpointError(f"{path} does not exist; give a GGUF file or a folder with config.json and .safetensors")
    if path.is_file():
        return _open_gguf(path)
    if (path / "config.json").exists():
        return _open_hf(path)
    files = [file for file in sorted(path.iterdir()) if file.is_file() and is_gguf(file)]
    if len(files) == 1:
        return _open_gguf(files[0])
    raise CheckpointError(_nothing_to_read(path, files))


def _nothing_to_read(path: Path, gguf_files: list[Path]) -> str:
    if gguf_files:
        return (
            f"{path} holds {len(gguf_files)} GGUF files; name one of them: {', '.join(f.name for f in gguf_files[:4])}"
        )
    if (path / "params.json").exists():
        return (
            f"{path} is in Mistral's native form (params.json), which cannot be read yet; use the Hugging Face form "
            "(config.json and model*.safetensors) or a GGUF file"
        )
    return f"{path} holds no checkpoint: expected config.json and .safetensors files, or a GGUF file"


# -- GGUF ----------------------------------------------------------------------------------------------------------


def _open_gguf(path: Path) -> Opened:
    if not is_gguf(path):
        raise CheckpointError(f"{path} is not a GGUF file; give a GGUF file or a folder with config.json")
    file = read_gguf(path)
    header = Header(file.metadata, str(path))
    architecture = header.text("general.architecture")
    family = _family(str(path), architecture, {name: f for f in FAMILIES for name in f.gguf_architectures})
    ends = (file.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("eos", "eot", "eom"))
    return Opened(
        path=path,
        source="gguf",
        family=family,
        config=family.config_from_gguf(header),
        tensors=file.tensors,
        gguf_metadata=file.metadata,
        end_ids=frozenset(end for end in ends if isinstance(end, int)),
    )


# -- Hugging Face folders ------------------------------------------------------------------------------------------


def _open_hf(path: Path) -> Opened:
    outer = read_object(path / "config.json")
    text = _text_config(path, outer)
    where = str(path / "config.json")
    family = _family(where, text.get("model_type"), {name: f for f in FAMILIES for name in f.hf_model_types})
    header = Header(text, where)
    config = family.config_from_hf(header)
    header.finish()
    if not any(path.glob("*.safetensors")) and any(file for pattern in PICKLED for file in path.glob(pattern)):
        raise CheckpointError(f"{path} holds pickled weights only, which are never read; convert them to safetensors")
    tensors = read_folder(path)
    return Opened(
        path=path,
        source="hf",
        family=family,
        config=config,
        tensors=tensors,
        prefix=_prefix(path, tensors),
        end_ids=_end_ids(path, outer, text),
    )


def _text_config(path: Path, outer: dict[str, Any]) -> dict[str, Any]:
    """The decoder's part of a config.json: ``text_config`` of a wrapper for images and text, or all of it."""
    text = outer.get("text_config")
    if text is None:
        text = outer
    elif not isinstance(text, dict):
        raise CheckpointError(f"{path / 'config.json'}: text_config is not an object")
    for part in (outer, text):
        if part.get("quantization_config") is not None:
            method = part["quantization_config"]
            name = method.get("quant_method") if isinstance(method, dict) else method
            raise CheckpointError(
                f"{path} is quantised ({name}), which cannot be read from this form yet; use a GGUF file"
            )
    inherited = {key: outer[key] for key in ("tie_word_embeddings",) if key in outer}
    return {"model_type": "mistral", **inherited, **text} if text is not outer else text


def _prefix(path: Path, tensors: Mapping[str, StoredTensor]) -> tuple[str, str]:
    for prefix, head in HF_PREFIXES.items():
        if f"{prefix}embed_tokens.weight" in tensors:
            found = (h for h in (head, prefix) if f"{h}lm_head.weight" in tensors)
            return prefix, next(found, head)
    raise CheckpointError(f"{path} has no tensor embed_tokens.weight under any known prefix; is it a language model?")


def _end_ids(path: Path, *configs: dict[str, Any]) -> frozenset[int]:
    generation = path / "generation_config.json"
    for config in (*([read_object(generation)] if generation.exists() else []), *configs):
        ends = config.get("eos_token_id")
        ends = ends if isinstance(ends, list) else [ends]
        if any(isinstance(end, int) for end in ends):
            return frozenset(end for end in ends if isinstance(end, int))
    return frozenset()


# -- Both ----------------------------------------------------------------------------------------------------------


def _family(where: str, announced: Any, known: dict[str, Family]) -> Family:
    if announced in known:
        return known[announced]
    raise CheckpointError(
        f"{where}: models of type {announced!r} are not supported; supported are {', '.join(sorted(known))}"
    )


def _prepare(opened: Opened, ops: Ops) -> tuple[dict[str, Weight], int]:
    """Every row of the family's table as the back end's weight."""
    prepare = {
        Kind.VECTOR: ops.vector,
        Kind.MATRIX: ops.matrix,
        Kind.TABLE: ops.table,
        Kind.HEADS: ops.head_matrix,
    }
    stored = _collect(opened)
    weights = {row.name: prepare[row.kind](tensor) for row, tensor in stored}
    return weights, sum(tensor.nbytes for _, tensor in stored)


def _collect(opened: Opened) -> list[tuple[Row, StoredTensor]]:
    """The stored tensor of every row. CheckpointError for missing ones, and for surplus ones that mean something."""
    rows = list(opened.family.table(opened.config))
    found: dict[str, StoredTensor] = {}
    missing = []
    for row in rows:
        tensor = opened.find(row)
        if tensor is None and row.tied_to is not None:
            tensor = found.get(row.tied_to)
        if tensor is not None:
            found[row.name] = tensor
        elif not row.optional:
            missing.append(opened.stored_name((row.hf if opened.source == "hf" else row.gguf)[0]))
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise CheckpointError(
            f"{opened.path} lacks the tensors {', '.join(missing[:3])}{more}; the checkpoint is incomplete"
        )
    _check_surplus(opened, rows)
    return [(row, found[row.name]) for row in rows if row.name in found]


def _check_surplus(opened: Opened, rows: list[Row]) -> None:
    sources = (source for row in rows for source in (row.hf if opened.source == "hf" else row.gguf))
    surplus = sorted(set(opened.tensors) - {opened.stored_name(source) for source in sources})
    surplus = [name for name in surplus if not name.endswith(DERIVED)]
    other = [name for name in surplus if name.startswith(NOT_THE_DECODER)]
    if other:
        log.warning("%s: the image encoder (%d tensors) is not read yet; text only", opened.path, len(other))
    unknown = [name for name in surplus if not name.startswith(NOT_THE_DECODER)]
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise CheckpointError(
            f"{opened.path} has the tensors {', '.join(unknown[:3])}{more}, which this model does not have; "
            "the header does not describe the weights"
        )
