"""Adding what changed to the newest shard of a person's shelf.

The manifest is read first, the table after it, and the manifest put last on the condition that it is still the same:
so whoever succeeds has written at least what every writer before has, in whatever order they were invoked.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from functions.chat_index import merging, sources
from functions.chat_index.merging import Contended, Void
from shared.chats.search import shelf as shelves
from shared.chats.search.requests import ask_rebuild, ask_rebuild_once
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import SEAL_BYTES, Entry, LostShard, Moved, Shelf
from shared.clock import now
from shared.logs import logger
from shared.shelves.shelf import pauses

# Those who follow the shards of the table's stream meet, and now and then somebody who builds or merges.
_ATTEMPTS = 30
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True)
class Written:
    """The shelf with what was added, and what of its older shards is gone."""

    shelf: Shelf
    void: Void

    @property
    def leaves_work(self) -> bool:
        """Whether older shards are to be changed, which may take long."""
        return bool(merging.due(self.shelf)) or (bool(self.void) and len(self.shelf.entries) > 1)


def write(user_id: str, chats: Mapping[str, Sequence[str]], seconds_left: Callable[[], float]) -> Written:
    """Adds messages by chat as the table has them now. Raises `Contended` after many lost races or without time."""
    for _ in pauses(_ATTEMPTS):
        if seconds_left() < _MARGIN_SECONDS:
            break
        try:
            shelf = shelves.load(user_id) or _begun(user_id, chats)
            return _add(shelf, chats) if shelf else Written(Shelf.of(user_id), {})
        except Moved:
            continue
    raise Contended(user_id)


def _begun(user_id: str, chats: Mapping[str, Sequence[str]]) -> Shelf | None:
    """A new shelf, of a person who may have chats from before there was an index: these are added in the background.

    None when the chats are gone, which may be because the account is. Raises `Moved`.
    """
    if all(source.chat.gone for source in sources.read(user_id, dict.fromkeys(chats, ()))):
        return None
    run = uuid.uuid4().hex
    shelf = shelves.save(Shelf.of(user_id, building=run, building_since=now()))
    ask_rebuild(user_id, run)
    return shelf


def _add(shelf: Shelf, chats: Mapping[str, Sequence[str]]) -> Written:
    """Adds what changed to the newest shard; tells what older ones may still have of what is gone."""
    newest = shelf.entries[-1] if shelf.entries and not shelf.entries[-1].sealed else None
    try:
        shard = Shard.loaded(shelves.read(shelf, newest)) if newest else Shard.new()
    except LostShard as lost:
        logger().warning("search shard lost", extra={"user_id": shelf.user_id, "shard": str(lost)})
        ask_rebuild_once(shelf.user_id)
        newest, shard = None, Shard.new()
    before = shard.changes
    found = sources.read(shelf.user_id, chats)
    with shard.transaction():
        for source in found:
            source.put(shard, tombstones=bool(shelf.entries) or shelf.is_building)
    void = {source.chat.id: source.void for source in found if source.void != []}
    if shard.changes != before:
        shelf = _replace(shelf, newest, shard, tidy=bool(void))
    return Written(shelf, void)


def _replace(shelf: Shelf, newest: Entry | None, shard: Shard, *, tidy: bool) -> Shelf:
    sealed = shard.size >= SEAL_BYTES
    entry = shelves.put(shelf.user_id, shard.finished() if sealed or tidy else shard.content(), sealed=sealed)
    try:
        saved = shelves.save(shelf.with_newest(entry, newest))
    except Moved:
        shelves.drop(shelf.user_id, [entry])
        raise
    if newest:
        shelves.drop(shelf.user_id, [newest])
    return saved
