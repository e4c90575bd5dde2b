"""Adding what changed to the newest shard of a person's shelf.

The manifest is read first, the table after it, and the manifest put last on the condition that it is still the same:
so whoever succeeds has written at least what every writer before has, in whatever order they were invoked.
"""

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from functions.chat_index import merging, rebuilding, sources
from shared.chats.search import shelf as shelves
from shared.chats.search.requests import ask_rebuild
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Entry, LostShard, Moved, Shelf
from shared.logs import logger

# A shard this large is not added to any more: what is rewritten for each message has an end.
SEAL_BYTES = 2_000_000

_ATTEMPTS = 20


class Contended(Exception):
    """Other writers were always first; Lambda delivers the event again later."""


def index(user_id: str, chats: Mapping[str, Sequence[str]], seconds_left: Callable[[], float]) -> None:
    """Indexes messages by chat as the table has them now. Raises `Contended` after many lost races."""
    for attempt in range(_ATTEMPTS):
        shelf = shelves.load(user_id)
        if shelf is None:
            _rebuild(user_id, seconds_left)
            shelf = shelves.load(user_id) or Shelf(user_id)
        try:
            shelf = _add(shelf, chats)
        except LostShard as lost:
            logger().warning("search shard lost", extra={"user_id": user_id, "shard": str(lost)})
            _rebuild(user_id, seconds_left)
        except Moved:
            time.sleep(random.uniform(0.02, 0.1) * (attempt + 1))  # noqa: S311 (spreads writers, protects nothing)
        else:
            merging.merge_if_due(shelf)
            return
    raise Contended(user_id)


def _rebuild(user_id: str, seconds_left: Callable[[], float]) -> None:
    run = uuid.uuid4().hex
    if not rebuilding.rebuild(user_id, run, seconds_left):
        ask_rebuild(user_id, run)


def _add(shelf: Shelf, chats: Mapping[str, Sequence[str]]) -> Shelf:
    newest = shelf.entries[-1] if shelf.entries and not shelf.entries[-1].sealed else None
    shard = Shard.loaded(shelves.read(shelf, newest)) if newest else Shard.new()
    before = shard.changes
    with shard.transaction():
        for source in sources.read(shelf.user_id, chats):
            source.put(shard, tombstones=bool(shelf.entries) or shelf.is_building)
    return shelf if shard.changes == before else _replace(shelf, newest, shard)


def _replace(shelf: Shelf, newest: Entry | None, shard: Shard) -> Shelf:
    sealed = shard.size >= SEAL_BYTES
    entry = shelves.put(shelf.user_id, shard.finished() if sealed else shard.content(), sealed=sealed)
    try:
        saved = shelves.save(shelf.with_newest(entry, newest))
    except Moved:
        shelves.drop(shelf.user_id, [entry])
        raise
    if newest:
        shelves.drop(shelf.user_id, [newest])
    return saved
