"""Routes of /api/v1/chats that few requests are for: another person's chats, a folder's, the archive, all at once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from functions.chats import deliver, service
from functions.chats.models import ChatResponse, ChatTitleIdResponse, ClientId, ListedInFolder
from functions.chats.routes import REDIRECT, Cursor, Page
from shared import delivery
from shared.delivery import within_limit
from shared.identity.dependencies import AdminUser, VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"], dependencies=[Depends(within_limit)])

FolderId = Annotated[ClientId, Path(description="Folder id.")]


@router.get("/list/user/{user_id}", response_model=list[ChatTitleIdResponse])
def list_chats_of_user(
    request: Request,
    user_id: Annotated[ClientId, Path(description="The person's id.")],
    _: AdminUser,
    page: Page = None,
    query: Annotated[str | None, Query(max_length=200)] = None,
    order_by: str | None = None,
    direction: str | None = None,
    cursor: Cursor = None,
) -> Response:
    """All chats of a person, also archived ones; 60 a page. The rest as in `/archived`."""
    return deliver.listed(request, service.list_of_user(user_id, page, cursor, query, order_by, direction))


@router.get("/folder/{folder_id}", response_model=list[ChatResponse], responses=REDIRECT)
def get_chats_of_folder(request: Request, folder_id: FolderId, identity: VerifiedUser) -> Response:
    """The chats of a folder and of the folders in it, whole, without those that are pinned or archived."""
    return delivery.body(request, service.all_of_folder(identity.id, folder_id))


@router.get("/folder/{folder_id}/list", response_model=list[ListedInFolder])
def list_chats_of_folder(
    request: Request, folder_id: FolderId, identity: VerifiedUser, page: Page = 1, cursor: Cursor = None
) -> Response:
    """The chats of one folder, newest first, without those that are pinned or archived; 60 a page."""
    return deliver.listed(request, service.list_folder(identity.id, folder_id, page or 1, cursor))


@router.get("/archived", response_model=list[ChatTitleIdResponse])
def list_archived_chats(
    request: Request,
    identity: VerifiedUser,
    page: Page = None,
    query: Annotated[str | None, Query(max_length=200)] = None,
    order_by: str | None = None,
    direction: str | None = None,
    cursor: Cursor = None,
) -> Response:
    """The person's archived chats; `query`, `order_by` (title, created_at, updated_at) and `direction` (asc, desc)."""
    if query or (order_by and direction):
        return deliver.listed(
            request, service.search_archived(identity.id, page or 1, query or "", order_by, direction)
        )
    return deliver.listed(request, service.list_flagged(identity.id, "archived", page or 1, cursor))


@router.post("/archive/all", response_model=bool)
def archive_all_chats(identity: VerifiedUser) -> bool:
    """Archives every chat of the person."""
    return service.change_all(identity.id, "archive")


@router.post("/unarchive/all", response_model=bool)
def unarchive_all_chats(identity: VerifiedUser) -> bool:
    """Takes every chat of the person out of the archive."""
    return service.change_all(identity.id, "unarchive")
