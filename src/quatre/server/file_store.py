"""Files that clients upload and fetch, in one folder of this server's own.

Paths are made of ids that the server chose; the names that clients give are only remembered. Whoever asks with another
key sees other files.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, BinaryIO, TypeVar
from uuid import uuid4

from quatre.errors import ConfigError, RequestError
from quatre.server.results import sync_folder

MOST_FILE_BYTES = 200 << 20
MOST_FILES = 2000
MOST_BYTES = 16 << 30
FILE_ID = re.compile(r"file-[0-9a-f]{32}")


Record = TypeVar("Record")


@dataclass(frozen=True)
class StoredFile:
    """``owner``: a mark of the key that it was uploaded with, empty on a server without keys."""

    id: str
    bytes: int
    created_at: int
    filename: str
    purpose: str
    owner: str

    def body(self) -> dict[str, Any]:
        """OpenAI's form."""
        fields = asdict(self)
        del fields["owner"]
        return {**fields, "object": "file", "status": "processed"}


class FileStore:
    """Used by one server at a time. ConfigError if the folder cannot be used. Methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._door = Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(f"cannot keep files in {folder}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise ConfigError(f"another server keeps its files in {folder}; name another --files-dir") from error
        try:
            read = [read_record(StoredFile, path) for path in folder.glob("file-*.json")]
        except ConfigError:
            os.close(self._lock)
            raise
        self._files = {file.id: file for file in read if self.path(file.id).exists()}

    def add(self, source: BinaryIO, filename: str, purpose: str, owner: str) -> StoredFile:
        """Keep all of ``source``. RequestError if there is too much of it, or too many files already."""
        with self._door:
            if len(self._files) >= MOST_FILES or sum(file.bytes for file in self._files.values()) >= MOST_BYTES:
                raise RequestError("this server keeps no more files; delete some", param="file", code="files_full")
        file_id = f"file-{uuid4().hex}"
        part = self.folder / f"{file_id}.part"
        try:
            with part.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            part.rename(self.path(file_id))
        finally:
            part.unlink(missing_ok=True)
        size = self.path(file_id).stat().st_size
        file = StoredFile(file_id, size, int(time()), filename, purpose, owner)
        write_json(self.folder / f"{file_id}.json", asdict(file))
        with self._door:
            self._files[file_id] = file
        return file

    def find(self, file_id: str, owner: str, param: str | None = None) -> StoredFile:
        """RequestError (a 404 where the id is the address) for ids that are not known to this owner."""
        file = self._files.get(file_id)
        if file is None or file.owner != owner:
            code = "file_not_found" if param is None else None
            raise RequestError(f"there is no file {file_id[:100]!r}", param=param, code=code)
        return file

    def path(self, file_id: str) -> Path:
        """Where the content is. Only ever called with an id that the server chose."""
        assert FILE_ID.fullmatch(file_id)
        return self.folder / f"{file_id}.jsonl"

    def all_of(self, owner: str) -> list[StoredFile]:
        """Its files, the newest first."""
        files = [file for file in list(self._files.values()) if file.owner == owner]
        return sorted(files, key=lambda file: (file.created_at, file.id), reverse=True)

    def delete(self, file_id: str, owner: str) -> None:
        """Forget it. RequestError as above."""
        file = self.find(file_id, owner)
        with self._door:
            self._files.pop(file.id, None)
        (self.folder / f"{file.id}.json").unlink(missing_ok=True)
        self.path(file.id).unlink(missing_ok=True)

    def close(self) -> None:
        """Let another server have the folder."""
        os.close(self._lock)


def read_record(kind: type[Record], path: Path) -> Record:
    """What :func:`write_json` wrote of a dataclass with an id. ConfigError if it is something else."""
    try:
        record = kind(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read; remove it, or name another --files-dir") from error
    if getattr(record, "id", None) != path.stem:
        raise ConfigError(f"{path} is not a file of this server; remove it, or name another --files-dir")
    return record


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and on the disk before it returns."""
    part = path.with_suffix(".part")
    with part.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
