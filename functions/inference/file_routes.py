"""How far a file is: here for the sake of its events, which only this function sends as they happen."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from functions.inference import streaming
from functions.inference.models import ProcessStatus
from shared import files
from shared.errors import NotFound
from shared.files import NO_FILE, FileItem
from shared.identity.dependencies import VerifiedUser
from shared.ingestion import state
from shared.knowledge.access import readable_files
from shared.llm.provider import Json

LOOK_SECONDS, LONGEST_SECONDS = 0.5, 600.0

router = APIRouter(prefix="/api/v1/files", tags=["files"])

Id = Annotated[str, Path(alias="id", pattern=r"^[A-Za-z0-9-]{1,64}$", description="File id.")]


@router.get("/{id}/process/status", response_model=ProcessStatus)
async def get_status(
    request: Request,
    file_id: Id,
    identity: VerifiedUser,
    stream: Annotated[bool, Query(description="As events, until it has ended or ten minutes have passed.")] = False,
) -> Any:
    """How far a file is, which the person owns or has in a knowledge base: pending, completed or failed."""
    found = await asyncio.to_thread(readable_files, identity, [file_id])
    if file_id not in found:
        raise NotFound(NO_FILE)
    item = found[file_id]
    return await streaming.stream(request, _changes(item), streaming.PROGRESS) if stream else _status(item)


def _status(item: FileItem) -> ProcessStatus:
    """One that nothing was asked of is pending (contract)."""
    told = state.contract_status(item)
    error = item.reason if told == "failed" else None
    return ProcessStatus.model_validate({"status": told or "pending", "error": error})


async def _changes(item: FileItem) -> AsyncGenerator[Json]:
    """The status, and each that follows it; `not_found` once the file is deleted."""
    loop = asyncio.get_running_loop()
    end, before = loop.time() + LONGEST_SECONDS, None
    while True:
        told = _status(item)
        if told != before:
            yield told.model_dump(exclude_none=True)
        before = told
        if told.status != "pending" or item.status is None or loop.time() > end:
            return
        await asyncio.sleep(LOOK_SECONDS)
        try:
            item = await asyncio.to_thread(files.find, item.file_id)
        except NotFound:
            yield {"status": "not_found"}
            return
