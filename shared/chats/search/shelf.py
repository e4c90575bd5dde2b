"""A person's shelf (`shared.shelves`): the shards of their chats, and whether it is being built from the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shared.clock import now
from shared.shelves import shelf as shelves
from shared.shelves.shelf import Entry, LostShard, Moved, read, save, sweep

__all__ = ["Entry", "LostShard", "Moved", "Shelf", "drop", "forget", "load", "prefix", "put", "read", "save", "sweep"]

# A shard this large is not added to any more: what is rewritten for each message has an end.
SEAL_BYTES = 2_000_000
BUILDING_SECONDS = 16 * 60

_PREFIX = "search/"


@dataclass(frozen=True)
class Shelf(shelves.Shelf):
    """What the manifest of a person's shelf says."""

    rebuilt: str = ""
    """The run of `make reindex-chats` that built it last."""
    building: str = ""
    """The run that is building it from the table: until that has ended not everything is found."""
    building_since: int = 0

    @classmethod
    def of(cls, user_id: str, building: str = "", building_since: int = 0) -> Self:
        """An empty one."""
        return cls(prefix(user_id), building=building, building_since=building_since)

    @classmethod
    def of_another_format(cls, place: str, etag: str) -> Self:
        """Is built again from the table, like one whose building has broken off."""
        return cls(place, etag=etag, building="another format")

    @property
    def user_id(self) -> str:
        """Whose it is."""
        return self.place.removeprefix(_PREFIX).removesuffix("/")

    @property
    def is_building(self) -> bool:
        """Whether somebody is at it; one that died is taken over after the longest time a function may run."""
        return bool(self.building) and self.building_since > now() - BUILDING_SECONDS

    @property
    def broke_off(self) -> bool:
        """Whether a building has ended before its end."""
        return bool(self.building) and not self.is_building


def prefix(user_id: str) -> str:
    """Where the objects of a person's shelf are."""
    return f"{_PREFIX}{user_id}/"


def load(user_id: str, known: Shelf | None = None) -> Shelf | None:
    """The shelf as it is now, None when there is none; `known` is not read again if it is that."""
    return shelves.load(Shelf, prefix(user_id), known)


def put(user_id: str, content: bytes, *, sealed: bool) -> Entry:
    """Stores a shard's content under a name of its own."""
    return shelves.put(prefix(user_id), content, sealed=sealed)


def drop(user_id: str, entries: Sequence[Entry]) -> None:
    """Deletes shards that no manifest names any more."""
    shelves.drop(prefix(user_id), entries)


def forget(user_id: str) -> None:
    """Deletes a person's shelf, for good if they have no chats."""
    shelves.forget(prefix(user_id))
