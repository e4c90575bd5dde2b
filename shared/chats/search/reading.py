"""Shards as open files of this process, kept while their shelf names them: a search downloads only what is new."""

import os
import tempfile
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from shared.chats.search import shelf as shelves
from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Entry, LostShard, Shelf
from shared.parallel import in_parallel

# What the function's disk and memory bear: 100,000 chats are some 150 MB.
DISK_BYTES = 1_500_000_000
OPEN = 200
SHELVES = 1000


class Reader:
    """Shelves and shards that have been read, those used longest ago are given up first."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()
        self._open: OrderedDict[str, tuple[Shard, int]] = OrderedDict()

    def shards(self, user_id: str, lost: Callable[[], None]) -> list[Shard] | None:
        """A person's shards as they are now, newest first; None when there is no shelf.

        `lost` is called when one is not there any more, or a rebuild broke off: then this is what there is.
        """
        shelf = self._shelf(user_id)
        if shelf and shelf.broke_off:
            lost()
        for _ in range(3):
            if shelf is None:
                return None
            found = self._all(shelf)
            if None not in found:
                break
            # A writer may have replaced it since the manifest was read.
            newer = self._shelf(user_id)
            if newer == shelf:
                lost()
                break
            shelf = newer
        return [shard for shard in reversed(found) if shard]

    def _shelf(self, user_id: str) -> Shelf | None:
        shelf = shelves.load(user_id, self._shelves.get(user_id))
        with self._lock:
            self._shelves.pop(user_id, None)
            if shelf:
                self._shelves[user_id] = shelf
            while len(self._shelves) > SHELVES:
                self._shelves.popitem(last=False)
        return shelf

    def _all(self, shelf: Shelf) -> list[Shard | None]:
        return in_parallel(lambda entry: self._shard(shelf, entry), shelf.entries)

    def _shard(self, shelf: Shelf, entry: Entry) -> Shard | None:
        with self._lock:
            if entry.name in self._open:
                self._open.move_to_end(entry.name)
                return self._open[entry.name][0]
        file = self._folder / entry.name
        if not file.exists():
            try:
                _write(file, shelves.read(shelf, entry))
            except LostShard:
                return None
        shard = Shard.opened(file)
        with self._lock:
            self._open[entry.name] = (shard, entry.size)
            while len(self._open) > OPEN or sum(size for _, size in self._open.values()) > DISK_BYTES:
                name, _ = self._open.popitem(last=False)
                (self._folder / name).unlink(missing_ok=True)
        return shard


def _write(file: Path, content: bytes) -> None:
    """Under its name it is whole, whoever else downloads it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}-{uuid.uuid4().hex}")
    partial.write_bytes(content)
    partial.replace(file)


reader = Reader(Path(tempfile.gettempdir()) / "cirrus-search")
