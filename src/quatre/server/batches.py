"""Batches that the server works on beside its other requests and behind them: one after the other, in a folder that
survives a restart, through the same code as ``quatre run-batch``."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from quatre.errors import EngineError, QuatreError, RequestError
from quatre.server.batch import BatchFile, check_results, run_batch
from quatre.server.file_store import FileStore, StoredFile, read_record, write_json
from quatre.server.middleware import CLIENT, INSIDE
from quatre.server.results import ResultFile
from quatre.server.service import LEAST_PRIORITY

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Requests of a batch that run side by side."""

PRIORITY = 1_000_000
"""Behind everybody who waits for an answer."""

MOST_LINES = 50_000
MOST_BATCHES = 1000
UNFINISHED = ("validating", "in_progress", "finalizing", "cancelling")
BATCH_ID = re.compile(r"batch_[0-9a-f]{32}")


@dataclass
class Batch:
    """What is known of one. ``owner`` as for files; ``times`` says when it got which status."""

    id: str
    endpoint: str
    input_file_id: str
    owner: str
    created_at: int
    metadata: dict[str, str] | None = None
    status: str = "validating"
    output_file_id: str | None = None
    error_file_id: str | None = None
    problem: str | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    times: dict[str, int] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """OpenAI's form."""
        times = ("in_progress", "finalizing", "completed", "failed", "cancelling", "cancelled", "expired")
        error = {"code": "invalid_input_file", "message": self.problem, "line": None, "param": "input_file_id"}
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "errors": {"object": "list", "data": [error]} if self.problem else None,
            "input_file_id": self.input_file_id,
            "completion_window": "24h",
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "expires_at": None,
            **{f"{name}_at": self.times.get(name) for name in times},
            "request_counts": {"total": self.total, "completed": self.completed, "failed": self.failed},
            "metadata": self.metadata,
        }


class Batches:
    """Belongs to the event loop, apart from the store of files."""

    def __init__(self, app: FastAPI, folder: Path) -> None:
        self.files = FileStore(folder)
        self._app = app
        self._batches: dict[str, Batch] = {}
        for path in sorted(folder.glob("batch_*.json")):
            batch = read_record(Batch, path)
            self._batches[batch.id] = batch
        self._news = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._current: tuple[Batch, asyncio.Task[None]] | None = None

    # -- What clients ask for ----------------------------------------------------------------------------------

    def create(self, endpoint: str, file: StoredFile, metadata: dict[str, str] | None) -> Batch:
        """Queue a batch. RequestError if there are too many."""
        if len(self._batches) >= MOST_BATCHES:
            done = [batch.id for batch in self._batches.values() if batch.status not in UNFINISHED]
            if not done:
                raise RequestError(f"{MOST_BATCHES} batches wait already", code="files_full")
            self._forget(done[0])
        batch = Batch(f"batch_{uuid4().hex}", endpoint, file.id, file.owner, int(time()), metadata)
        self._batches[batch.id] = batch
        self._save(batch)
        self._news.set()
        return batch

    def find(self, batch_id: str, owner: str) -> Batch:
        """RequestError (a 404) for ids that are not known to this owner."""
        batch = self._batches.get(batch_id)
        if batch is None or batch.owner != owner:
            raise RequestError(f"there is no batch {batch_id[:100]!r}", code="batch_not_found")
        return batch

    def all_of(self, owner: str) -> list[Batch]:
        """Its batches, the newest first."""
        found = [batch for batch in self._batches.values() if batch.owner == owner]
        return sorted(found, key=lambda batch: (batch.created_at, batch.id), reverse=True)

    def uses(self, file_id: str) -> bool:
        """Whether a batch still has to read the file."""
        return any(batch.input_file_id == file_id for batch in self._batches.values() if batch.status in UNFINISHED)

    def cancel(self, batch: Batch) -> None:
        """Stop it soon; what has been answered is kept. RequestError if it has ended."""
        if batch.status not in UNFINISHED:
            raise RequestError(f"the batch is {batch.status} and cannot be cancelled any more", param="batch_id")
        self._set(batch, "cancelling")
        if self._current is not None and self._current[0] is batch:
            self._current[1].cancel()
        self._news.set()

    # -- The work ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Go on with what is unfinished, now and whenever there is more."""
        self._worker = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Leave what is unfinished for the next start."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        self.files.close()

    async def _run(self) -> None:
        INSIDE.set(True)
        LEAST_PRIORITY.set(PRIORITY)
        while True:
            unfinished = [batch for batch in self._batches.values() if batch.status in UNFINISHED]
            if not unfinished:
                self._news.clear()
                await self._news.wait()
                continue
            batch = min(unfinished, key=lambda batch: (batch.created_at, batch.id))
            try:
                await self._work(batch)
            except EngineError as error:
                log.error("batches stop: %s", error)
                return
            except (QuatreError, OSError) as error:
                log.exception("batch %s failed", batch.id)
                self._fail(batch, str(error))

    async def _work(self, batch: Batch) -> None:
        CLIENT.set(batch.owner)  # so that it shares computed prefixes with nobody else, if that is asked for
        answering = asyncio.create_task(self._answer(batch))
        self._current = (batch, answering)
        try:
            if batch.status != "cancelling":
                await answering
        except asyncio.CancelledError:
            if batch.status != "cancelling":  # it is the server that stops
                raise
        finally:
            answering.cancel()
            self._current = None
        if batch.status != "failed":
            await self._finish(batch)

    def _fail(self, batch: Batch, problem: str) -> None:
        batch.problem = problem
        self._set(batch, "failed")

    async def _answer(self, batch: Batch) -> None:
        source = await asyncio.to_thread(BatchFile, self.files.path(batch.input_file_id))
        if not 0 < len(source.ids) <= MOST_LINES:
            self._fail(batch, f"the file has {len(source.ids)} requests; from 1 to {MOST_LINES} are taken")
            return
        results = await asyncio.to_thread(ResultFile, self._results(batch))
        with results:
            check_results(source, results)
            batch.total, batch.completed, batch.failed = len(source.ids), 0, 0
            for _, good in _results_in(results.path):
                batch.completed, batch.failed = batch.completed + good, batch.failed + (not good)
            self._set(batch, "in_progress")

            def count(result: dict[str, Any]) -> None:
                batch.completed += _is_good(result)
                batch.failed += not _is_good(result)

            await run_batch(self._app, source, results, at_once=AT_ONCE, on_done=count, urls=(batch.endpoint,))

    async def _finish(self, batch: Batch) -> None:
        """Give out what has been answered, as two files."""
        ended = "cancelled" if batch.status == "cancelling" else "completed"
        if ended == "completed":
            self._set(batch, "finalizing")
        batch.output_file_id, batch.error_file_id = await asyncio.to_thread(self._give_out, batch)
        self._set(batch, ended)
        self._results(batch).unlink(missing_ok=True)

    def _give_out(self, batch: Batch) -> tuple[str | None, str | None]:
        names = []
        for good, kind in ((True, "output"), (False, "error")):
            with tempfile.TemporaryFile(dir=self.files.folder) as part:
                part.writelines(line for line, is_good in _results_in(self._results(batch)) if is_good is good)
                size = part.tell()
                part.seek(0)
                name = f"{batch.id}_{kind}.jsonl"
                names.append(self.files.add(part, name, "batch_output", batch.owner).id if size else None)
        return names[0], names[1]

    # -- The folder --------------------------------------------------------------------------------------------

    def _set(self, batch: Batch, status: str) -> None:
        batch.status = status
        batch.times[status] = int(time())
        self._save(batch)

    def _save(self, batch: Batch) -> None:
        write_json(self._path(batch.id), asdict(batch))

    def _path(self, batch_id: str) -> Path:
        assert BATCH_ID.fullmatch(batch_id)
        return self.files.folder / f"{batch_id}.json"

    def _results(self, batch: Batch) -> Path:
        return self._path(batch.id).with_suffix(".results")

    def _forget(self, batch_id: str) -> None:
        del self._batches[batch_id]
        self._path(batch_id).unlink(missing_ok=True)


def _results_in(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Each line of a file of results, and whether it is an answer; none of a file that is not there."""
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                yield line, _is_good(json.loads(line))


def _is_good(result: dict[str, Any]) -> bool:
    return (result["response"] or {}).get("status_code") == 200
