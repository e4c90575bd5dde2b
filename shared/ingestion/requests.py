"""What is asked of the ingestion. It stands in the table first; the function is woken only so that nobody waits.

What is lost on the way to the function its sweep finds, every five minutes.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action

from shared import files
from shared.clock import now
from shared.files import FileItem
from shared.ingestion import jobs, state
from shared.ingestion.jobs import JobItem
from shared.ingestion.keys import new_generation
from shared.knowledge import membership
from shared.logs import logger
from shared.parallel import in_parallel
from shared.settings import settings
from shared.storage.aws import lambda_client
from shared.storage.errors import TRANSIENT
from shared.storage.tables import Item, TableMeta, transaction, written

DELETING = "FILES#deleting"
# An asynchronous event may have 256 KB.
MOST_IN_EVENT = 1000


class LeftoverItem(Item):
    """INGEST#leftovers/<collection>#<file id>: entries to delete from the index; without a file all of them."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    collection = UnicodeAttribute()
    file_id = UnicodeAttribute(default="")
    created_at = NumberAttribute()

    @staticmethod
    def key(collection: str, file_id: str) -> tuple[str, str]:
        """The leftover's (pk, sk)."""
        return "INGEST#leftovers", f"{collection}#{file_id}"


def ingest(*file_ids: str) -> None:
    """Has files read anew and made searchable; what was searchable of them stays so until that has worked."""
    queue(*file_ids)
    wake({"task": "dispatch"})


def queue(*file_ids: str) -> None:
    """The same, without calling anybody."""
    in_parallel(lambda file: _queue(file, new_generation(), fresh=True), files.find_all(file_ids).values())


def spread(*file_ids: str, later: bool = False) -> None:
    """Has files found wherever they are by now, in a knowledge base they have come to, say; they are not read anew.

    `later`: when nothing else is to be done.
    """
    working = jobs.of_files(file_ids)
    for file in files.find_all(file_ids).values():
        job = working.get(file.file_id)
        if job is not None and job.state in jobs.ACTIVE:
            continue  # whoever works on it looks at the end where the file is
        _queue(file, file.generation or new_generation(), fresh=file.generation is None, later=later)
    wake({"task": "dispatch"})


def remove(*gone: FileItem) -> None:
    """Deletes files: at once for everybody who looks, then with their objects, chunks and entries."""
    marked = [file.file_id for file in gone if _mark(file)]
    for start in range(0, len(marked), MOST_IN_EVENT):
        wake({"task": "delete", "files": marked[start : start + MOST_IN_EVENT]})


def forget(collection: str, file_ids: Sequence[str] | None = None) -> None:
    """Has the entries of these files deleted from a collection, or all of its entries."""
    created = now()
    with LeftoverItem.batch_write() as batch:
        for file_id in file_ids if file_ids is not None else [""]:
            item = LeftoverItem(*LeftoverItem.key(collection, file_id), collection=collection, file_id=file_id)
            item.created_at = created
            batch.save(item)
    wake({"task": "clear"})


def wake(event: dict[str, Any]) -> None:
    """Calls the ingestion; when that does not work out, its sweep finds what is to be done."""
    function = settings().ingestion_function
    if not function:
        return
    try:
        lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())
    except TRANSIENT as error:
        logger().warning("ingestion not called", extra={"code": type(error).__name__})


def _queue(file: FileItem, generation: str, *, fresh: bool, later: bool = False) -> None:
    job = JobItem.new(file.file_id, file.user_id, generation, int(file.size), fresh=fresh, later=later)
    there = FileItem.pk.exists() & FileItem.deleting.does_not_exist()
    try:
        with transaction() as write:
            write.update(file, state.queued(generation), there)
            write.save(job)
    except TransactWriteError as error:
        if not any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons):
            raise  # else it is being deleted


def _mark(file: FileItem) -> bool:
    """Marks a file as deleted; False when nothing is left to do: it is gone, or was nowhere but in the bucket."""
    if file.status is None and not file.knowledge:
        files.delete(file)
        return False
    actions: list[Action] = [FileItem.deleting.set(now()), FileItem.building.remove(), FileItem.gsi1pk.set(DELETING)]
    if not written(file.update, actions, FileItem.pk.exists()):
        return False
    membership.leave_all(file)
    JobItem(*JobItem.key(file.file_id)).delete()
    return True


def leftovers(limit: int = 1000) -> Iterable[LeftoverItem]:
    """What is still to be deleted from the index."""
    return LeftoverItem.query("INGEST#leftovers", limit=limit, consistent_read=True)
