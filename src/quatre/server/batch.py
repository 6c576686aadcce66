"""OpenAI's batch format: a file of requests → a file of answers, through the endpoints of the server itself.

A result is known by the number and the content of its line, so a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from quatre.errors import ConfigError, EngineError
from quatre.server.depth import Depth, NotReadable
from quatre.server.results import ResultFile
from quatre.server.service import Service

if TYPE_CHECKING:
    import httpx

URLS = ("/v1/chat/completions", "/v1/completions", "/v1/responses")
RETRY_S = 0.5
"""How long a request waits that the engine's queue had no place for."""

OnDone = Callable[[dict[str, Any]], None]
"""Called with each result that is on the disk."""


class LineError(Exception):
    """A line that is no request. ``code`` is a stable word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Line:
    """One line of the input; ``id`` is that of its result."""

    id: str
    data: bytes
    is_repeated: bool

    @property
    def content(self) -> Any:
        """What the line says. LineError if it is not JSON, or nested too deeply."""
        try:
            Depth().take(self.data)
            return json.loads(self.data)
        except NotReadable as error:
            raise LineError("invalid_json", f"the line {error}") from error
        except ValueError as error:
            raise LineError("invalid_json", f"the line is not JSON: {error}") from error


class BatchFile:
    """The input. Read twice, so that it never has to fit into memory. ConfigError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is no file; a batch is read twice, so put the requests into one")
        self.ids = {line.id for line in self.lines()}

    def lines(self) -> Iterator[Line]:
        """Every line that is not blank."""
        names: set[bytes] = set()
        try:
            with self.path.open("rb") as lines:
                for number, data in enumerate(lines, start=1):
                    if not data.strip():
                        continue
                    digest = sha256(data.strip())
                    name = _digest_of_name(data)
                    is_repeated = name in names
                    if name is not None:
                        names.add(name)
                    yield Line(f"batch_req_{number}_{digest.hexdigest()[:16]}", data, is_repeated)
        except OSError as error:
            raise ConfigError(f"cannot read {self.path}: {error.strerror}") from error


def _digest_of_name(data: bytes) -> bytes | None:
    """Stands for the line's ``custom_id``; None if it has none."""
    try:
        name = json.loads(data)["custom_id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return sha256(json.dumps(name).encode()).digest()[:16] if isinstance(name, str) else None


def check_results(source: BatchFile, results: ResultFile) -> None:
    """ConfigError if the output has answers to other lines than those of the input."""
    strange = results.done - source.ids
    if strange:
        raise ConfigError(
            f"{results.path} has {len(strange)} answers to requests that are not in {source.path}: "
            "name another output, or the input that they belong to"
        )


async def run_batch(
    app: FastAPI,
    source: BatchFile,
    results: ResultFile,
    *,
    at_once: int,
    on_done: OnDone,
    urls: Sequence[str] = URLS,
) -> None:
    """Answer every line that has no result yet, ``at_once`` of them side by side, and write results as they come.

    ``urls``: the endpoints that lines may name.
    A line that is wrong gets a result that says so. EngineError if the engine stops: what is unanswered stays so.
    """
    waiting = (line for line in source.lines() if line.id not in results.done)
    ready: list[dict[str, Any]] = []
    door = asyncio.Lock()
    import httpx  # a twentieth of a server's start, and most never meet a batch

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        async def work() -> None:
            for line in waiting:  # of all workers together
                ready.append(await _result_of(line, client, app.state.service, urls))
                async with door:  # results that came while the disk was busy go to it together
                    group = ready.copy()
                    ready.clear()
                    if group:
                        await asyncio.to_thread(results.append, group)
                    for result in group:
                        on_done(result)

        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(at_once):
                    workers.create_task(work())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None


async def _result_of(line: Line, client: httpx.AsyncClient, service: Service, urls: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {"id": line.id, "custom_id": None, "response": None, "error": None}
    try:
        content = line.content
        if isinstance(content, dict) and isinstance(content.get("custom_id"), str):
            result["custom_id"] = content["custom_id"]
        url, body = _request_of(line, content, service.names[0], urls)
    except LineError as error:
        return {**result, "error": {"code": error.code, "message": str(error)}}
    response = await client.post(url, content=body, headers={"content-type": "application/json"})
    while response.status_code == 503:
        await asyncio.sleep(RETRY_S)
        _check_alive(service)
        response = await client.post(url, content=body, headers={"content-type": "application/json"})
    if response.status_code >= 500:
        _check_alive(service)
    answer = {"status_code": response.status_code, "request_id": response.headers["x-request-id"]}
    return {**result, "response": {**answer, "body": response.json()}}


def _check_alive(service: Service) -> None:
    if not service.runtime.engine.alive:
        raise EngineError("The engine has stopped; run the batch again to go on where it was.")


def _request_of(line: Line, content: Any, default_model: str, urls: Sequence[str]) -> tuple[str, bytes]:
    """Address and body of the line's request. LineError says what is wrong with it."""
    if not isinstance(content, dict):
        raise LineError("invalid_request", "the line is not a JSON object")
    if not isinstance(content.get("custom_id"), str) or not content["custom_id"]:
        raise LineError("missing_custom_id", "custom_id must be a non-empty string")
    if line.is_repeated:
        raise LineError("duplicate_custom_id", "an earlier line has the same custom_id")
    if content.get("method") != "POST":
        raise LineError("invalid_method", f"method must be POST, got {content.get('method')!r:.100}")
    if content.get("url") not in urls:
        raise LineError("invalid_url", f"url must be one of {', '.join(urls)}, got {content.get('url')!r:.100}")
    body = content.get("body")
    if not isinstance(body, dict):
        raise LineError("invalid_request", "body must be a JSON object")
    if body.get("stream"):
        raise LineError("invalid_request", "stream cannot be used in a batch; leave it out")
    try:
        return content["url"], json.dumps({"model": default_model, **body}, allow_nan=False).encode()
    except ValueError as error:
        raise LineError("invalid_json", f"the body is not JSON: {error}") from error
