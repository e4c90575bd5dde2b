"""Collections as shards in S3: each write adds one, small ones become large ones, deletions are noted in the manifest.

What is noted as deleted is taken out of the shards once that is worth it: at once of small shelves, of large ones when
some deletions have come together, and wherever shards are merged.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from shared.errors import Conflict
from shared.logs import logger
from shared.search.embedded.reading import Void
from shared.search.embedded.shard import Shard
from shared.search.names import plain
from shared.search.protocol import Entry, Space
from shared.shelves import shelf as shelves
from shared.shelves.reading import Reader
from shared.shelves.shelf import LostShard, Moved, Shelf

PREFIX = "chunks/"
# So many shards of one class of size become one.
RUN = 8
CLASSES = (300_000, 2_500_000, 10_000_000)
# Deletions are taken out at once of shelves up to here, of larger ones when there are so many.
SMALL_BYTES = 30_000_000
VOID = 24

_ATTEMPTS = 40


class Contended(Conflict):
    """Other writers were always first: what was to be written is not, and may be tried again."""

    def __init__(self) -> None:
        super().__init__("Others change the same knowledge at this moment: try again.")


@cache
def reader() -> Reader[Shelf, Shard]:
    """The shards that this process has read."""
    folder = Path(tempfile.gettempdir()) / "cirrus-chunks"
    return Reader(folder, lambda place, known: shelves.load(Shelf, place, known), Shard.opened)


class Shelves:
    """The shelves of a space in the stage's bucket."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._place = f"{PREFIX}{plain(space.id)}/"

    def shards(self, collection: str) -> Sequence[tuple[Shard, Void]]:
        """The collection's shards as the manifest has them now."""
        _, found = reader().read(self._shelf(collection))
        lost = [entry.name for entry, shard in found if shard is None]
        if lost:
            logger().error("shards of chunks are lost", extra={"collection": collection, "shards": lost})
        return [(shard, entry.void) for entry, shard in reversed(found) if shard]

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds a shard with these chunks; raises `Contended`."""
        place = self._shelf(collection)
        new = Shard.new(self._space.dimension)
        new.add(entries)
        entry = shelves.put(place, new.finished(), sealed=True)
        for _ in shelves.pauses(_ATTEMPTS):
            try:
                shelf = shelves.save((self._load(place) or Shelf(place)).with_newest(entry))
            except Moved:
                continue
            self._tidy(shelf)
            return
        shelves.drop(place, [entry])
        raise Contended

    def delete(self, collection: str, void: Void) -> None:
        """Notes what is deleted, which no search finds from then on; raises `Contended`."""
        place = self._shelf(collection)
        for _ in shelves.pauses(_ATTEMPTS):
            shelf = self._load(place)
            if shelf is None:
                return
            if ("", "") in void:
                noted = replace(shelf, entries=())
            else:
                new = [(str(file_id), str(keep)) for file_id, keep in void]
                noted = replace(
                    shelf,
                    entries=tuple(
                        replace(entry, void=tuple(dict.fromkeys((*entry.void, *new)))) for entry in shelf.entries
                    ),
                )
            try:
                saved = shelves.save(noted)
            except Moved:
                continue
            if not saved.entries:
                shelves.drop(place, shelf.entries)
            self._tidy(saved)
            return
        raise Contended

    def drop(self) -> None:
        """Deletes the shelves of all collections."""
        shelves.forget(self._place)

    def _shelf(self, collection: str) -> str:
        return f"{self._place}{plain(collection)}/"

    def _load(self, place: str) -> Shelf | None:
        return shelves.load(Shelf, place)

    def _tidy(self, shelf: Shelf) -> None:
        """Merges what is due and takes out what is deleted. Gives way to whoever else changes the shelf meanwhile."""
        found: Shelf | None = shelf
        while found and (run := shelves.due(found.entries, CLASSES, RUN)):
            found = self._replace(found, run)
            if found:
                shelves.sweep(found)
        for entry in found.entries if found else ():
            if found and entry.void and (found.size <= SMALL_BYTES or len(entry.void) >= VOID):
                found = self._replace(found, [entry])

    def _replace(self, shelf: Shelf, old: Sequence[shelves.Entry]) -> Shelf | None:
        """One shard without what is deleted in the place of some; None when somebody else has changed these."""
        made = Shard.new(self._space.dimension)
        try:
            for entry in reversed(old):  # of a chunk that is in two, the newer one stays
                made.copy(Shard.loaded(shelves.read(shelf, entry)), entry.void)
        except LostShard as lost:
            logger().warning("shard of chunks not there", extra={"shard": str(lost)})
            return None
        content = made.finished() if made.texts else None
        return shelves.exchange(lambda: self._load(shelf.place), shelf.place, old, content, _ATTEMPTS)
