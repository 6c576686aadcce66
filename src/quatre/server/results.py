"""The output file of a batch: whole lines only, each on the disk before it counts as done."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from quatre.errors import ConfigError


class ResultFile:
    """Opens the file for this run alone and finds out what is in it. ``done`` holds the ids of its lines.

    A last line without its line break was cut off when an earlier run was killed; it is removed. ConfigError if the
    file cannot be written, belongs to another run that is going on, or holds something else than results.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._door = Lock()
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is no file; a batch can only go on where there is one")
        try:
            is_new = not path.exists()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            if is_new:
                sync_folder(path.resolve().parent)  # or the name itself may be lost with the power
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror}") from error
        try:
            self._lock()
            self.done = self._recover()
        except BaseException:
            self.close()
            raise

    def append(self, results: Sequence[dict[str, Any]]) -> None:
        """Add a line for each and wait until the disk has them."""
        # A lone surrogate, which JSON allows and UTF-8 does not, becomes the escape that JSON knows.
        texts = [json.dumps(result, ensure_ascii=False) + "\n" for result in results]
        rest = memoryview("".join(texts).encode("utf-8", "backslashreplace"))
        try:
            with self._door:
                while rest:
                    rest = rest[os.write(self._file, rest) :]
                os.fsync(self._file)
        except OSError as error:
            raise ConfigError(f"cannot write {self.path}: {error.strerror}; make room and run it again") from error
        self.done.update(result["id"] for result in results)

    def close(self) -> None:
        """Let other runs have the file. Waits for a thread that is still writing: the number may soon be another's."""
        with self._door:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(f"another run is writing to {self.path}; wait for it, or name another output") from error

    def _recover(self) -> set[str]:
        done: set[str] = set()
        whole = 0
        with open(self._file, "rb", closefd=False) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                done.add(self._id_of(line, number))
                whole += len(line)
        os.ftruncate(self._file, whole)
        return done

    def _id_of(self, line: bytes, number: int) -> str:
        try:
            name = json.loads(line)["id"]
        except (ValueError, LookupError, TypeError, RecursionError):
            name = None
        if not isinstance(name, str):
            raise ConfigError(f"line {number} of {self.path} is not the result of a batch; name another output")
        return name


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
