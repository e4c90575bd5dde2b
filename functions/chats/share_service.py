"""Use cases of shared chats and of copies."""

import uuid
from typing import Any

from shared.chats import merge, saving, sharing, store, tree
from shared.chats.saving import Origin
from shared.chats.sharing import NO_SHARE, Shared
from shared.chats.whole import Chat, whole
from shared.errors import Forbidden, NotFound
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity


def share(identity: Identity, chat_id: str) -> Chat:
    """Shares a chat of the person as it is now."""
    if not identity.is_admin and not permissions().chat.share:
        raise Forbidden("An admin has switched off sharing chats.")
    shown = _snapshot(whole(store.owned(chat_id, identity.id)))
    return _answer(sharing.share(chat_id, shown))


def end(identity: Identity, chat_id: str) -> bool:
    """Ends the share of a chat of the person; false when it has none."""
    store.owned(chat_id, identity.id)
    return sharing.end(chat_id)


def read(identity: Identity | None, share_id: str) -> Chat:
    """A shared chat, for whoever may open shares; an admin reads any chat by its id."""
    sharing.check_reader(identity)
    return _answer(_find(identity, share_id))


def clone(identity: Identity, chat_id: str, title: str | None) -> Chat:
    """A copy of a chat of the person."""
    head = store.owned(chat_id, identity.id)
    original = whole(head)
    chat = _copy(_snapshot(original), chat_id, title or f"Clone of {head.title}")
    origin = Origin(meta=dict(head.meta or {}), pinned=bool(head.pinned))
    return _create(identity, chat, origin, folder_id=head.folder_id)


def clone_shared(identity: Identity, share_id: str) -> Chat:
    """A chat of the person's own out of a shared one."""
    shared = _find(identity, share_id)
    chat_id = str(uuid.uuid4())
    chat, copies = sharing.take_over(shared, chat_id)
    return _create(identity, _copy(chat, share_id, f"Clone of {shared.title}"), Origin(chat_id=chat_id, images=copies))


def _find(identity: Identity | None, share_id: str) -> Shared:
    try:
        return sharing.read(share_id)
    except NotFound:
        if not (identity and identity.is_admin):
            raise
    try:
        chat = whole(store.head(share_id))
    except NotFound as error:
        raise NotFound(NO_SHARE) from error
    return sharing.unshared(chat, _snapshot(chat))


def _snapshot(chat: Chat) -> dict[str, Any]:
    """The chat's JSON as others may have it: without what only says how far its owner, or an answer, has got."""
    shown: dict[str, Any] = chat["chat"]
    history = {key: value for key, value in shown["history"].items() if key != tree.MARK}
    history["messages"] = {
        message_id: {key: value for key, value in message.items() if key != "run"}
        for message_id, message in history["messages"].items()
    }
    if "messages" in shown:
        shown = {**shown, "messages": tree.branch(history["messages"], history["currentId"])}
    return {**shown, "history": history}


def _copy(chat: dict[str, Any], original_id: str, title: str) -> dict[str, Any]:
    """The JSON of a copy, which says what it is one of (contract)."""
    place = chat["history"].get("currentId")
    return {**chat, "title": title, "originalChatId": original_id, "branchPointMessageId": place}


def _create(identity: Identity, chat: dict[str, Any], origin: Origin, folder_id: str | None = None) -> Chat:
    reader = merge.reader_of(None, identity.session_id or uuid.uuid4().hex)
    return whole(saving.create(identity.id, tree.take_apart(chat), reader, folder_id, origin))


def _answer(shared: Shared) -> Chat:
    return {
        "id": shared.share_id,
        "user_id": f"shared-{shared.chat_id}",
        "title": shared.title,
        "chat": shared.chat,
        "updated_at": shared.updated_at,
        "created_at": shared.created_at,
        "share_id": None,
        "archived": False,
        "pinned": False,
        "meta": {},
        "folder_id": None,
        "version": 0,
    }
