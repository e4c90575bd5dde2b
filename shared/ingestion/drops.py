"""What lies in the drop folder, `drop/<knowledge base>/<path>`, and what has become of each object."""

from typing import Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.ingestion.keys import DROP
from shared.storage.tables import Item, TableMeta

PARTITION = "DROPS"
State = Literal["present", "rejected", "gone"]


class DropItem(Item):
    """DROPS/<key without drop/>. What is present is a file; what is rejected says why.

    `sequencer` is that of the latest event that was heard of, `etag` of the object as it was last seen.
    """

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    sequencer = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    etag = UnicodeAttribute(null=True)
    file_id = UnicodeAttribute(null=True)
    knowledge_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    updated_at = NumberAttribute(null=True)

    @staticmethod
    def key(object_key: str) -> tuple[str, str]:
        """The object's (pk, sk)."""
        return PARTITION, object_key.removeprefix(DROP)

    @property
    def object_key(self) -> str:
        """The object's key in the bucket."""
        return DROP + self.sk


def rejected(limit: int = 200) -> list[DropItem]:
    """Objects that came to nothing, by key."""
    return list(DropItem.query(PARTITION, filter_condition=DropItem.state == "rejected", limit=limit))
