"""A person's shelf: their shards in S3 and the manifest that names them, oldest first.

Shards never change; what changes is the manifest, by conditional puts (its ETag), so of two writers that began with
the same manifest one begins again. A writer that dies leaves an object that no manifest names, which `sweep` removes.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from shared.clock import now
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import s3

# A shelf of another format is built again from the table.
FORMAT = 1
# A shard this large is not added to any more: what is rewritten for each message has an end.
SEAL_BYTES = 2_000_000
# Objects that no manifest names may be those of a writer at work for so long.
UNNAMED_SECONDS = 3600
BUILDING_SECONDS = 16 * 60

_ABSENT = ("NoSuchKey", "404", "NotFound")


class Moved(Exception):
    """Another writer changed the shelf first: begin again with what is there now."""


class LostShard(Exception):
    """A shard that the manifest names is not there."""


@dataclass(frozen=True)
class Entry:
    """A shard by its object's name, with its bytes. `sealed`: it is not added to any more."""

    name: str
    size: int
    sealed: bool = False


@dataclass(frozen=True)
class Shelf:
    """What a manifest says. `etag` is empty before the first put."""

    user_id: str
    entries: tuple[Entry, ...] = ()
    etag: str = ""
    rebuilt: str = ""
    """The run of `make reindex-chats` that built it last."""
    building: str = ""
    """The run that is building it from the table: until that has ended not everything is found."""
    building_since: int = 0

    @property
    def is_building(self) -> bool:
        """Whether somebody is at it; one that died is taken over after the longest time a function may run."""
        return bool(self.building) and self.building_since > now() - BUILDING_SECONDS

    @property
    def broke_off(self) -> bool:
        """Whether a building has ended before its end."""
        return bool(self.building) and not self.is_building

    def key(self, entry: Entry) -> str:
        """Where a shard's object is."""
        return f"{prefix(self.user_id)}{entry.name}"

    def with_newest(self, entry: Entry, instead_of: Entry | None) -> "Shelf":
        """With a new newest shard, which may take the place of the one before."""
        kept = tuple(each for each in self.entries if each != instead_of)
        return replace(self, entries=(*kept, entry))

    def with_merged(self, old: Sequence[Entry], new: Sequence[Entry]) -> "Shelf":
        """With shards in the place of a run of others; raises `Moved` when these are not there any more."""
        names = [entry.name for entry in self.entries]
        if not old:
            return replace(self, entries=(*new, *self.entries))
        start = names.index(old[0].name) if old[0].name in names else -1
        if start < 0 or tuple(names[start : start + len(old)]) != tuple(entry.name for entry in old):
            raise Moved
        return replace(self, entries=(*self.entries[:start], *new, *self.entries[start + len(old) :]))


def prefix(user_id: str) -> str:
    """Where the objects of a person's shelf are."""
    return f"search/{user_id}/"


def load(user_id: str, known: Shelf | None = None) -> Shelf | None:
    """The shelf as it is now, None when there is none; `known` is not read again if it is that.

    Of another format it is empty, like one whose building has broken off.
    """
    request = {"Bucket": settings().require("files_bucket"), "Key": _manifest(user_id)}
    if known and known.etag:
        request["IfNoneMatch"] = known.etag
    try:
        answer = s3().get_object(**request)  # type: ignore[arg-type]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("304", "NotModified"):
            return known
        if code in _ABSENT:
            return None
        raise
    content = json.loads(answer["Body"].read())
    if content.get("format") != FORMAT:
        return Shelf(user_id, etag=answer["ETag"], building="another format")
    entries = tuple(Entry(**entry) for entry in content["entries"])
    return Shelf(user_id, entries, answer["ETag"], content["rebuilt"], content["building"], content["building_since"])


def save(shelf: Shelf) -> Shelf:
    """Puts the manifest in the place of the one the shelf was read from; raises `Moved` when that is another by now."""
    body = {
        "format": FORMAT,
        "entries": [asdict(entry) for entry in shelf.entries],
        "rebuilt": shelf.rebuilt,
        "building": shelf.building,
        "building_since": shelf.building_since,
        "saved": uuid.uuid4().hex,  # so that no two manifests have the same ETag
    }
    etag = objects.replace(_manifest(shelf.user_id), json.dumps(body).encode(), "application/json", shelf.etag)
    if etag is None:
        raise Moved
    return replace(shelf, etag=etag)


def put(user_id: str, content: bytes, *, sealed: bool) -> Entry:
    """Stores a shard's content under a name of its own."""
    entry = Entry(f"{uuid.uuid4().hex}.db", len(content), sealed)
    objects.put(f"{prefix(user_id)}{entry.name}", content, "application/vnd.sqlite3")
    return entry


def read(shelf: Shelf, entry: Entry) -> bytes:
    """A shard's content; raises `LostShard`."""
    try:
        return objects.get(shelf.key(entry))
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            raise LostShard(entry.name) from error
        raise


def drop(user_id: str, entries: Sequence[Entry]) -> None:
    """Deletes shards that no manifest names any more."""
    objects.delete(*(f"{prefix(user_id)}{entry.name}" for entry in entries))


def sweep(shelf: Shelf) -> int:
    """Deletes what writers that died have left; returns how many objects."""
    named = {shelf.key(entry) for entry in shelf.entries}
    until = datetime.now(UTC) - timedelta(seconds=UNNAMED_SECONDS)
    pages = s3().get_paginator("list_objects_v2")
    found = [
        entry["Key"]
        for page in pages.paginate(Bucket=settings().require("files_bucket"), Prefix=prefix(shelf.user_id))
        for entry in page.get("Contents", [])
        if entry["Key"].endswith(".db") and entry["Key"] not in named and entry["LastModified"] < until
    ]
    objects.delete(*found)
    return len(found)


def forget(user_id: str) -> None:
    """Deletes a person's shelf, for good if they have no chats."""
    objects.delete(*objects.keys(prefix(user_id)))


def _manifest(user_id: str) -> str:
    return f"{prefix(user_id)}manifest.json"
