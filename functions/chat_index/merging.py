"""Merging small shards into large ones, so that a search looks into few; what is void goes with it."""

from collections.abc import Sequence

from shared.chats.search import shelf as shelves
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Entry, LostShard, Moved, Shelf
from shared.logs import logger

# So many sealed shards of one class of size, one after the other, become one; the largest stay as they are.
RUN = 8
_CLASSES = (6_000_000, 30_000_000)


def merge_if_due(shelf: Shelf) -> None:
    """Merges a run of shards of a shelf, if it has one. Gives way to whoever else changes the shelf meanwhile."""
    run = due(shelf)
    if not run:
        return
    try:
        _merge(shelf, run)
    except LostShard as lost:
        # The reader that misses it has the shelf built again.
        logger().warning("search shard lost", extra={"user_id": shelf.user_id, "shard": str(lost)})


def due(shelf: Shelf) -> tuple[Entry, ...]:
    """The run of shards that should be one, oldest first; empty when there is none, or the shelf is being built."""
    if shelf.building:
        return ()
    run: list[Entry] = []
    for entry in shelf.entries:
        if run and (_class(entry) != _class(run[0]) or not entry.sealed):
            run = []
        if entry.sealed and _class(entry) is not None:
            run.append(entry)
        if len(run) == RUN:
            return tuple(run)
    return ()


def _class(entry: Entry) -> int | None:
    return next((number for number, limit in enumerate(_CLASSES) if entry.size < limit), None)


def _merge(shelf: Shelf, run: Sequence[Entry]) -> None:
    merged = Shard.new()
    with merged.transaction():
        for entry in run:
            _copy(Shard.loaded(shelves.read(shelf, entry)), merged)
        if run[0] == shelf.entries[0]:
            merged.forget_gone()
    new = shelves.put(shelf.user_id, merged.finished(), sealed=True)
    for _ in range(10):
        current = shelves.load(shelf.user_id)
        try:
            if current is None or current.building:
                break
            saved = shelves.save(current.with_merged(run, [new]))
        except Moved:
            if not set(run) <= set(current.entries if current else ()):
                break
            continue
        shelves.drop(shelf.user_id, run)
        shelves.sweep(saved)
        logger().info("search shards merged", extra={"user_id": shelf.user_id, "shards": len(run), "bytes": new.size})
        return
    shelves.drop(shelf.user_id, [new])


def _copy(source: Shard, target: Shard) -> None:
    """Carries a shard over to one that has what is older: what it says replaces that."""
    for chat in source.chats.values():
        target.put_chat(chat)
    for chat_id, message_id, text in source.texts():
        target.put_text(chat_id, message_id, text or "")
