"""Lists of chats: one query of the index for a page, which carries heads only, at the same cost for any number."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import merge as merge_sorted
from typing import Any, cast

from pynamodb.expressions.condition import Condition

from shared.chats.folders import all_folders
from shared.chats.models import HEAD, ChatHead, ChatTagItem, list_key, list_position, partition
from shared.storage.aws import dynamodb
from shared.storage.schema import INDEX
from shared.storage.tables import fetch_together

PAGE = 60
# How long the places where pages end are kept, and of how many pages.
CURSOR_SECONDS = 600.0
CURSORS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class ListedChat:
    """What a list shows of a chat. Times in seconds."""

    chat_id: str
    title: str
    created_at: int
    updated_at: int

    @property
    def position(self) -> str:
        """Where it stands in its list."""
        return list_position(self.updated_at, self.chat_id)


@dataclass(frozen=True)
class Page:
    """A page of a list; `cursor` leads to the next one, None at the end."""

    chats: list[ListedChat]
    cursor: str | None = None


class _Cursors:
    """Where numbered pages begin, as this process has seen them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> str | None:
        with self._lock:
            kept = self._kept.get(key)
            return kept[1] if kept and time.monotonic() - kept[0] < CURSOR_SECONDS else None

    def put(self, key: tuple[str, ...], cursor: str) -> None:
        with self._lock:
            self._kept[key] = (time.monotonic(), cursor)
            self._kept.move_to_end(key)
            if len(self._kept) > CURSORS_KEPT:
                self._kept.popitem(last=False)


_cursors = _Cursors()


def main_kinds(user_id: str, *, pinned: bool, in_folders: bool) -> list[str]:
    """The lists that make up a person's main list."""
    kinds = ["main"]
    if pinned:
        kinds.append("pinned")
    if in_folders:
        kinds += [f"folder:{folder.id}" for folder in all_folders(user_id)]
    return kinds


def by_cursor(user_id: str, kinds: Sequence[str], cursor: str | None, limit: int = PAGE) -> Page:
    """The page that begins after `cursor` (None: the first one), newest first; one query for each kind."""
    if len(kinds) == 1:
        found = _query(user_id, kinds[0], cursor, limit)
    else:
        with ThreadPoolExecutor(min(8, len(kinds))) as pool:
            parts = list(pool.map(lambda kind: _query(user_id, kind, cursor, limit), kinds))
        found = list(merge_sorted(*parts, key=lambda chat: chat.position, reverse=True))[:limit]
    return Page(found, found[-1].position if len(found) == limit else None)


def by_number(user_id: str, kinds: Sequence[str], number: int, limit: int = PAGE) -> Page:
    """Page `number`, from 1. Where it begins is known from the page before, or counted out without reading heads."""
    cursor = _start(user_id, kinds, number, limit) if number > 1 else None
    if number > 1 and cursor is None:
        return Page([])
    page = by_cursor(user_id, kinds, cursor, limit)
    if page.cursor:
        _cursors.put((user_id, str(limit), *kinds, str(number + 1)), page.cursor)
    return page


def everything(user_id: str, kinds: Sequence[str]) -> Iterator[ListedChat]:
    """All chats of these lists, newest first."""
    cursor: str | None = None
    while True:
        page = by_cursor(user_id, kinds, cursor, 1000)
        yield from page.chats
        if not page.cursor:
            return
        cursor = page.cursor


def in_folders(user_id: str, kind: str, folder_ids: Sequence[str]) -> Iterator[str]:
    """The chats of a list that are in one of these folders (at most 100) as well."""
    names = {f":folder{number}": {"S": folder_id} for number, folder_id in enumerate(folder_ids)}
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=ChatHead.Meta.table_name,
            IndexName=INDEX,
            KeyConditionExpression="gsi1pk = :list",
            FilterExpression=f"folder_id IN ({', '.join(names)})",
            ExpressionAttributeValues={":list": {"S": list_key(user_id, kind)}, **names},
            ProjectionExpression="chat_id",
        )
    )
    for page in pages:
        yield from (item["chat_id"]["S"] for item in page["Items"])


def _start(user_id: str, kinds: Sequence[str], number: int, limit: int) -> str | None:
    known = _cursors.get((user_id, str(limit), *kinds, str(number)))
    if known:
        return known
    skip = (number - 1) * limit
    if len(kinds) == 1:
        return _count_out(list_key(user_id, kinds[0]), skip)
    last: str | None = None
    for _ in range(number - 1):
        page = by_cursor(user_id, kinds, last, limit)
        if not page.cursor:
            return None
        last = page.cursor
    return last


def _count_out(list_of: str, skip: int) -> str | None:
    """The position of the `skip`-th chat of a list, by queries that return a count and no items."""
    start: dict[str, dict[str, str]] | None = None
    while skip > 0:
        request = {
            "TableName": ChatHead.Meta.table_name,
            "IndexName": INDEX,
            "Select": "COUNT",
            "KeyConditionExpression": "gsi1pk = :list",
            "ExpressionAttributeValues": {":list": {"S": list_of}},
            "ScanIndexForward": False,
            "Limit": skip,
        }
        if start:
            request["ExclusiveStartKey"] = start
        answer = dynamodb().query(**request)  # type: ignore[arg-type]
        skip -= answer["Count"]
        start = answer.get("LastEvaluatedKey")  # type: ignore[assignment]
        if not start:
            return None
    return start["gsi1sk"]["S"] if start else None


def _query(user_id: str, kind: str, cursor: str | None, limit: int) -> list[ListedChat]:
    """The chats of one list before `cursor`. Reads just what is shown, without item models: most of a page's time is
    the parsing of its attributes."""
    names, values = "gsi1pk = :list", {":list": {"S": list_key(user_id, kind)}}
    if cursor:
        names, values = f"{names} AND gsi1sk < :cursor", {**values, ":cursor": {"S": cursor}}
    found: list[ListedChat] = []
    request: dict[str, Any] = {
        "TableName": ChatHead.Meta.table_name,
        "IndexName": INDEX,
        "KeyConditionExpression": names,
        "ExpressionAttributeValues": values,
        "ProjectionExpression": "chat_id, title, created_at, updated_at",
        "ScanIndexForward": False,
    }
    while True:
        answer = dynamodb().query(**request, Limit=limit - len(found))
        found += [
            ListedChat(
                item["chat_id"]["S"], item["title"]["S"], int(item["created_at"]["N"]), int(item["updated_at"]["N"])
            )
            for item in answer["Items"]
        ]
        if len(found) >= limit or "LastEvaluatedKey" not in answer:
            return found
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def with_tag(user_id: str, tag_id: str, skip: int, limit: int) -> list[ListedChat]:
    """Chats with a tag, by when they were made, newest first: a query of the tag's list, then those heads."""
    partition_key = list_key(user_id, f"tag:{tag_id}")
    start = _count_out(partition_key, skip)
    if skip and start is None:
        return []
    condition = cast(Condition, ChatTagItem.gsi1sk < start) if start else None
    found = ChatTagItem.by_list.query(partition_key, condition, scan_index_forward=False, limit=limit)
    chat_ids = [item.chat_id for item in found]
    batches = [chat_ids[at : at + 100] for at in range(0, len(chat_ids), 100)]
    heads = {chat.chat_id: chat for batch in batches for chat in _heads(user_id, batch)}
    return [heads[chat_id] for chat_id in chat_ids if chat_id in heads]


def _heads(user_id: str, chat_ids: Sequence[str]) -> list[ListedChat]:
    wanted = [(ChatHead, partition(chat_id), HEAD) for chat_id in chat_ids]
    heads = fetch_together(*wanted, only=("chat_id", "user_id", "title", "created_at", "updated_at", "gsi1pk"))
    return [
        ListedChat(head.chat_id, head.title, int(head.created_at), int(head.updated_at))
        for head in heads
        if isinstance(head, ChatHead) and head.user_id == user_id and not head.deleting
    ]


def before(list_of: str, position: str | None, limit: int) -> list[ChatHead]:
    """The heads of one list before a position (None: from its end), newest first, as the index has them."""
    condition = cast(Condition, ChatHead.gsi1sk < position) if position else None
    return list(ChatHead.by_list.query(list_of, condition, scan_index_forward=False, limit=limit))
