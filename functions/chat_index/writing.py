"""Adding what changed to the newest shard of a person's shelf.

The manifest is read first, the table after it, and the manifest put last on the condition that it is still the same:
so whoever succeeds has written at least what every writer before has, in whatever order they were invoked.
"""

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from functions.chat_index import merging, rebuilding, sources
from functions.chat_index.merging import Contended, Void
from shared.chats.search import shelf as shelves
from shared.chats.search.requests import ask_rebuild
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import SEAL_BYTES, Entry, LostShard, Moved, Shelf
from shared.logs import logger

# An import makes dozens of writers meet: somebody always succeeds, so each has its turn long before its time is up.
_ATTEMPTS = 200
_LONGEST_PAUSE_SECONDS = 10.0
_MARGIN_SECONDS = 60.0


def index(user_id: str, chats: Mapping[str, Sequence[str]], seconds_left: Callable[[], float]) -> None:
    """Indexes messages by chat as the table has them now. Raises `Contended` after many lost races."""
    for attempt in range(_ATTEMPTS):
        shelf = shelves.load(user_id)
        if shelf is None:
            _rebuild(user_id, seconds_left)
            shelf = shelves.load(user_id) or Shelf(user_id)
        try:
            void = _add(shelf, chats)
        except LostShard as lost:
            logger().warning("search shard lost", extra={"user_id": user_id, "shard": str(lost)})
            _rebuild(user_id, seconds_left)
        except Moved:
            if seconds_left() < _MARGIN_SECONDS:
                break
            pause = min(_LONGEST_PAUSE_SECONDS, 0.05 * 2 ** min(attempt, 10))
            time.sleep(random.uniform(0, pause))  # noqa: S311 (spreads writers, protects nothing)
        else:
            merging.erase(user_id, void)
            merging.merge_if_due(user_id)
            return
    raise Contended(user_id)


def _rebuild(user_id: str, seconds_left: Callable[[], float]) -> None:
    run = uuid.uuid4().hex
    if not rebuilding.rebuild(user_id, run, seconds_left):
        ask_rebuild(user_id, run)


def _add(shelf: Shelf, chats: Mapping[str, Sequence[str]]) -> Void:
    """Adds what changed to the newest shard; returns what older ones may still have of what is gone."""
    newest = shelf.entries[-1] if shelf.entries and not shelf.entries[-1].sealed else None
    shard = Shard.loaded(shelves.read(shelf, newest)) if newest else Shard.new()
    before = shard.changes
    found = sources.read(shelf.user_id, chats)
    with shard.transaction():
        for source in found:
            source.put(shard, tombstones=bool(shelf.entries) or shelf.is_building)
    void = {source.chat.id: source.void for source in found if source.void != []}
    if shard.changes != before:
        _replace(shelf, newest, shard, tidy=bool(void))
    return void


def _replace(shelf: Shelf, newest: Entry | None, shard: Shard, *, tidy: bool) -> None:
    sealed = shard.size >= SEAL_BYTES
    entry = shelves.put(shelf.user_id, shard.finished() if sealed or tidy else shard.content(), sealed=sealed)
    try:
        shelves.save(shelf.with_newest(entry, newest))
    except Moved:
        shelves.drop(shelf.user_id, [entry])
        raise
    if newest:
        shelves.drop(shelf.user_id, [newest])
