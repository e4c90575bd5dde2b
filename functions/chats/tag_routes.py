"""Routes of the tags on chats."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from functions.chats.models import ClientId
from shared.chats import store
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])


@router.get("/all/tags")
def list_all_tags(_: VerifiedUser) -> list[dict[str, Any]]:
    """The tags on the person's chats: none, chats have no tags."""
    return []


@router.get("/{id}/tags")
def list_tags(
    chat_id: Annotated[ClientId, Path(alias="id", description="Chat id.")], identity: VerifiedUser
) -> list[dict[str, Any]]:
    """The tags on a chat: none, chats have no tags."""
    store.owned(chat_id, identity.id)
    return []
