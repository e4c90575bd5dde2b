"""Shards as open files of this process, kept while their shelf names them: a search downloads only what is new."""

import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from shared.parallel import in_parallel
from shared.shelves import shelf as shelves
from shared.shelves.shelf import Entry, LostShard, Shelf

# What the function's disk and memory bear: 100,000 chats, or chunks, are some 150 MB.
DISK_BYTES = 1_500_000_000
OPEN = 200
SHELVES = 1000

S = TypeVar("S", bound=Shelf)
T = TypeVar("T")


class Reader(Generic[S, T]):
    """Shelves and shards that have been read, those used longest ago are given up first.

    `load` gives the shelf of a place, told the one that was read before, and `opened` a shard of its file.
    """

    def __init__(self, folder: Path, load: Callable[[str, S | None], S | None], opened: Callable[[Path], T]) -> None:
        self._folder, self._load, self._opened = folder, load, opened
        self._lock = threading.Lock()
        self._shelves: OrderedDict[str, S] = OrderedDict()
        self._open: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def read(self, place: str) -> tuple[S | None, list[tuple[Entry, T | None]]]:
        """The shelf of a place as it is now, and its shards, oldest first; None for one that is lost."""
        shelf = self._shelf(place)
        found: list[tuple[Entry, T | None]] = []
        for _ in range(3):
            if shelf is None:
                return None, []
            here = shelf
            found = in_parallel(lambda entry: (entry, self._shard(here, entry)), here.entries)  # noqa: B023
            if all(shard for _, shard in found):
                break
            # A writer may have replaced it since the manifest was read.
            newer = self._shelf(place)
            if newer == shelf:
                break
            shelf = newer
        return shelf, found

    def _shelf(self, place: str) -> S | None:
        shelf = self._load(place, self._shelves.get(place))
        with self._lock:
            self._shelves.pop(place, None)
            if shelf:
                self._shelves[place] = shelf
            while len(self._shelves) > SHELVES:
                self._shelves.popitem(last=False)
        return shelf

    def _shard(self, shelf: S, entry: Entry) -> T | None:
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
        shard = self._opened(file)
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
