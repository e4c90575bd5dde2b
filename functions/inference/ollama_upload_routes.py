"""Files of models that a browser uploads, past the size of a request: to S3 in parts, from there in the background.

Ours, beside the contract.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from functions.inference import ollama_service as service
from functions.inference import ollama_uploads as uploads
from functions.inference.ollama_pull_routes import PullProgress, shown
from shared.identity.dependencies import AdminUser

router = APIRouter(prefix="/ollama/uploads", tags=["cirrus"])
UploadId = Annotated[str, Path(max_length=2000, pattern=r"^[A-Za-z0-9_.=-]+$", description="Upload id.")]


class UploadForm(BaseModel):
    """A file that is to become a model of a server."""

    model: str = Field(min_length=1, max_length=300, description="What the model is to be called.")
    size: int = Field(ge=1, le=uploads.LARGEST, description="In bytes.")
    url_idx: int = Field(0, ge=0, description="Which server, as /ollama/config counts them.")


class Upload(BaseModel):
    """Where a file goes, and in which parts: `parts` of `part_size` bytes, the last one of what is left."""

    id: str
    part_size: int
    parts: int


class PartsForm(BaseModel):
    """Which parts are to be sent next; they count from 1."""

    first: int = Field(ge=1, le=uploads.MOST_PARTS)
    count: int = Field(ge=1, le=uploads.AT_ONCE)


class PartUrls(BaseModel):
    """Where each of the parts is PUT, for an hour. The answer's ETag is to be kept."""

    urls: list[str]


class Etags(BaseModel):
    """What each part was answered with, in order."""

    etags: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        min_length=1, max_length=uploads.MOST_PARTS
    )


@router.post("")
async def create_upload(form: UploadForm, user: AdminUser) -> Upload:
    """Begins an upload."""
    server = await service.server(form.url_idx)
    model = server.own_name(form.model.strip())
    upload = await asyncio.to_thread(uploads.begin, user.id, server.connection.url, model)
    return Upload(id=upload, part_size=uploads.PART_BYTES, parts=-(-form.size // uploads.PART_BYTES))


@router.post("/{upload_id}/parts")
def get_part_urls(upload_id: UploadId, form: PartsForm, user: AdminUser) -> PartUrls:
    """Where parts of a file are sent to."""
    return PartUrls(urls=uploads.part_urls(user.id, upload_id, form.first, form.count))


@router.post("/{upload_id}/complete")
def complete_upload(upload_id: UploadId, form: Etags, user: AdminUser) -> PullProgress:
    """Ends an upload and brings the file to its server in the background, as /ollama/pulls/{id} tells."""
    return shown(uploads.complete(user.id, upload_id, form.etags))
