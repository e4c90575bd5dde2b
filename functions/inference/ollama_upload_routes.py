"""Files of models that a browser uploads, past the size of a request: to S3 in parts, from there in the background.

Ours, beside the contract.
"""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field

from functions.inference import ollama_service as service
from functions.inference import ollama_uploads as uploads
from functions.inference.ollama_pull_routes import PullProgress, shown
from shared.identity.dependencies import AdminUser
from shared.uploads import Etags, FileUpload, PartsForm, PartUrls, UploadId

router = APIRouter(prefix="/ollama/uploads", tags=["cirrus"])


class ModelUploadForm(BaseModel):
    """A file that is to become a model of a server."""

    model: str = Field(min_length=1, max_length=300, description="What the model is to be called.")
    size: int = Field(ge=1, le=uploads.LARGEST, description="In bytes.")
    url_idx: int = Field(0, ge=0, description="Which server, as /ollama/config counts them.")


@router.post("")
async def create_upload(form: ModelUploadForm, user: AdminUser) -> FileUpload:
    """Begins an upload."""
    server = await service.server(form.url_idx)
    model = server.own_name(form.model.strip())
    return await asyncio.to_thread(uploads.begin, user.id, server.connection.url, model, form.size)


@router.post("/{upload_id}/parts")
def get_part_urls(upload_id: UploadId, form: PartsForm, user: AdminUser) -> PartUrls:
    """Where parts of a file are sent to."""
    return uploads.part_urls(user.id, upload_id, form)


@router.post("/{upload_id}/complete")
def complete_upload(upload_id: UploadId, form: Etags, user: AdminUser) -> PullProgress:
    """Ends an upload and brings the file to its server in the background, as /ollama/pulls/{id} tells."""
    return shown(uploads.complete(user.id, upload_id, form))
