"""Use case of searching: what the index finds, as far as the table says that it is there and the person's."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from shared.chats import lists
from shared.chats.folders import all_folders, subtree
from shared.chats.models import HEAD, ChatHead, partition
from shared.chats.search.finding import TEXTS, Found, find
from shared.chats.search.reading import reader
from shared.chats.search.requests import ask_rebuild_once
from shared.chats.search.shard import Chat
from shared.chats.search.text import Query, parse, plain_name
from shared.chats.tags import ids_of
from shared.storage.tables import fetch_together

_HEAD = (
    "chat_id",
    "user_id",
    "title",
    "created_at",
    "updated_at",
    "pinned",
    "archived",
    "folder_id",
    "share_id",
    "meta",
    "gsi1pk",
)
_UNTAGGED = "none"
_BATCH = 100
_TEXTS_OF_A_CHAT = 5


@dataclass(frozen=True)
class Hit:
    """A chat that was found: its head as stored now, and where the text is, in a message or (None) in the title."""

    head: ChatHead
    message_id: str | None = None
    snippet: str = ""


def search(user_id: str, text: str, number: int) -> list[Hit]:
    """Page `number` (from 1) of a person's chats that `text` asks for; of an empty one, all but archived ones."""
    query = parse(text)
    if query == Query():
        return [] if text.strip() else _all(user_id, number)
    with ThreadPoolExecutor(1) as pool:
        folders = pool.submit(_folder_ids, user_id, query.folders)
        shards = reader.shards(user_id, lambda: ask_rebuild_once(user_id))
        folder_ids = folders.result()
    if shards is None:
        _build_if_needed(user_id)
        return []

    def allowed(chat: Chat) -> bool:
        return _fits(query, folder_ids, chat)

    # Far pages of a common word look further back.
    texts = max(TEXTS, _TEXTS_OF_A_CHAT * number * lists.PAGE)
    hits = _checked(user_id, find(shards, query, allowed, texts), allowed)
    page = list(islice(hits, (number - 1) * lists.PAGE, number * lists.PAGE))
    return sorted(page, key=lambda hit: int(hit.head.updated_at), reverse=True)


def _all(user_id: str, number: int) -> list[Hit]:
    kinds = lists.main_kinds(user_id, pinned=True, in_folders=True)
    listed = lists.by_number(user_id, kinds, number, lists.PAGE).chats
    return list(_checked(user_id, (Found(chat.chat_id, None, "") for chat in listed), lambda chat: not chat.archived))


def _checked(user_id: str, found: Iterable[Found], allowed: Callable[[Chat], bool]) -> Iterator[Hit]:
    """Those that the table has, as it has them."""
    left = iter(found)
    while batch := list(islice(left, _BATCH)):
        wanted = [(ChatHead, partition(each.chat_id), HEAD) for each in batch]
        heads = fetch_together(*wanted, only=_HEAD)
        for each, head in zip(batch, heads, strict=True):
            if isinstance(head, ChatHead) and head.user_id == user_id and not head.deleting and allowed(_facts(head)):
                yield Hit(head, each.message_id, each.snippet)


def _facts(head: ChatHead) -> Chat:
    return Chat(
        head.chat_id,
        archived=bool(head.archived),
        pinned=bool(head.pinned),
        shared=head.share_id is not None,
        folder=head.folder_id,
        tags=tuple(ids_of(head)),
    )


def _fits(query: Query, folder_ids: set[str] | None, chat: Chat) -> bool:
    tags = {plain_name(tag_id) for tag_id in chat.tags}
    return (
        chat.archived == bool(query.archived)
        and query.pinned in (None, chat.pinned)
        and query.shared in (None, chat.shared)
        and (folder_ids is None or chat.folder in folder_ids)
        and (not tags if _UNTAGGED in query.tags else tags.issuperset(query.tags))
    )


def _folder_ids(user_id: str, names: Sequence[str]) -> set[str] | None:
    """The folders of these names with all below them; None when none was named."""
    if not names:
        return None
    folders = all_folders(user_id)
    named = [folder.id for folder in folders if plain_name(folder.name) in names]
    return {folder_id for each in named for folder_id in subtree(folders, each)}


def _build_if_needed(user_id: str) -> None:
    """Has the shelf built of somebody who has none, but chats: they are from before there was an index."""
    kinds = [*lists.main_kinds(user_id, pinned=True, in_folders=True), "archived"]
    if lists.by_cursor(user_id, kinds, None, 1).chats:
        ask_rebuild_once(user_id)
