"""/v1/files: upload, list, look at, fetch and delete files, as OpenAI's clients do for batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from quatre.errors import RequestError
from quatre.server.batches import Batches
from quatre.server.file_store import FileStore
from quatre.server.middleware import owner
from quatre.server.paging import Limit, page
from quatre.server.service import service_of

router = APIRouter()

LONGEST_NAME = 255
UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "purpose"],
                "properties": {"file": {"type": "string", "format": "binary"}, "purpose": {"enum": ["batch"]}},
            }
        }
    },
}


@router.post("/v1/files", openapi_extra={"requestBody": UPLOAD})
async def upload(request: Request) -> dict[str, Any]:
    """Keep a file of requests (JSON Lines) for a batch."""
    store = _store_of(request)
    _check_page(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RequestError("send the file as multipart/form-data with the parts file and purpose", param="file")
    try:
        async with request.form(max_files=1, max_fields=8, max_part_size=4096) as form:
            return await _keep(store, form.multi_items())
    except HTTPException as error:
        if error.status_code != 400:
            raise
        raise RequestError(f"the form cannot be read: {str(error.detail)[:100]}", param="file") from error


def _check_page(request: Request) -> None:
    """Browsers let any web page send a form anywhere, a server on this machine included; JSON they do not."""
    origin, allowed = request.headers.get("origin"), service_of(request).config.allowed_origins
    own = (origin or "").partition("://")[2] == request.headers.get("host")
    if origin is not None and not own and origin not in allowed and "*" not in allowed:
        raise RequestError("this web page may not upload files here; see --allowed-origins", param="origin")


async def _keep(store: FileStore, parts: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(parts)
    file, purpose = fields.get("file"), fields.get("purpose")
    if any(name.startswith("expires_after") for name in fields):
        raise RequestError("expires_after: not supported here; leave it out", param="expires_after")
    if purpose != "batch":
        raise RequestError("purpose must be batch; files have no other use here", param="purpose")
    if not isinstance(file, UploadFile):
        raise RequestError("the form has no part file with a file in it", param="file")
    name = "".join(letter for letter in file.filename or "file" if letter.isprintable())[-LONGEST_NAME:]
    return (await asyncio.to_thread(store.add, file.file, name, "batch", owner())).body()


@router.get("/v1/files")
async def files(
    request: Request, purpose: str | None = None, limit: Limit = 100, after: Annotated[str | None, Query()] = None
) -> dict[str, Any]:
    """The files that were uploaded and made, the newest first."""
    found = _store_of(request).all_of(owner())
    return page([file.body() for file in found if purpose in (None, file.purpose)], limit, after)


@router.get("/v1/files/{file_id}")
async def file(file_id: str, request: Request) -> dict[str, Any]:
    """One of them."""
    return _store_of(request).find(file_id, owner()).body()


@router.get("/v1/files/{file_id}/content", response_class=FileResponse)
async def content(file_id: str, request: Request) -> FileResponse:
    """What is in it."""
    store = _store_of(request)
    return FileResponse(store.path(store.find(file_id, owner()).id), media_type="application/jsonl")


@router.delete("/v1/files/{file_id}")
async def delete(file_id: str, request: Request) -> dict[str, Any]:
    """Forget it, unless a batch is reading it."""
    store = _store_of(request)
    batches: Batches = request.app.state.batches
    store.find(file_id, owner())
    if batches.uses(file_id):
        raise RequestError("a batch that is not complete reads this file; cancel it first", param="file_id")
    await asyncio.to_thread(store.delete, file_id, owner())
    return {"id": file_id, "object": "file", "deleted": True}


def _store_of(request: Request) -> FileStore:
    batches: Batches | None = request.app.state.batches
    if batches is None:
        raise RequestError("this server keeps no files; start it with --files-dir", code="files_disabled")
    return batches.files
