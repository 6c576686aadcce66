"""Models by their id on the Hugging Face hub, ``OWNER/NAME``: which files to fetch, and where they are afterwards.

A repository may hold a model several times (both forms of safetensors, a GGUF file per quantisation); only the files of
one are fetched. What was fetched before is used without asking the hub again; :func:`pull` looks for a newer revision.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quatre.checkpoint.builtin import NANO, nano
from quatre.checkpoint.from_native import PARAMS, is_known
from quatre.checkpoint.gguf_parts import first_parts, folders_of, parts_beside
from quatre.checkpoint.load import is_complete
from quatre.checkpoint.packed import BESIDE
from quatre.checkpoint.safetensors import INDEX, NATIVE, NATIVE_INDEX, indexed_files
from quatre.errors import CheckpointError

log = logging.getLogger(__name__)

ID = re.compile(r"(?P<repo>[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95})(:(?P<variant>[\w.-]+))?(@(?P<revision>[\w./-]+))?")
PRECISIONS = ("f16", "bf16", "f32", "q8_0")  # of image encoders, as one would choose
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class ModelId:
    """``OWNER/NAME``, ``OWNER/NAME:PART-OF-A-GGUF-NAME``, either with ``@REVISION``."""

    repo: str
    variant: str | None
    revision: str | None


@dataclass(frozen=True)
class Hub:
    """``endpoint`` and ``cache`` None: those of huggingface_hub (``HF_ENDPOINT``, ``HF_HOME``)."""

    endpoint: str | None = None
    cache: Path | None = None


def model_id(text: str) -> ModelId | None:
    """What ``text`` names on the hub, or None if it is a path: one that exists, or one that no id looks like."""
    match = ID.fullmatch(text)
    if match is None or Path(text).exists():
        return None
    return ModelId(match["repo"], match["variant"], match["revision"])


def find(text: str, hub: Hub | None = None) -> Path:
    """A path as it is, and an id as the path of what was fetched before. CheckpointError if nothing was.

    ``nano`` is the built-in checkpoint, unless there is a path of this name.
    """
    wanted = model_id(text)
    if wanted is None:
        return _path(text)
    found = _known(wanted, hub or Hub())
    if found is None:
        raise CheckpointError(f"{text} is no path, and no complete model of this name was fetched: quatre pull {text}")
    return found


def find_or_pull(text: str, hub: Hub | None = None) -> Path:
    """Like :func:`find`, but fetches what is not there."""
    wanted = model_id(text)
    if wanted is None:
        return _path(text)
    return _known(wanted, hub or Hub()) or pull(text, hub)


def _path(text: str) -> Path:
    return nano() if text == NANO and not Path(text).exists() else Path(text).expanduser()


def pull(text: str, hub: Hub | None = None) -> Path:
    """Fetch a model, or what of it is missing. CheckpointError says what does not work."""
    wanted = model_id(text)
    if wanted is None:
        raise CheckpointError(f"{text!r:.200} is not the id of a model: OWNER/NAME, such as mistralai/NAME")
    hub = hub or Hub()
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE and (model := _known(wanted, hub)) is not None:
        return model
    with _one_sentence(wanted):
        info = HfApi(endpoint=hub.endpoint).model_info(wanted.repo, revision=wanted.revision, files_metadata=True)
        commit = str(info.sha)
        files = {file.rfilename: file for file in info.siblings or []}
        sizes = {name: file.size or 0 for name, file in files.items()}
        names = _choose(wanted, sizes, commit, hub)
        absent = next((name for name in names if name not in files), None)
        if absent is not None:
            raise CheckpointError(f"{wanted.repo} lacks {absent}, which its index or the number of its parts promises")
        _check_space(wanted, [files[name] for name in names], commit, hub)
        total = sum(sizes[name] for name in names)
        log.info("%s, revision %s: %d files, %.2f GB", wanted.repo, commit, len(names), total / 1e9)
        paths = [_fetch(wanted, name, commit, hub) for name in names]
    return _model_in(paths[0].parents[names[0].count("/")], names)


# -- Which files ---------------------------------------------------------------------------------------------------


def _choose(wanted: ModelId, sizes: dict[str, int], commit: str, hub: Hub) -> list[str]:
    """The files of one form, weights last. Of several the first that is whole; if none is, the first."""
    small = [name for name in BESIDE if name in sizes]
    broken: list[str] = []
    for files in () if wanted.variant else _safetensors(wanted, sizes, commit, hub):
        names = [files[0], *small, *files[1:]]
        if all(name in sizes for name in names):
            return names
        broken = broken or names
    return broken or [name for name in small if name == "tekken.json"] + _choose_gguf(wanted, sizes)


def _safetensors(wanted: ModelId, sizes: dict[str, int], commit: str, hub: Hub) -> Iterator[list[str]]:
    """The header and the weights of each form that can be read, as :mod:`quatre.checkpoint.load` prefers them."""
    tensors = [name for name in sorted(sizes) if "/" not in name and name.endswith(".safetensors")]
    native = [name for name in tensors if name.startswith(NATIVE)]
    others = [name for name in tensors if not name.startswith(NATIVE)]
    if native and PARAMS in sizes and (is_known(_fetch(wanted, PARAMS, commit, hub).parent) or not others):
        yield [PARAMS, *_indexed(wanted, NATIVE_INDEX, native, sizes, commit, hub)]
    if others and "config.json" in sizes:
        yield ["config.json", *_indexed(wanted, INDEX, others, sizes, commit, hub)]


def _indexed(wanted: ModelId, index: str, files: list[str], sizes: dict[str, int], commit: str, hub: Hub) -> list[str]:
    """The index and what it names; all files of the form if there is none. A model may lie beside its index, too, in
    one piece, or merged with an adapter.
    """
    if index not in sizes:
        return files
    return [index, *indexed_files(_fetch(wanted, index, commit, hub))]


def _choose_gguf(wanted: ModelId, sizes: dict[str, int]) -> list[str]:
    files = [Path(name) for name in sorted(sizes) if name.endswith(".gguf") and "mmproj" not in name.lower()]
    models = first_parts(files)
    chosen = [path for path in models if wanted.variant is None or wanted.variant.lower() in path.name.lower()]
    exact = [path for path in chosen if wanted.variant is not None and _variant(path) == wanted.variant.lower()]
    chosen = exact or chosen
    if len(chosen) == 1:
        return [*(str(part) for part in parts_beside(chosen[0])), *_choose_encoder(chosen[0], sizes)]
    if not models:
        raise CheckpointError(f"{wanted.repo} holds no safetensors that can be read and no GGUF files")
    names = ", ".join(path.name for path in models[:8]) + (" and more" if len(models) > 8 else "")
    raise CheckpointError(f"{wanted.repo} holds {len(models)} models; name one, as {wanted.repo}:Q4_K_M, of {names}")


def _choose_encoder(model: Path, sizes: dict[str, int]) -> list[str]:
    """The image encoder beside a GGUF model, one of them if there are several: they differ in precision only."""
    files = [Path(name) for name in sorted(sizes) if name.endswith(".gguf") and "mmproj" in name.lower()]
    found = [[file for file in files if file.parent == folder] for folder in folders_of(model)]
    beside = next(filter(None, found), [])
    wanted = [file for precision in PRECISIONS for file in beside if _variant(file) == precision]
    return [str(file) for file in (wanted or beside)[:1]]


def _variant(path: Path) -> str:
    """``Name-Q4_K_M-00001-of-00002.gguf`` → ``q4_k_m``."""
    return re.sub(r"-\d{5}-of-\d{5}$", "", path.stem).rpartition("-")[2].lower()


def _check_space(wanted: ModelId, files: list[Any], commit: str, hub: Hub) -> None:
    """``files``: as the hub describes them, with what they are called where those of all revisions lie."""
    place = _folder(wanted, hub)
    there = {path.name for path in (place / "blobs").glob("*")}
    missing = sum(
        file.size or 0
        for file in files
        if (file.lfs.sha256 if file.lfs else file.blob_id) not in there
        and _cached_file(wanted, file.rfilename, commit, hub) is None
    )
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if missing > free:
        raise CheckpointError(
            f"{wanted.repo} needs {missing / 1e9:.1f} GB more, but {place} has {free / 1e9:.1f} GB left; "
            "set HF_HOME to a larger disk"
        )


# -- What is there -------------------------------------------------------------------------------------------------


def _known(wanted: ModelId, hub: Hub) -> Path | None:
    """Like :func:`_cached`, and says which revision it is."""
    model = _cached(wanted, hub)
    if model is not None:
        log.info("%s, revision %s, fetched before", wanted.repo, next(filter(COMMIT.fullmatch, reversed(model.parts))))
    return model


def _folder(wanted: ModelId, hub: Hub) -> Path:
    """Where huggingface_hub keeps all of a repository."""
    from huggingface_hub import constants

    return (hub.cache or Path(constants.HF_HUB_CACHE)) / f"models--{wanted.repo.replace('/', '--')}"


def _cached(wanted: ModelId, hub: Hub) -> Path | None:
    """The model, if it is there and complete."""
    folder = _folder(wanted, hub)
    revision = wanted.revision or "main"
    if not COMMIT.fullmatch(revision):
        try:
            revision = (folder / "refs" / revision).read_text().strip()
        except OSError:
            return None
    snapshot = folder / "snapshots" / revision
    if not COMMIT.fullmatch(revision) or not snapshot.is_dir():
        return None
    names = [str(path.relative_to(snapshot)) for path in sorted(snapshot.rglob("*")) if path.is_file()]
    if wanted.variant is None and any(name.endswith(".safetensors") for name in names):
        return snapshot if is_complete(snapshot) else None
    try:
        names = _choose_gguf(wanted, dict.fromkeys(names, 0))
    except CheckpointError:
        return None
    return snapshot / names[0] if all((snapshot / name).exists() for name in names) else None


def _model_in(snapshot: Path, names: list[str]) -> Path:
    files = [name for name in names if name.endswith(".gguf")]
    return snapshot / files[0] if files and not any(name.endswith(".safetensors") for name in names) else snapshot


def _cached_file(wanted: ModelId, name: str, commit: str, hub: Hub) -> str | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(wanted.repo, name, cache_dir=hub.cache, revision=commit)
    return found if isinstance(found, str) else None


def _fetch(wanted: ModelId, name: str, commit: str, hub: Hub) -> Path:
    from huggingface_hub import hf_hub_download

    revision = wanted.revision or "main"  # by its name, so that the cache knows what it stands for now
    path: Any = hf_hub_download(wanted.repo, name, revision=revision, cache_dir=hub.cache, endpoint=hub.endpoint)
    if commit not in Path(path).parts:
        raise CheckpointError(f"{wanted.repo} changed while it was fetched; fetch it again")
    return Path(path)


@contextmanager
def _one_sentence(wanted: ModelId) -> Iterator[None]:
    """huggingface_hub's many exceptions → CheckpointError."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise CheckpointError(
            f"{wanted.repo} asks for consent: accept its terms on the hub, then log in with hf auth login"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise CheckpointError(f"{wanted.repo} has no revision {wanted.revision}") from error
    except errors.RepositoryNotFoundError as error:
        raise CheckpointError(
            f"there is no path {wanted.repo}, and the hub has no model of this name, or none that you may see; "
            "private ones need hf auth login"
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise CheckpointError(f"{wanted.repo} was not fetched yet, and HF_HUB_OFFLINE forbids to ask for it") from error
    except CheckpointError:
        raise
    except Exception as error:  # of three HTTP libraries, by version
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise CheckpointError(
            f"there is no path {wanted.repo}, and the model could not be fetched from the hub: {reason}"
        ) from error
