"""Finishes deletions: what a deleted file has left in the indexes and in the bucket, and collections that are gone.

Each part may be repeated, and the item that tells of it goes last: what interrupts is taken up again by the sweep.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from shared.files import FileItem
from shared.ingestion import keys
from shared.ingestion.jobs import JobItem
from shared.ingestion.requests import DELETING, LeftoverItem, leftovers
from shared.knowledge import membership
from shared.knowledge.access import FILE
from shared.retrieval import spaces
from shared.search.opening import index
from shared.storage import objects
from shared.storage.tables import delete_all, fetch_all

_AT_A_TIME = 100


def delete(file_ids: Iterable[str]) -> None:
    """Deletes what is left of files that are marked as deleted."""
    found = fetch_all(FileItem, map(FileItem.key, dict.fromkeys(file_ids)))
    gone = [file for file in found if file.deleting is not None]
    if not gone:
        return
    entries: dict[str, list[str]] = defaultdict(list)
    for file in gone:
        entries[f"{FILE}{file.file_id}"].append(file.file_id)
        for knowledge_id in membership.leave_all(file):
            entries[knowledge_id].append(file.file_id)
    for collection, ids in entries.items():
        _clear(collection, ids)
    for file in gone:
        objects.delete(file.path, *objects.keys(keys.folder(file.user_id, file.file_id)))
    delete_all(JobItem, [JobItem.key(file.file_id) for file in gone])
    delete_all(FileItem, [FileItem.key(file.file_id) for file in gone])


def clear(going_on: Callable[[], bool]) -> None:
    """Deletes from the indexes what `shared.ingestion.requests.forget` was told of."""
    by_collection: dict[str, list[LeftoverItem]] = defaultdict(list)
    for item in leftovers():
        by_collection[item.collection].append(item)
    for collection, items in by_collection.items():
        if not going_on():
            return
        _clear(collection, None if any(not item.file_id for item in items) else _gone(collection, items))
        delete_all(LeftoverItem, [(item.pk, item.sk) for item in items])


def _gone(collection: str, items: Iterable[LeftoverItem]) -> list[str]:
    """The files of leftovers, but for those that have come back meanwhile."""
    listed = [item.file_id for item in items]
    back = membership.present(collection, listed)
    return [file_id for file_id in listed if file_id not in back]


def go_on(going_on: Callable[[], bool]) -> None:
    """Takes up deletions that something interrupted."""
    waiting = [item.file_id for item in FileItem.by_list.query(DELETING, limit=1000)]
    for start in range(0, len(waiting), _AT_A_TIME):
        if going_on():
            delete(waiting[start : start + _AT_A_TIME])
    clear(going_on)


def _clear(collection: str, file_ids: list[str] | None) -> None:
    if file_ids == []:
        return
    for target in spaces.targets():
        index(target.space).delete(collection, file_ids)
