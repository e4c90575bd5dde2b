"""Collections as files of this machine, one each, which several processes read and write at once."""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from shared.search.embedded.reading import Void
from shared.search.embedded.shard import Shard
from shared.search.names import plain
from shared.search.protocol import Entry, Space

_OPEN = 64

_lock = threading.Lock()
_open: OrderedDict[Path, tuple[int, Shard]] = OrderedDict()


class Files:
    """The files of a space, below a folder."""

    def __init__(self, space: Space, folder: Path) -> None:
        self._space, self._folder = space, folder / plain(space.id)

    def shards(self, collection: str) -> Sequence[tuple[Shard, Void]]:
        """The collection's file, if there is one."""
        shard = self._shard(collection)
        return [(shard, ())] if shard else []

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks in one transaction."""
        shard = self._shard(collection)
        while shard is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            Shard.make(self._file(collection), self._space.dimension)
            shard = self._shard(collection)
        shard.add(entries)

    def delete(self, collection: str, void: Void) -> None:
        """Deletes chunks at once."""
        if shard := self._shard(collection):
            shard.remove(void)

    def drop(self) -> None:
        """Deletes the files; whoever has one open sees that it is gone."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, collection: str) -> Path:
        return self._folder / f"{plain(collection)}.db"

    def _shard(self, collection: str) -> Shard | None:
        file = self._file(collection)
        try:
            number = file.stat().st_ino
        except FileNotFoundError:
            return None
        with _lock:
            known = _open.pop(file, None)
            shard = known[1] if known and known[0] == number else Shard.shared(file)
            _open[file] = (number, shard)
            while len(_open) > _OPEN:
                _open.popitem(last=False)
        return shard
