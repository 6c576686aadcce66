"""/v1/batches: begin, list, look at and cancel batches, as OpenAI's clients do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from quatre.errors import RequestError
from quatre.server.batches import Batches
from quatre.server.fields import Fields, Label, only
from quatre.server.middleware import owner
from quatre.server.paging import Limit, page

router = APIRouter()


class BatchRequest(Fields):
    """The body of POST /v1/batches. Nothing expires here, so the window says nothing."""

    endpoint: Literal["/v1/chat/completions", "/v1/completions", "/v1/responses"]
    input_file_id: Label
    completion_window: Literal["24h"]
    metadata: Annotated[dict[Label, Label], Field(max_length=16)] | None = None
    output_expires_after: Annotated[Any, only()] = None


@router.post("/v1/batches")
async def create(body: BatchRequest, request: Request) -> dict[str, Any]:
    """Answer every request of a file, when there is time."""
    batches = _batches_of(request)
    file = batches.files.find(body.input_file_id, owner(), "input_file_id")
    if file.purpose != "batch":
        raise RequestError("input_file_id must be a file that was uploaded for a batch", param="input_file_id")
    return batches.create(body.endpoint, file, body.metadata).body()


@router.get("/v1/batches")
async def batches(request: Request, limit: Limit = 20, after: Annotated[str | None, Query()] = None) -> dict[str, Any]:
    """The batches that are known, the newest first."""
    return page([batch.body() for batch in _batches_of(request).all_of(owner())], limit, after)


@router.get("/v1/batches/{batch_id}")
async def batch(batch_id: str, request: Request) -> dict[str, Any]:
    """One of them, with how far it is."""
    return _batches_of(request).find(batch_id, owner()).body()


@router.post("/v1/batches/{batch_id}/cancel")
async def cancel(batch_id: str, request: Request) -> dict[str, Any]:
    """Stop it; what has been answered is kept."""
    batches = _batches_of(request)
    found = batches.find(batch_id, owner())
    batches.cancel(found)
    return found.body()


def _batches_of(request: Request) -> Batches:
    batches: Batches | None = request.app.state.batches
    if batches is None:
        raise RequestError("this server keeps no batches; start it with --files-dir", code="files_disabled")
    return batches
