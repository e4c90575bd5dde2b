"""Routes of /api/v1/chats."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from functions.chats import deliver, service
from functions.chats.models import (
    ChatForm,
    ChatResponse,
    ChatTitleIdResponse,
    ClientId,
    ComposedMessage,
    EventForm,
    FolderOfChatForm,
    MessageForm,
    MessagesForm,
    MessagesResponse,
)
from shared.delivery import within_limit
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"], dependencies=[Depends(within_limit)])

Id = Annotated[ClientId, Path(alias="id", description="Chat id.")]
MessageId = Annotated[ClientId, Path(description="Message id.")]
Page = Annotated[int | None, Query(ge=1, le=100_000, description="60 chats each, from 1; without it: all.")]
Cursor = Annotated[
    str | None,
    Query(max_length=200, description="Ours: the `x-next-cursor` of the answer before; empty for the first page."),
]
Minimal = Annotated[
    bool, Query(description="Ours: answer without `chat.history`, as a client wants that holds the chat already.")
]
REDIRECT: dict[int | str, dict[str, Any]] = {
    307: {"description": "Over Lambda's response limit: the same JSON at a presigned URL."}
}
SEE_OTHER: dict[int | str, dict[str, Any]] = {303: {"description": "Over Lambda's response limit: read it by GET."}}


@router.get("/", response_model=list[ChatTitleIdResponse], operation_id="list_chats")
@router.get("/list", response_model=list[ChatTitleIdResponse], operation_id="list_chats_alias")
def list_chats(
    request: Request,
    identity: VerifiedUser,
    page: Page = None,
    include_pinned: bool | None = False,
    include_folders: bool | None = False,
    cursor: Cursor = None,
) -> Response:
    """Chats of the person, newest first. By `cursor` every page costs the same, however many chats there are."""
    listed = service.list_chats(identity.id, page, cursor, pinned=bool(include_pinned), folders=bool(include_folders))
    return deliver.listed(request, listed)


@router.delete("/", response_model=bool)
def delete_all_chats(identity: VerifiedUser) -> bool:
    """Deletes every chat of the person."""
    return service.delete_all(identity)


@router.post("/new", response_model=ChatResponse | None, responses=SEE_OTHER)
def create_chat(request: Request, form: ChatForm, identity: VerifiedUser, minimal: Minimal = False) -> Response:
    """Creates a chat. Inline images become files of the person."""
    return deliver.after_write(request, service.create(identity, form, minimal=minimal))


@router.get("/pinned", response_model=list[ChatTitleIdResponse])
def list_pinned_chats(request: Request, identity: VerifiedUser) -> Response:
    """The person's pinned chats, newest first."""
    return deliver.listed(request, service.list_flagged(identity.id, "pinned", None, None))


@router.get("/{id}", response_model=ChatResponse | None, responses=REDIRECT)
def get_chat(request: Request, chat_id: Id, identity: VerifiedUser) -> Response:
    """A chat whole; answers that are still being written are in it as far as they are."""
    return deliver.chat(request, service.get(identity, chat_id))


@router.post("/{id}", response_model=ChatResponse | None, responses=SEE_OTHER)
def update_chat(
    request: Request, chat_id: Id, form: ChatForm, identity: VerifiedUser, minimal: Minimal = False
) -> Response:
    """Merges a chat into the stored one, message by message: what another tab wrote meanwhile stays."""
    return deliver.after_write(request, service.update(identity, chat_id, form, minimal=minimal))


@router.delete("/{id}", response_model=bool)
def delete_chat(chat_id: Id, identity: VerifiedUser) -> bool:
    """Deletes a chat with its messages and images."""
    return service.delete(identity, chat_id)


@router.get("/{id}/pinned", response_model=bool | None)
def is_pinned(chat_id: Id, identity: VerifiedUser) -> bool:
    """Whether the chat is pinned."""
    return service.is_pinned(identity, chat_id)


@router.post("/{id}/pin", response_model=ChatResponse | None, responses=SEE_OTHER)
def toggle_pinned(request: Request, chat_id: Id, identity: VerifiedUser, minimal: Minimal = False) -> Response:
    """Pins a chat, or takes the pin off."""
    return deliver.after_write(request, service.toggle(identity, chat_id, "pinned", minimal=minimal))


@router.post("/{id}/archive", response_model=ChatResponse | None, responses=SEE_OTHER)
def toggle_archived(request: Request, chat_id: Id, identity: VerifiedUser, minimal: Minimal = False) -> Response:
    """Archives a chat, or takes it out of the archive."""
    return deliver.after_write(request, service.toggle(identity, chat_id, "archived", minimal=minimal))


@router.post("/{id}/folder", response_model=ChatResponse | None, responses=SEE_OTHER)
def move_chat(
    request: Request, chat_id: Id, form: FolderOfChatForm, identity: VerifiedUser, minimal: Minimal = False
) -> Response:
    """Puts a chat into a folder, which takes its pin off, or (null) out of its folder."""
    return deliver.after_write(request, service.move(identity, chat_id, form.folder_id, minimal=minimal))


@router.post("/{id}/messages", response_model=MessagesResponse, tags=["cirrus"])
def save_messages(chat_id: Id, form: MessagesForm, identity: VerifiedUser) -> MessagesResponse:
    """Ours: adds, changes or removes single messages; at most 4 MB a request."""
    return service.save_messages(identity, chat_id, form)


@router.delete("/{id}/messages/{message_id}", response_model=MessagesResponse, tags=["cirrus"])
def delete_message(chat_id: Id, message_id: MessageId, identity: VerifiedUser) -> MessagesResponse:
    """Ours: deletes a message and all that follows on it; other branches stay. 409 while an answer is written in it."""
    return service.delete_message(identity, chat_id, message_id)


@router.get("/{id}/messages/{message_id}", response_model=ComposedMessage, tags=["cirrus"], responses=REDIRECT)
def get_message(request: Request, chat_id: Id, message_id: MessageId, identity: VerifiedUser) -> Response:
    """Ours: one message as composed of what is stored and what has been streamed since."""
    return deliver.message(request, service.get_message(identity, chat_id, message_id))


@router.post("/{id}/messages/{message_id}", response_model=ChatResponse | None, responses=SEE_OTHER)
def update_message(
    request: Request,
    chat_id: Id,
    message_id: MessageId,
    form: MessageForm,
    identity: VerifiedUser,
    minimal: Minimal = False,
) -> Response:
    """Changes a message's text and tells the owner's other connections (`chat:message`)."""
    return deliver.after_write(
        request, service.update_message(identity, chat_id, message_id, form.content, minimal=minimal)
    )


@router.post("/{id}/messages/{message_id}/event", response_model=bool | None)
def send_message_event(chat_id: Id, message_id: MessageId, form: EventForm, identity: VerifiedUser) -> bool:
    """Sends an event about a message to the owner's connections; false when it could not be sent."""
    return service.send_event(identity, chat_id, message_id, form.type, form.data)
