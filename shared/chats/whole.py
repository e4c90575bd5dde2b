"""Chats whole, in the contract's shape."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.chats import bodies, compose, lists, merge, reading, store, tree
from shared.chats.models import ChatHead
from shared.errors import NotFound

Chat = dict[str, Any]
_AT_ONCE = 24


def whole(head: ChatHead, *, minimal: bool = False) -> Chat:
    """A chat as the contract has it; `minimal`: without its messages."""
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


def whole_chats(chat_ids: Iterable[str]) -> Iterator[Chat]:
    """Chats whole, in this order, some at a time; those that are deleted meanwhile are left out."""

    def read(chat_id: str) -> Chat | None:
        try:
            return whole(store.head(chat_id))
        except NotFound:
            return None

    pending: list[str] = []
    for chat_id in chat_ids:
        pending.append(chat_id)
        if len(pending) == _AT_ONCE:
            yield from (chat for chat in bodies.in_parallel(read, pending) if chat)
            pending = []
    yield from (chat for chat in bodies.in_parallel(read, pending) if chat)


def all_kinds(user_id: str) -> list[str]:
    """The lists that all chats of a person are in."""
    return [*lists.main_kinds(user_id, pinned=True, in_folders=True), "archived"]
