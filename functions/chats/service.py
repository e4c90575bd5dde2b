"""Use cases of chats."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.chats.models import ChatForm, MessagesForm, MessagesResponse
from shared.chats import (
    changing,
    chores,
    compose,
    deletion,
    folders,
    lists,
    merge,
    saving,
    store,
    tree,
)
from shared.chats.changing import Flag
from shared.chats.compose import View
from shared.chats.lists import ListedChat, Page
from shared.chats.models import ChatHead
from shared.chats.whole import Chat, all_kinds, whole, whole_chats
from shared.chats.writing import NO_CHAT
from shared.errors import Forbidden, Invalid, NotFound
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity

_ORDERS: dict[str, Callable[[ListedChat], str | int]] = {
    "title": lambda chat: chat.title.lower(),
    "created_at": lambda chat: chat.created_at,
}


def list_chats(user_id: str, page: int | None, cursor: str | None, *, pinned: bool, folders: bool) -> Page:
    """The main list: a page by cursor or number, or all of it."""
    kinds = lists.main_kinds(user_id, pinned=pinned, in_folders=folders)
    return _paged(user_id, kinds, page, cursor)


def list_flagged(user_id: str, kind: str, page: int | None, cursor: str | None) -> Page:
    """The pinned or the archived chats."""
    return _paged(user_id, [kind], page, cursor)


def list_folder(user_id: str, folder_id: str, page: int, cursor: str | None) -> Page:
    """The chats of one folder; raises `NotFound` when it is not there."""
    found = _paged(user_id, [f"folder:{folder_id}"], page, cursor)
    if not found.chats and not folders.exists(user_id, folder_id):
        raise NotFound("This folder does not exist. It may have been deleted.")
    return found


def all_of_folder(user_id: str, folder_id: str) -> list[Chat]:
    """The chats of a folder and of those in it, whole, newest first; raises `NotFound`."""
    ids = folders.subtree(folders.all_folders(user_id), folder_id)
    if not ids:
        raise NotFound("This folder does not exist. It may have been deleted.")
    found = lists.everything(user_id, [f"folder:{each}" for each in ids])
    return list(whole_chats(chat.chat_id for chat in found))


def list_of_user(
    user_id: str, page: int | None, cursor: str | None, query: str | None, order_by: str | None, direction: str | None
) -> Page:
    """All chats of a person, also archived ones, for an admin."""
    kinds = all_kinds(user_id)
    if query or (order_by and direction):
        return _searched(user_id, kinds, page or 1, query or "", order_by, direction)
    return _paged(user_id, kinds, page or 1, cursor)


def search_archived(user_id: str, page: int, query: str, order_by: str | None, direction: str | None) -> Page:
    """Archived chats whose title contains `query`, in another order if asked for."""
    return _searched(user_id, ["archived"], page, query, order_by, direction)


def _searched(
    user_id: str, kinds: list[str], page: int, query: str, order_by: str | None, direction: str | None
) -> Page:
    if direction and direction.lower() not in ("asc", "desc"):
        raise Invalid("direction is asc or desc.")
    if order_by and order_by not in (*_ORDERS, "updated_at"):
        raise Invalid("order_by is title, created_at or updated_at.")
    found = [chat for chat in lists.everything(user_id, kinds) if query.lower() in chat.title.lower()]
    if order_by and direction:
        order = _ORDERS.get(order_by, lambda chat: chat.updated_at)
        found.sort(key=order, reverse=direction.lower() == "desc")
    return Page(found[(page - 1) * lists.PAGE : page * lists.PAGE])


def create(identity: Identity, form: ChatForm, *, minimal: bool) -> Chat:
    """Creates a chat of the person."""
    parts = tree.take_apart(form.chat)
    reader = merge.reader_of(parts.mark, _session(identity))
    return whole(saving.create(identity.id, parts, reader, form.folder_id), minimal=minimal)


def get(identity: Identity, chat_id: str) -> Chat:
    """A chat whole, with what has been streamed of running answers."""
    return whole(store.owned(chat_id, identity.id), minimal=False)


def update(identity: Identity, chat_id: str, form: ChatForm, *, minimal: bool) -> Chat:
    """Merges what a client has of a chat into the stored one."""
    head = store.owned(chat_id, identity.id)
    parts = tree.take_apart(form.chat)
    reader = merge.reader_of(parts.mark, _session(identity))
    return whole(saving.save_chat(head, parts, reader), minimal=minimal)


def save_messages(identity: Identity, chat_id: str, form: MessagesForm) -> MessagesResponse:
    """Adds, changes or removes single messages."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compose.active, chat_id)
        head, active = store.owned(chat_id, identity.id), running.result()
    changed = {
        message_id: message.model_dump(exclude_unset=True) | {"id": message_id}
        for message_id, message in form.messages.items()
    }
    after = saving.save_messages(head, changed, current_id=form.current_id, remove=form.remove, active=active)
    return MessagesResponse(updated_at=int(after.updated_at), version=int(after.version), current_id=after.current_id)


def get_message(identity: Identity, chat_id: str, message_id: str) -> View:
    """One message as composed."""
    with ThreadPoolExecutor(2) as pool:
        running, message = pool.submit(compose.active, chat_id), pool.submit(store.message, chat_id, message_id)
        store.owned(chat_id, identity.id)
        run, stored = running.result().get(message_id), message.result()
    if stored is None:
        raise NotFound("This message does not exist. It may have been deleted.")
    return compose.compose(stored, run)


def update_message(identity: Identity, chat_id: str, message_id: str, content: str, *, minimal: bool) -> Chat:
    """Changes a message's text and tells the owner's connections."""
    head = _changeable(identity, chat_id)
    after = saving.save_messages(
        head,
        {message_id: {"id": message_id, "content": content}},
        current_id=message_id,
        remove=(),
        active=compose.active(chat_id),
    )
    told = {"chat_id": chat_id, "message_id": message_id, "content": content}
    _emit(head.user_id, chat_id, message_id, "chat:message", told)
    return whole(after, minimal=minimal)


def send_event(identity: Identity, chat_id: str, message_id: str, kind: str, data: dict[str, Any]) -> bool:
    """Sends an event about a message to the owner's connections."""
    head = _changeable(identity, chat_id)
    _emit(head.user_id, chat_id, message_id, kind, data)
    return True


def delete(identity: Identity, chat_id: str) -> bool:
    """Deletes a chat: one's own, or any as an admin."""
    check_may_delete(identity)
    deletion.delete(_changeable(identity, chat_id))
    deletion.finish_broken_off()
    return True


def delete_message(identity: Identity, chat_id: str, message_id: str) -> MessagesResponse:
    """Deletes a message with all that follows on it."""
    if not identity.is_admin and not permissions().chat.delete_message:
        raise Forbidden("An admin has switched off deleting messages.")
    store.owned(chat_id, identity.id)
    after = saving.remove_subtree(chat_id, message_id)
    return MessagesResponse(updated_at=int(after.updated_at), version=int(after.version), current_id=after.current_id)


def delete_all(identity: Identity) -> bool:
    """Deletes all chats of the person."""
    check_may_delete(identity)
    return change_all(identity.id, "delete")


def change_all(user_id: str, action: chores.Action) -> bool:
    """Deletes, archives or unarchives all chats of the person; what takes long is finished in the background."""
    chore = chores.new(user_id, action)
    chore.save()
    chores.begin(chore)
    return True


def is_pinned(identity: Identity, chat_id: str) -> bool:
    """Whether the chat is pinned."""
    return bool(store.owned(chat_id, identity.id).pinned)


def toggle(identity: Identity, chat_id: str, flag: Flag, *, minimal: bool) -> Chat:
    """Turns `pinned` or `archived` over."""
    store.owned(chat_id, identity.id)
    return whole(changing.set_flag(chat_id, flag), minimal=minimal)


def move(identity: Identity, chat_id: str, folder_id: str | None, *, minimal: bool) -> Chat:
    """Puts a chat into a folder of the person, or out of its folder."""
    store.owned(chat_id, identity.id)
    if folder_id and not folders.exists(identity.id, folder_id):
        raise NotFound("This folder does not exist. It may have been deleted.")
    return whole(changing.move(chat_id, folder_id), minimal=minimal)


def _paged(user_id: str, kinds: list[str], page: int | None, cursor: str | None) -> Page:
    if cursor is not None:
        return lists.by_cursor(user_id, kinds, cursor or None)
    if page is not None:
        return lists.by_number(user_id, kinds, page)
    return Page(list(lists.everything(user_id, kinds)))


def _changeable(identity: Identity, chat_id: str) -> ChatHead:
    head = store.head(chat_id)
    if head.user_id != identity.id and not identity.is_admin:
        raise NotFound(NO_CHAT)
    return head


def check_may_delete(identity: Identity) -> None:
    """Raises `Forbidden` when an admin has switched off deleting chats."""
    if not identity.is_admin and not permissions().chat.delete:
        raise Forbidden("An admin has switched off deleting chats.")


def _session(identity: Identity) -> str:
    # Programs share an API key: each request counts as somebody else, who knows what its mark says and nothing more.
    return identity.session_id or uuid.uuid4().hex


def _emit(user_id: str, chat_id: str, message_id: str, kind: str, data: dict[str, Any]) -> None:
    from shared.realtime import hub  # most requests push nothing

    hub.emit(user_id, "events", {"chat_id": chat_id, "message_id": message_id, "data": {"type": kind, "data": data}})
