"""Compares the drop folder with what is known of it: what an event was lost of is found here."""

from collections.abc import Callable, Iterator

from pynamodb.attributes import NumberAttribute

from functions.ingestion import drops
from shared.clock import now
from shared.ingestion.drops import PARTITION, DropItem
from shared.ingestion.keys import DROP
from shared.storage import objects
from shared.storage.objects import Head
from shared.storage.tables import Item, TableMeta, written

# Listing costs money even when nothing is there; where the drop folder is in use a lost event is found sooner.
UNUSED_SECONDS, USED_SECONDS = 3600, 240
# Its event is under way.
FRESH_SECONDS = 60


class ReconciledItem(Item):
    """INGEST#drops/RECONCILED: when the folder was last compared."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    reconciled_at = NumberAttribute(default=0)


def reconcile(going_on: Callable[[], bool], *, at_once: bool = False) -> int:
    """Looks at every key of which something else is known than what lies there; how many.

    `at_once`: whenever it was done last, and at what came just now too.
    """
    used = any(DropItem.query(PARTITION, limit=1))
    if not _due(0 if at_once else USED_SECONDS if used else UNUSED_SECONDS):
        return 0
    looked = 0
    for key in _differing(now() if at_once else now() - FRESH_SECONDS):
        if not going_on():
            break
        drops.look(key)
        looked += 1
    return looked


def _differing(before: int) -> Iterator[str]:
    known = {item.object_key: item for item in DropItem.query(PARTITION, consistent_read=True)}
    for found in objects.heads(DROP):
        item = known.pop(found.key, None)
        if found.changed_at <= before and _differs(found, item) and not found.key.endswith("/"):
            yield found.key
    # What was put there since the listing is in neither: a look at it does no harm.
    yield from (key for key, item in known.items() if item.state != "gone")


def _differs(found: Head, item: DropItem | None) -> bool:
    """Whether what lies there may be taken now. What was rejected is looked at again: the reason may be gone."""
    return item is None or item.state != "present" or item.etag != found.etag


def _due(every: int) -> bool:
    """Whether so many seconds have passed; whoever is told so is the only one."""
    item = ReconciledItem("INGEST#drops", "RECONCILED")
    old = ReconciledItem.reconciled_at.does_not_exist() | (ReconciledItem.reconciled_at <= now() - every)
    return written(item.update, [ReconciledItem.reconciled_at.set(now())], old)
