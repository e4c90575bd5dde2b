"""Routes of /api/v1/files."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile

from functions.knowledge import file_text, file_uploads
from functions.knowledge import files_service as service
from functions.knowledge.models import (
    ContentForm,
    Done,
    FileContent,
    FileModel,
    FileModelResponse,
    FileSegments,
    FileUploadForm,
)
from shared import delivery
from shared.delivery import REDIRECT as LIST_REDIRECT
from shared.identity.dependencies import AdminUser, OptionalUser, VerifiedUser
from shared.uploads import Etags, FileUpload, PartsForm, PartUrls, UploadId

router = APIRouter(prefix="/api/v1/files", tags=["files"])

Id = Annotated[str, Path(alias="id", pattern=r"^[A-Za-z0-9-]{1,64}$", description="File id.")]
WithContent = Annotated[bool, Query(alias="content", description="With the text that was read.")]
REDIRECT: dict[int | str, dict[str, Any]] = {
    307: {"description": "Over Lambda's response limit: the same bytes at a presigned URL."}
}


@router.post("/", response_model=FileModelResponse)
def upload_file(
    identity: VerifiedUser,
    file: Annotated[UploadFile, File(description="At most 4 MB.")],
    metadata: Annotated[str | None, Form(description="A JSON object, kept under `meta.data`.")] = None,
    process: Annotated[bool, Query(description="Have it read and made searchable; images and videos are not.")] = True,
    process_in_background: Annotated[bool, Query(description="Without, the answer waits for that.")] = True,
) -> FileModelResponse:
    """Stores a file of the person. Images are recognised by their first bytes, whatever the request calls them."""
    item = service.upload(
        identity, file.filename or "", file.content_type or "", file.file.read(), metadata, process=process
    )
    return service.shown(item if process_in_background else service.processed(item))


@router.get("/", response_model=list[FileModelResponse], responses=LIST_REDIRECT)
def list_files(request: Request, identity: VerifiedUser, with_content: WithContent = True) -> Response:
    """The person's files, newest first."""
    return service.list_files(request, identity, with_content=with_content)


@router.get("/search", response_model=list[FileModelResponse], responses=LIST_REDIRECT)
def search_files(
    request: Request,
    identity: VerifiedUser,
    filename: Annotated[str, Query(max_length=500, description="A pattern for the name: `*` stands for anything.")],
    with_content: WithContent = True,
) -> Response:
    """The person's files of that name, newest first; 404 when there is none."""
    return service.search(request, identity, filename, with_content=with_content)


@router.delete("/all", response_model=Done)
def delete_all_files(identity: AdminUser) -> Done:
    """Deletes every file on this server."""
    return service.delete_all()


@router.post("/uploads", tags=["cirrus"])
def create_upload(form: FileUploadForm, identity: VerifiedUser) -> FileUpload:
    """Begins the upload of a file of any size, in parts that a browser sends to the storage."""
    return file_uploads.begin(identity, form)


@router.post("/uploads/{upload_id}/parts", tags=["cirrus"])
def get_part_urls(upload_id: UploadId, form: PartsForm, identity: VerifiedUser) -> PartUrls:
    """Where parts of a file are sent to."""
    return file_uploads.part_urls(identity, upload_id, form)


@router.post("/uploads/{upload_id}/complete", tags=["cirrus"])
def complete_upload(upload_id: UploadId, form: Etags, identity: VerifiedUser) -> FileModelResponse:
    """Makes the file of its parts and has it made searchable."""
    return service.shown(file_uploads.complete(identity, upload_id, form))


@router.delete("/uploads/{upload_id}", tags=["cirrus"])
def delete_upload(upload_id: UploadId, identity: VerifiedUser) -> Done:
    """Gives an upload up; its parts are dropped."""
    return file_uploads.abandon(identity, upload_id)


@router.get("/{id}", response_model=FileModel | None)
def get_file(file_id: Id, identity: VerifiedUser) -> FileModel:
    """What is known of a file, with the text that was read; its path and its chats are for its owner and admins."""
    return service.get(identity, file_id)


@router.get("/{id}/data/content")
def get_text(file_id: Id, identity: VerifiedUser) -> FileContent:
    """The text that was read from the file, or that somebody wrote in its place."""
    return FileContent(content=file_text.text_of(service.readable(identity, file_id)))


@router.get("/{id}/data/segments", response_model=FileSegments, responses=LIST_REDIRECT)
def get_segments(request: Request, file_id: Id, identity: VerifiedUser) -> Response:
    """The same text in pieces, each with its page, headings and sheet."""
    segments, cut = file_text.shown(file_text.segments_of(service.readable(identity, file_id)))
    return delivery.body(request, {"segments": [asdict(segment) for segment in segments], "cut": cut})


@router.post("/{id}/data/content/update")
def update_text(file_id: Id, form: ContentForm, identity: VerifiedUser) -> FileContent:
    """Writes a text in place of what was read, and has that made searchable; the file itself stays as it is.

    Whoever may write a knowledge base may do so with its files.
    """
    return FileContent(content=file_text.write(service.writable(identity, file_id), form.content))


@router.get("/{id}/content", response_class=Response, responses=REDIRECT)
def get_content(
    file_id: Id, identity: OptionalUser, attachment: Annotated[bool, Query(description="Download it.")] = False
) -> Response:
    """The file's bytes: the person's own, one in a knowledge base they may read, or an image in a shared chat."""
    return service.content(identity, file_id, attachment=attachment)


@router.get("/{id}/content/html", response_class=Response, responses=REDIRECT)
def get_html(file_id: Id, identity: VerifiedUser) -> Response:
    """An admin's file as a page, in which nothing runs."""
    return service.page(identity, file_id)


@router.get("/{id}/content/{file_name}", response_class=Response, responses=REDIRECT)
def get_named_content(file_id: Id, file_name: str, identity: OptionalUser) -> Response:
    """The file's bytes, to be downloaded; the name in the path is for the person only."""
    return service.content(identity, file_id, attachment=True)


@router.delete("/{id}", response_model=Done)
def delete_file(file_id: Id, identity: VerifiedUser) -> Done:
    """Deletes a file, with all that can be found of it; its owner's, or an admin's to do."""
    return service.delete(identity, file_id)
