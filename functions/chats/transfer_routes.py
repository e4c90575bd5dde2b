"""Routes of /api/v1/chats that take in a chat from elsewhere, or give out all of them."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from functions.chats import deliver, transfer_service
from functions.chats.models import ChatImportForm, ChatResponse
from shared.delivery import streamed, within_limit
from shared.identity.dependencies import AdminUser, VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"], dependencies=[Depends(within_limit)])

REDIRECT: dict[int | str, dict[str, Any]] = {
    307: {"description": "Over Lambda's response limit: the same JSON at a presigned URL."}
}
SEE_OTHER: dict[int | str, dict[str, Any]] = {303: {"description": "Over Lambda's response limit: read it by GET."}}


@router.post("/import", response_model=ChatResponse | None, responses=SEE_OTHER)
def import_chat(request: Request, form: ChatImportForm, identity: VerifiedUser) -> Response:
    """Imports one chat, with its times, tags and place; `/api/v1/chats/imports` takes many."""
    return deliver.after_write(request, transfer_service.import_chat(identity.id, form))


@router.get("/all", response_model=list[ChatResponse], responses=REDIRECT)
def get_all_chats(request: Request, identity: VerifiedUser) -> Response:
    """All chats of the person, whole: those in folders and the archived ones too."""
    return streamed(request, transfer_service.all_of(identity.id))


@router.get("/all/archived", response_model=list[ChatResponse], responses=REDIRECT)
def get_all_archived_chats(request: Request, identity: VerifiedUser) -> Response:
    """The person's archived chats, whole."""
    return streamed(request, transfer_service.archived_of(identity.id))


@router.get("/all/db", response_model=list[ChatResponse], responses=REDIRECT)
def get_all_chats_of_everybody(request: Request, _: AdminUser) -> Response:
    """All chats of everybody, whole; where the export by admins is switched off, 400."""
    return streamed(request, transfer_service.all_of_everybody())
