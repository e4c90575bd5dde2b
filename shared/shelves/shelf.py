"""A shelf: shards in S3 and the manifest that names them, oldest first.

Shards never change; what changes is the manifest, by conditional puts (its ETag), so of two writers that began with
the same manifest one begins again. A writer that dies leaves an object that no manifest names, which `sweep` removes.
"""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from botocore.exceptions import ClientError

from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import s3

# What is on a shelf of another format is not understood.
FORMAT = 1
# Objects that no manifest names may be those of a writer at work for so long.
UNNAMED_SECONDS = 3600

_LONGEST_PAUSE_SECONDS = 5.0
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
    void: tuple[tuple[str, str], ...] = ()
    """What has been deleted and is in it still, of those who do not write new shards for that."""


@dataclass(frozen=True)
class Shelf:
    """What a manifest says. `place`: its prefix in the bucket. `etag` is empty before the first put.

    What else a kind of shelf keeps in the manifest are fields of its class, of simple values.
    """

    place: str
    entries: tuple[Entry, ...] = ()
    etag: str = ""

    @classmethod
    def of_another_format(cls, place: str, etag: str) -> Self:
        """The shelf in place of one that is not understood."""
        return cls(place, etag=etag)

    @property
    def size(self) -> int:
        """Bytes of all shards."""
        return sum(entry.size for entry in self.entries)

    def key(self, entry: Entry) -> str:
        """Where a shard's object is."""
        return f"{self.place}{entry.name}"

    def with_newest(self, entry: Entry, instead_of: Entry | None = None) -> Self:
        """With a new newest shard, which may take the place of the one before."""
        kept = tuple(each for each in self.entries if each != instead_of)
        return replace(self, entries=(*kept, entry))

    def with_merged(self, old: Sequence[Entry], new: Sequence[Entry]) -> Self:
        """With shards in the place of a run of others; raises `Moved` when these are not there any more."""
        names = [entry.name for entry in self.entries]
        if not old:
            return replace(self, entries=(*new, *self.entries))
        start = names.index(old[0].name) if old[0].name in names else -1
        if start < 0 or tuple(names[start : start + len(old)]) != tuple(entry.name for entry in old):
            raise Moved
        return replace(self, entries=(*self.entries[:start], *new, *self.entries[start + len(old) :]))


S = TypeVar("S", bound=Shelf)
_OWN = {each.name for each in fields(Shelf)}


def load(kind: type[S], place: str, known: S | None = None) -> S | None:
    """The shelf as it is now, None when there is none; `known` is not read again if it is that."""
    request = {"Bucket": settings().require("files_bucket"), "Key": _manifest(place)}
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
        return kind.of_another_format(place, answer["ETag"])
    entries = tuple(_entry(**entry) for entry in content["entries"])
    more = {name: content[name] for name in _more(kind)}
    return kind(place, entries, answer["ETag"], **more)


def save(shelf: S) -> S:
    """Puts the manifest in the place of the one the shelf was read from; raises `Moved` when that is another by now."""
    body = {
        "format": FORMAT,
        "entries": [asdict(entry) for entry in shelf.entries],
        **{name: getattr(shelf, name) for name in _more(type(shelf))},
        "saved": uuid.uuid4().hex,  # so that no two manifests have the same ETag
    }
    etag = objects.replace(_manifest(shelf.place), json.dumps(body).encode(), "application/json", shelf.etag)
    if etag is None:
        raise Moved
    return replace(shelf, etag=etag)


def put(place: str, content: bytes, *, sealed: bool) -> Entry:
    """Stores a shard's content under a name of its own."""
    entry = Entry(f"{uuid.uuid4().hex}.db", len(content), sealed)
    objects.put(f"{place}{entry.name}", content, "application/vnd.sqlite3")
    return entry


def read(shelf: Shelf, entry: Entry) -> bytes:
    """A shard's content; raises `LostShard`."""
    try:
        return objects.get(shelf.key(entry))
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            raise LostShard(entry.name) from error
        raise


def drop(place: str, entries: Sequence[Entry]) -> None:
    """Deletes shards that no manifest names any more."""
    objects.delete(*(f"{place}{entry.name}" for entry in entries))


def sweep(shelf: Shelf) -> int:
    """Deletes what writers that died have left; returns how many objects."""
    named = {shelf.key(entry) for entry in shelf.entries}
    until = datetime.now(UTC) - timedelta(seconds=UNNAMED_SECONDS)
    pages = s3().get_paginator("list_objects_v2")
    found = [
        entry["Key"]
        for page in pages.paginate(Bucket=settings().require("files_bucket"), Prefix=shelf.place)
        for entry in page.get("Contents", [])
        if entry["Key"].endswith(".db") and entry["Key"] not in named and entry["LastModified"] < until
    ]
    objects.delete(*found)
    return len(found)


def forget(place: str) -> None:
    """Deletes a shelf with all its shards; `place` may be what several have in common."""
    objects.delete(*objects.keys(place))


def pauses(attempts: int) -> Iterator[None]:
    """So many attempts, with a pause before each but the first that spreads writers who meet."""
    for attempt in range(attempts):
        if attempt:
            pause = min(_LONGEST_PAUSE_SECONDS, 0.05 * 2 ** min(attempt - 1, 10))
            time.sleep(random.uniform(0, pause))  # noqa: S311 (spreads writers, protects nothing)
        yield


def exchange(
    load_now: Callable[[], S | None], place: str, old: Sequence[Entry], content: bytes | None, attempts: int
) -> S | None:
    """Puts a shard (or nothing, for None) in the place of others, as they were; None when they are not any more."""
    new = [] if content is None else [put(place, content, sealed=True)]
    for _ in range(attempts):
        shelf = load_now()
        if shelf is None or not set(old) <= set(shelf.entries):
            break
        try:
            saved = save(shelf.with_merged(old, new))
        except Moved:
            continue
        drop(place, old)
        return saved
    drop(place, new)
    return None


def due(entries: Sequence[Entry], classes: Sequence[int], run: int) -> tuple[Entry, ...]:
    """`run` sealed shards of one class of size, one after the other, that should be one; empty when there are none.

    A class has the shards below its number of bytes; those over the last one stay as they are.
    """
    found: list[Entry] = []
    for entry in entries:
        if found and (_class(entry, classes) != _class(found[0], classes) or not entry.sealed):
            found = []
        if entry.sealed and _class(entry, classes) is not None:
            found.append(entry)
        if len(found) == run:
            return tuple(found)
    return ()


def _class(entry: Entry, classes: Sequence[int]) -> int | None:
    return next((number for number, limit in enumerate(classes) if entry.size < limit), None)


def _entry(name: str, size: int, sealed: bool, void: Sequence[Sequence[Any]] = ()) -> Entry:
    return Entry(name, size, sealed, tuple((str(what), str(but)) for what, but in void))


def _more(kind: type[Shelf]) -> list[str]:
    return [each.name for each in fields(kind) if each.name not in _OWN]


def _manifest(place: str) -> str:
    return f"{place}manifest.json"
