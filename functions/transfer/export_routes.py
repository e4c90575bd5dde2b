"""Routes of /api/v1/exports: all that a person has here, and single chats as documents."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from functions.transfer import documents, jobs, service
from functions.transfer.models import Export
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/exports", tags=["cirrus"])

ExportId = Annotated[str, Path(alias="id", pattern=r"^[0-9a-f-]{36}$", description="Export id.")]
ChatId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:@=+-]{1,128}$", description="Chat id.")]
REDIRECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in documents.TYPES.values()}},
    307: {"description": "Over Lambda's response limit: the same document at a presigned URL."},
}


class Format(StrEnum):
    """What a chat can be exported as."""

    JSON = "json"
    MARKDOWN = "md"
    TEXT = "txt"
    PDF = "pdf"


@router.post("")
def create_export(identity: VerifiedUser) -> Export:
    """Starts an export of everything the person has here: chats, settings, prompts, files and so on, as zip files."""
    return service.new_export(identity.id)


@router.get("")
def list_exports(identity: VerifiedUser) -> list[Export]:
    """The person's exports of the last week, newest first."""
    return [service.export(item) for item in jobs.of_user(identity.id, "export")]


@router.get("/{id}")
def get_export(export_id: ExportId, identity: VerifiedUser) -> Export:
    """How far an export has got; when it is done, where its files are."""
    return service.export(jobs.get(identity.id, "export", export_id))


@router.delete("/{id}")
def delete_export(export_id: ExportId, identity: VerifiedUser) -> bool:
    """Stops an export and deletes its files."""
    service.remove(identity.id, "export", export_id)
    return True


@router.get("/chats/{chat_id}", response_class=Response, responses=REDIRECT)
def export_chat(
    request: Request,
    chat_id: ChatId,
    identity: VerifiedUser,
    form: Annotated[Format, Query(alias="format")] = Format.JSON,
    message_id: Annotated[str | None, Query(max_length=128, description="The end of the branch to export.")] = None,
) -> Response:
    """One of the person's chats: whole as JSON, as imports take it; or the open branch as a document."""
    return documents.exported(request, identity, chat_id, form.value, message_id)
