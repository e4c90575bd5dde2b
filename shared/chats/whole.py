"""Chats whole, in the contract's shape."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.chats import bodies, compose, lists, merge, reading, tree
from shared.chats.models import HEAD, MESSAGE_PREFIX, ChatHead, MessageItem, partition
from shared.parallel import in_parallel
from shared.runs import Run
from shared.storage.aws import dynamodb

Chat = dict[str, Any]
_AT_ONCE = 24


def whole(head: ChatHead, *, minimal: bool = False) -> Chat:
    """A chat as the contract has it; `minimal`: without its messages."""
    if minimal:
        return _response(head, {**bodies.fields_of(head), "title": head.title})
    # The head was read before the messages: the mark never claims more than was read.
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compose.active, head.chat_id)
        items, active = reading.items(head.chat_id), running.result()
    return _composed(head, items, active)


def whole_chats(chat_ids: Iterable[str]) -> Iterator[Chat]:
    """Chats whole, in this order, some at a time; those that are deleted meanwhile are left out."""
    pending: list[str] = []
    for chat_id in chat_ids:
        pending.append(chat_id)
        if len(pending) == _AT_ONCE:
            yield from (chat for chat in in_parallel(_read, pending) if chat)
            pending = []
    yield from (chat for chat in in_parallel(_read, pending) if chat)


def _read(chat_id: str) -> Chat | None:
    """A chat whole, by one query of its partition: for many of them each round trip counts."""
    head: ChatHead | None = None
    items: dict[str, MessageItem] = {}
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=ChatHead.Meta.table_name,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues={
                ":pk": {"S": partition(chat_id)},
                ":low": {"S": HEAD},
                ":high": {"S": f"{MESSAGE_PREFIX}~"},
            },
        )
    )
    for page in pages:
        for raw in page["Items"]:
            if raw["sk"]["S"] == HEAD:
                head = ChatHead.from_raw_data(dict(raw))
            elif raw["sk"]["S"].startswith(MESSAGE_PREFIX):
                items[raw["sk"]["S"]] = MessageItem.from_raw_data(dict(raw))
    if head is None or head.deleting:
        return None
    return _composed(head, items.values(), {})


def _composed(head: ChatHead, items: Collection[MessageItem], active: Mapping[str, Run]) -> Chat:
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
    return _response(head, chat)


def _response(head: ChatHead, chat: Chat) -> Chat:
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


def all_kinds(user_id: str) -> list[str]:
    """The lists that all chats of a person are in."""
    return [*lists.main_kinds(user_id, pinned=True, in_folders=True), "archived"]
