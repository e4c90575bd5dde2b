"""The shards of people's chats as open files of this process."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from shared.chats.search.shard import Shard
from shared.chats.search.shelf import Shelf, prefix
from shared.shelves import reading
from shared.shelves import shelf as shelves


class Reader(reading.Reader[Shelf, Shard]):
    """People's shards, read into a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, lambda place, known: shelves.load(Shelf, place, known), Shard.opened)

    def shards(self, user_id: str, lost: Callable[[], None]) -> list[Shard] | None:
        """A person's shards as they are now, newest first; None when there is no shelf.

        `lost` is called when one is not there any more, or a rebuild broke off: then this is what there is.
        """
        shelf, found = self.read(prefix(user_id))
        if shelf is None:
            return None
        if shelf.broke_off or not all(shard for _, shard in found):
            lost()
        return [shard for _, shard in reversed(found) if shard]


reader = Reader(Path(tempfile.gettempdir()) / "cirrus-search")
