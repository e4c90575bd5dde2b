"""Routes of shared chats and of copies."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from functions.chats import deliver, share_service
from functions.chats.models import ChatResponse, ClientId, CloneForm
from functions.chats.routes import REDIRECT, SEE_OTHER
from shared.identity.dependencies import OptionalUser, VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])

Id = Annotated[ClientId, Path(alias="id", description="Chat id.")]


@router.get("/share/{share_id}", response_model=ChatResponse | None, responses=REDIRECT)
def get_shared_chat(
    request: Request,
    share_id: Annotated[ClientId, Path(description="Share id; for an admin also the id of any chat.")],
    identity: OptionalUser,
) -> Response:
    """A chat as it was shared. Whoever opens it has to be signed in, unless an admin opened shares to everybody."""
    return deliver.chat(request, share_service.read(identity, share_id))


@router.post("/{id}/share", response_model=ChatResponse | None, responses=SEE_OTHER)
def share_chat(request: Request, chat_id: Id, identity: VerifiedUser) -> Response:
    """Shares a chat as it is now, or brings its share up to date. The `id` of the answer is the share's."""
    return deliver.after_write(request, share_service.share(identity, chat_id), "/api/v1/chats/share/")


@router.delete("/{id}/share", response_model=bool | None)
def unshare_chat(chat_id: Id, identity: VerifiedUser) -> bool:
    """Ends the share: its link leads nowhere from now on. False when the chat was not shared."""
    return share_service.end(identity, chat_id)


@router.post("/{id}/clone", response_model=ChatResponse | None, responses=SEE_OTHER)
def clone_chat(request: Request, chat_id: Id, form: CloneForm, identity: VerifiedUser) -> Response:
    """Makes a copy of a chat, in the same folder and with the same tags."""
    return deliver.after_write(request, share_service.clone(identity, chat_id, form.title))


@router.post("/{id}/clone/shared", response_model=ChatResponse | None, responses=SEE_OTHER)
def clone_shared_chat(
    request: Request,
    share_id: Annotated[ClientId, Path(alias="id", description="Share id; for an admin also the id of any chat.")],
    identity: VerifiedUser,
) -> Response:
    """Makes a chat of the person's own out of a shared one, with images of its own."""
    return deliver.after_write(request, share_service.clone_shared(identity, share_id))
