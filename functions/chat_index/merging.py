"""Older shards: small ones become large ones, so that a search looks into few, and what was deleted is taken out."""

from collections.abc import Mapping, Sequence

from shared.chats.search import shelf as shelves
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Entry, LostShard, Shelf
from shared.logs import logger
from shared.shelves import shelf as all_shelves

# Messages by chat that are gone, None for all of the chat.
Void = Mapping[str, Sequence[str] | None]

# So many sealed shards of one class of size, one after the other, become one; the largest stay as they are.
RUN = 8
_ATTEMPTS = 20
_CLASSES = (6_000_000, 30_000_000)


class Contended(Exception):
    """Other writers were always first; Lambda delivers the event again later."""


def erase(user_id: str, void: Void) -> None:
    """Takes texts out of all shards but the newest, which hides them already: what is deleted is to be nowhere.

    Raises `Contended`.
    """
    if not void:
        return
    before = ""
    for _ in range(_ATTEMPTS):
        shelf = shelves.load(user_id)
        # A rebuild reads what is there now, and looks at its end for what went meanwhile.
        if shelf is None or shelf.building or shelf.etag == before:
            return
        missed = [entry for entry in shelf.entries[:-1] if not _erase(shelf, entry, void)]
        if not missed:
            return
        before = shelf.etag
    raise Contended(user_id)


def _erase(shelf: Shelf, entry: Entry, void: Void) -> bool:
    """False when the shard is not there any more."""
    try:
        shard = Shard.loaded(shelves.read(shelf, entry))
    except LostShard:
        return False
    before = shard.changes
    with shard.transaction():
        for chat_id, message_ids in void.items():
            shard.erase(chat_id, message_ids)
    return shard.changes == before or _exchange(shelf.user_id, [entry], shard.finished()) is not None


def merge_if_due(user_id: str) -> None:
    """Merges a run of a person's shards, if there is one. Gives way to whoever else changes the shelf meanwhile."""
    shelf = shelves.load(user_id)
    run = due(shelf) if shelf else ()
    if not (shelf and run):
        return
    merged = Shard.new()
    try:
        with merged.transaction():
            for entry in run:
                _copy(Shard.loaded(shelves.read(shelf, entry)), merged)
    except LostShard as lost:
        # Replaced meanwhile, or else the reader that misses it has the shelf built again.
        logger().warning("search shard not there", extra={"user_id": user_id, "shard": str(lost)})
        return
    if run[0] == shelf.entries[0]:
        merged.forget_gone()
    if saved := _exchange(user_id, run, merged.finished()):
        shelves.sweep(saved)
        logger().info("search shards merged", extra={"user_id": user_id, "shards": len(run)})


def due(shelf: Shelf) -> tuple[Entry, ...]:
    """The run of shards that should be one, oldest first; empty when there is none, or the shelf is being built."""
    return () if shelf.building else all_shelves.due(shelf.entries, _CLASSES, RUN)


def _exchange(user_id: str, old: Sequence[Entry], content: bytes) -> Shelf | None:
    """Puts a shard in the place of others; None when they are not there any more, or the shelf is being built."""

    def load() -> Shelf | None:
        shelf = shelves.load(user_id)
        return None if shelf is None or shelf.building else shelf

    return all_shelves.exchange(load, shelves.prefix(user_id), old, content, _ATTEMPTS)


def _copy(source: Shard, target: Shard) -> None:
    """Carries a shard over to one that has what is older: what it says replaces that."""
    for chat in source.chats.values():
        target.put_chat(chat)
    for chat_id, message_id, text in source.texts():
        target.put_text(chat_id, message_id, text or "")
