"""Building a person's shelf from the table, in steps that can be taken up again.

First the manifest says so: from then on writers add to a shard of their own, which stays newer than what is built. Then
all chats go into new shards, oldest first, with a note of how far it is. Last these take the place of the shards that
were there at the beginning.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace

from botocore.exceptions import ClientError

from functions.chat_index import merging, sources
from shared.chats import lists
from shared.chats.search import shelf as shelves
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import SEAL_BYTES, Entry, Moved, Shelf
from shared.clock import now
from shared.logs import logger
from shared.storage import objects

SHARD_BYTES = 32_000_000
# What is left of the function's time when a rebuild stops, to be gone on with.
MARGIN_SECONDS = 90.0
_AT_ONCE = 50
_ATTEMPTS = 50


@dataclass
class Progress:
    """How far a rebuild is: chats up to `position` (`shared.chats.models.list_position`) are in the new shards."""

    run: str
    old: list[Entry]
    new: list[Entry] = field(default_factory=list)
    position: str = ""


def rebuild(user_id: str, run: str, seconds_left: Callable[[], float]) -> bool:
    """Builds the shelf; False when there was no time left, and the same has to be asked for again.

    True at once when the run has built it before, somebody else is building it, or the person has no chats.
    """
    progress = _begin(user_id, run)
    if progress is None:
        return True
    left = sorted(chat for chat in _chats(user_id) if chat[0] > progress.position)
    while left:
        left = _build_one(user_id, left, progress, seconds_left)
        _note(user_id, progress)
        if left and seconds_left() < MARGIN_SECONDS:
            return False
    _end(user_id, progress)
    return True


def _chats(user_id: str) -> Iterator[tuple[str, str]]:
    """(position, id) of all chats of a person."""
    kinds = [*lists.main_kinds(user_id, pinned=True, in_folders=True), "archived"]
    return ((chat.position, chat.chat_id) for chat in lists.everything(user_id, kinds))


def _begin(user_id: str, run: str) -> Progress | None:
    """Announces the rebuild, or finds how far it is; None when there is nothing to be done."""
    for _ in range(_ATTEMPTS):
        shelf = shelves.load(user_id)
        if shelf is None and next(_chats(user_id), None) is None:
            return None
        if shelf and (shelf.rebuilt == run or (shelf.is_building and shelf.building != run)):
            return None
        try:
            return _announced(shelf or Shelf.of(user_id), run)
        except Moved:
            continue
    raise Moved


def _announced(shelf: Shelf, run: str) -> Progress:
    progress = _noted(shelf.user_id)
    known = {entry.name for entry in shelf.entries}
    goes_on = progress and shelf.building == progress.run and (progress.run == run or shelf.broke_off)
    if progress and goes_on and known.issuperset(entry.name for entry in progress.old):
        shelves.save(replace(shelf, building_since=now()))
        return progress
    if progress:
        _drop_new(shelf, progress)
    # A shelf that a writer has begun for this run has nothing but what is newer than what is built.
    old = () if shelf.building == run else tuple(replace(entry, sealed=True) for entry in shelf.entries)
    progress = Progress(run, list(old))
    _note(shelf.user_id, progress)
    shelves.save(replace(shelf, entries=old or shelf.entries, building=run, building_since=now()))
    return progress


def _build_one(
    user_id: str, chats: list[tuple[str, str]], progress: Progress, seconds_left: Callable[[], float]
) -> list[tuple[str, str]]:
    """Builds one shard of the first of these chats, and returns those that are left."""
    shard = Shard.new()
    done = 0
    while done < len(chats) and (not done or shard.size < SHARD_BYTES) and seconds_left() > MARGIN_SECONDS:
        batch = chats[done : done + _AT_ONCE]
        with shard.transaction():
            for source in sources.read_whole(user_id, [chat_id for _, chat_id in batch]):
                source.put(shard, tombstones=False)
        done += len(batch)
    if done:
        content = shard.finished()
        progress.new.append(shelves.put(user_id, content, sealed=len(content) >= SEAL_BYTES))
        progress.position = chats[done - 1][0]
    return chats[done:]


def _end(user_id: str, progress: Progress) -> None:
    """Puts what was built in the place of what was there."""
    for _ in range(_ATTEMPTS):
        shelf = shelves.load(user_id)
        if shelf is None or shelf.building != progress.run:
            # The account is being deleted, or another run has taken over.
            _drop_new(shelf or Shelf.of(user_id), progress)
            break
        try:
            built = shelf.with_merged(progress.old, progress.new)
            # Only the newest may be added to.
            entries = (*(replace(entry, sealed=True) for entry in built.entries[:-1]), *built.entries[-1:])
            saved = shelves.save(replace(built, entries=entries, rebuilt=progress.run, building="", building_since=0))
        except Moved:
            continue
        shelves.drop(user_id, progress.old)
        _erase_gone(saved, progress)
        shelves.sweep(saved)
        logger().info("search shelf built", extra={"user_id": user_id, "shards": len(progress.new)})
        break
    else:
        raise Moved
    objects.delete(_key(user_id))


def _erase_gone(shelf: Shelf, progress: Progress) -> None:
    """Takes out what was deleted after it had been read for a new shard."""
    names = {entry.name for entry in progress.new}
    newer = [Shard.loaded(shelves.read(shelf, entry)) for entry in shelf.entries if entry.name not in names]
    merging.erase(shelf.user_id, {chat.id: None for shard in newer for chat in shard.chats.values() if chat.gone})


def _drop_new(shelf: Shelf, progress: Progress) -> None:
    """Deletes what was built in vain; what stands on the shelf was not."""
    shelves.drop(shelf.user_id, [entry for entry in progress.new if entry not in shelf.entries])


def _key(user_id: str) -> str:
    return f"{shelves.prefix(user_id)}rebuild.json"


def _note(user_id: str, progress: Progress) -> None:
    objects.put(_key(user_id), json.dumps(asdict(progress)).encode(), "application/json")


def _noted(user_id: str) -> Progress | None:
    try:
        content = json.loads(objects.get(_key(user_id)))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None
    old, new = ([Entry(**entry) for entry in content[name]] for name in ("old", "new"))
    return Progress(content["run"], old, new, content["position"])
