"""Routes of the tags on chats."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from starlette.requests import Request

from functions.chats import deliver
from functions.chats.models import ChatTitleIdResponse, ClientId, TagFilterForm, TagForm, TagModel
from shared.chats import lists, store, tags
from shared.chats.lists import Page
from shared.chats.models import ChatHead
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])

Id = Annotated[ClientId, Path(alias="id", description="Chat id.")]


@router.get("/all/tags", response_model=list[TagModel])
def list_all_tags(identity: VerifiedUser) -> list[TagModel]:
    """The tags on the person's chats, by name."""
    return _shown(tags.of_person(identity.id))


@router.post("/tags", response_model=list[ChatTitleIdResponse])
def list_chats_with_tag(request: Request, form: TagFilterForm, identity: VerifiedUser) -> Response:
    """The person's chats with a tag, also archived ones, by when they were made, newest first."""
    found = lists.with_tag(identity.id, tags.id_of(tags.cleaned(form.name)), form.skip or 0, form.limit or 50)
    return deliver.listed(request, Page(found))


@router.get("/{id}/tags", response_model=list[TagModel])
def list_tags(chat_id: Id, identity: VerifiedUser) -> list[TagModel]:
    """The tags on a chat."""
    return _of_chat(store.owned(chat_id, identity.id))


@router.post("/{id}/tags", response_model=list[TagModel])
def add_tag(chat_id: Id, form: TagForm, identity: VerifiedUser) -> list[TagModel]:
    """Gives a chat a tag; answers with all it has."""
    store.owned(chat_id, identity.id)
    return _of_chat(tags.add(chat_id, form.name))


@router.delete("/{id}/tags", response_model=list[TagModel])
def remove_tag(chat_id: Id, form: TagForm, identity: VerifiedUser) -> list[TagModel]:
    """Takes a tag from a chat; answers with those it keeps."""
    store.owned(chat_id, identity.id)
    return _of_chat(tags.remove(chat_id, form.name))


@router.delete("/{id}/tags/all", response_model=bool | None)
def remove_all_tags(chat_id: Id, identity: VerifiedUser) -> bool:
    """Takes all tags from a chat."""
    store.owned(chat_id, identity.id)
    tags.replace(chat_id, ())
    return True


def _of_chat(head: ChatHead) -> list[TagModel]:
    return _shown(tags.of_chat(head))


def _shown(found: list[tags.Tag]) -> list[TagModel]:
    return [TagModel(id=tag.id, name=tag.name, user_id=tag.user_id) for tag in found]
