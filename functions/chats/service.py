"""Use cases of chats."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.chats.models import ChatForm, MessagesForm, MessagesResponse
from shared.chats import bodies, compose, deletion, lists, merge, reading, saving, store, tree, writing
from shared.chats.compose import View
from shared.chats.lists import ListedChat, Page
from shared.chats.models import ChatHead
from shared.chats.writing import NO_CHAT, Plan
from shared.errors import Forbidden, Invalid, NotFound
from shared.identity.permissions import permissions
from shared.identity.sessions import Identity

Chat = dict[str, Any]
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


def search_archived(user_id: str, page: int, query: str, order_by: str | None, direction: str | None) -> Page:
    """Archived chats whose title contains `query`, in another order if asked for."""
    if direction and direction.lower() not in ("asc", "desc"):
        raise Invalid("direction is asc or desc.")
    if order_by and order_by not in (*_ORDERS, "updated_at"):
        raise Invalid("order_by is title, created_at or updated_at.")
    found = [chat for chat in lists.everything(user_id, ["archived"]) if query.lower() in chat.title.lower()]
    if order_by and direction:
        order = _ORDERS.get(order_by, lambda chat: chat.updated_at)
        found.sort(key=order, reverse=direction.lower() == "desc")
    return Page(found[(page - 1) * lists.PAGE : page * lists.PAGE])


def create(identity: Identity, form: ChatForm, *, minimal: bool) -> Chat:
    """Creates a chat of the person."""
    parts = tree.take_apart(form.chat)
    reader = merge.reader_of(parts.mark, _session(identity))
    return _answer(saving.create(identity.id, parts, reader, form.folder_id), minimal=minimal)


def get(identity: Identity, chat_id: str) -> Chat:
    """A chat whole, with what has been streamed of running answers."""
    return _answer(store.owned(chat_id, identity.id), minimal=False)


def update(identity: Identity, chat_id: str, form: ChatForm, *, minimal: bool) -> Chat:
    """Merges what a client has of a chat into the stored one."""
    head = store.owned(chat_id, identity.id)
    parts = tree.take_apart(form.chat)
    reader = merge.reader_of(parts.mark, _session(identity))
    return _answer(saving.save_chat(head, parts, reader), minimal=minimal)


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
    return _answer(after, minimal=minimal)


def send_event(identity: Identity, chat_id: str, message_id: str, kind: str, data: dict[str, Any]) -> bool:
    """Sends an event about a message to the owner's connections."""
    head = _changeable(identity, chat_id)
    _emit(head.user_id, chat_id, message_id, kind, data)
    return True


def delete(identity: Identity, chat_id: str) -> bool:
    """Deletes a chat: one's own, or any as an admin."""
    _check_may_delete(identity)
    deletion.delete(_changeable(identity, chat_id))
    deletion.finish_broken_off()
    return True


def delete_all(identity: Identity) -> bool:
    """Deletes all chats of the person."""
    _check_may_delete(identity)
    deletion.delete_lists(identity.id, _all_kinds(identity.id))
    return True


def archive_all(user_id: str, archived: bool) -> bool:
    """Moves all chats into the archive, or out of it."""
    kinds = [kind for kind in _all_kinds(user_id) if (kind == "archived") != archived]

    def move(chat: ListedChat) -> None:
        _set_flag(chat.chat_id, "archived", archived)

    bodies.in_parallel(move, list(lists.everything(user_id, kinds)))
    return True


def is_pinned(identity: Identity, chat_id: str) -> bool:
    """Whether the chat is pinned."""
    return bool(store.owned(chat_id, identity.id).pinned)


def toggle(identity: Identity, chat_id: str, flag: str, *, minimal: bool) -> Chat:
    """Turns `pinned` or `archived` over."""
    head = store.owned(chat_id, identity.id)
    return _answer(_set_flag(chat_id, flag, not getattr(head, flag)), minimal=minimal)


def _set_flag(chat_id: str, flag: str, value: bool) -> ChatHead:
    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id))
        plan.head_changed = bool(getattr(plan.head, flag)) != value
        setattr(plan.head, flag, value)
        return plan

    return writing.write(chat_id, merge.SERVER, work_out).head


def _answer(head: ChatHead, *, minimal: bool) -> Chat:
    chat: Chat = {**bodies.fields_of(head), "title": head.title}
    if not minimal:
        # The head was read before the messages: the mark never claims more than was read.
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(compose.active, head.chat_id)
            items, active = reading.items(head.chat_id), running.result()
        positions = {item.message_id: int(item.position) for item in items}
        messages = tree.link(compose.compose_all(bodies.messages_of(items), active), positions)
        chat = tree.put_together(
            bodies.fields_of(head),
            head.title,
            messages,
            head.current_id,
            mark=merge.new_mark(int(head.version)),
            lists_messages=bool(head.lists_messages),
        )
    return {
        "id": head.chat_id,
        "user_id": head.user_id,
        "title": head.title,
        "chat": chat,
        "updated_at": int(head.updated_at),
        "created_at": int(head.created_at),
        "share_id": head.share_id,
        "archived": bool(head.archived),
        "pinned": bool(head.pinned),
        "meta": head.meta or {},
        "folder_id": head.folder_id,
        "version": int(head.version),
    }


def _paged(user_id: str, kinds: list[str], page: int | None, cursor: str | None) -> Page:
    if cursor is not None:
        return lists.by_cursor(user_id, kinds, cursor or None)
    if page is not None:
        return lists.by_number(user_id, kinds, page)
    return Page(list(lists.everything(user_id, kinds)))


def _all_kinds(user_id: str) -> list[str]:
    return [*lists.main_kinds(user_id, pinned=True, in_folders=True), "archived"]


def _changeable(identity: Identity, chat_id: str) -> ChatHead:
    head = store.head(chat_id)
    if head.user_id != identity.id and not identity.is_admin:
        raise NotFound(NO_CHAT)
    return head


def _check_may_delete(identity: Identity) -> None:
    if not identity.is_admin and not permissions().chat.delete:
        raise Forbidden("An admin has switched off deleting chats.")


def _session(identity: Identity) -> str:
    # Programs share an API key: each request counts as somebody else, who knows what its mark says and nothing more.
    return identity.session_id or uuid.uuid4().hex


def _emit(user_id: str, chat_id: str, message_id: str, kind: str, data: dict[str, Any]) -> None:
    from shared.realtime import hub  # most requests push nothing

    hub.emit(user_id, "events", {"chat_id": chat_id, "message_id": message_id, "data": {"type": kind, "data": data}})
