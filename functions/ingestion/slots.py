"""So many executions work at once, and no more: each holds a slot."""

import uuid

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.clock import now
from shared.settings import settings
from shared.storage.tables import Item, TableMeta, written

PARTITION = "INGEST#slots"
# An account may begin with ten Lambda executions at once, and people want answers meanwhile.
SLOTS, LOCAL_SLOTS = 6, 3


class SlotItem(Item):
    """INGEST#slots/<number>: the batch that is worked on; its id is the name of the execution."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    batch = UnicodeAttribute()
    taken_at = NumberAttribute()


def taken() -> list[SlotItem]:
    """The slots that are taken."""
    return list(SlotItem.query(PARTITION, consistent_read=True))


def take() -> SlotItem | None:
    """Takes a free slot for a new batch; None when there is none."""
    held = {item.sk for item in taken()}
    for number in range(LOCAL_SLOTS if settings().is_local else SLOTS):
        if str(number) in held:
            continue
        slot = SlotItem(PARTITION, str(number), batch=str(uuid.uuid4()), taken_at=now())
        if written(slot.save, SlotItem.pk.does_not_exist()):
            return slot
    return None


def release(number: str, batch: str) -> None:
    """Frees a slot, unless it is another batch's by now."""
    written(SlotItem(PARTITION, number).delete, SlotItem.batch == batch)
