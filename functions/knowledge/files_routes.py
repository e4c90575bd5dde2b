"""Routes of /api/v1/files."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile

from functions.knowledge import files_service as service
from functions.knowledge.models import Done, FileModel, FileModelResponse
from shared.identity.dependencies import AdminUser, OptionalUser, VerifiedUser

router = APIRouter(prefix="/api/v1/files", tags=["files"])

Id = Annotated[str, Path(alias="id", pattern=r"^[A-Za-z0-9-]{1,64}$", description="File id.")]
REDIRECT: dict[int | str, dict[str, Any]] = {
    307: {"description": "Over Lambda's response limit: the same bytes at a presigned URL."}
}


@router.post("/", response_model=FileModelResponse)
def upload_file(
    identity: VerifiedUser,
    file: Annotated[UploadFile, File(description="At most 4 MB.")],
    metadata: Annotated[str | None, Form(description="A JSON object, kept under `meta.data`.")] = None,
    process: bool = True,
    process_in_background: bool = True,
) -> FileModelResponse:
    """Stores a file of the person. Images are recognised by their first bytes, whatever the request calls them."""
    return service.upload(identity, file.filename or "", file.content_type or "", file.file.read(), metadata)


@router.get("/", response_model=list[FileModelResponse])
def list_files(identity: VerifiedUser, content: bool = True) -> list[FileModelResponse]:
    """The person's files, newest first; `content=false` leaves out extracted text."""
    return service.list_files(identity, with_content=content)


@router.delete("/all", response_model=Done)
def delete_all_files(identity: AdminUser) -> Done:
    """Deletes every file on this server."""
    return service.delete_all()


@router.get("/{id}", response_model=FileModel | None)
def get_file(file_id: Id, identity: VerifiedUser) -> FileModel:
    """What is known of a file."""
    return service.get(identity, file_id)


@router.get("/{id}/content", response_class=Response, responses=REDIRECT)
def get_content(
    file_id: Id, identity: OptionalUser, attachment: Annotated[bool, Query(description="Download it.")] = False
) -> Response:
    """The file's bytes: the person's own, or an image in a chat that is shared with whoever asks."""
    return service.content(identity, file_id, attachment=attachment)


@router.get("/{id}/content/{file_name}", response_class=Response, responses=REDIRECT)
def get_named_content(file_id: Id, file_name: str, identity: OptionalUser) -> Response:
    """The file's bytes, to be downloaded; the name in the path is for the person only."""
    return service.content(identity, file_id, attachment=True)


@router.delete("/{id}", response_model=Done)
def delete_file(file_id: Id, identity: VerifiedUser) -> Done:
    """Deletes a file."""
    return service.delete(identity, file_id)
