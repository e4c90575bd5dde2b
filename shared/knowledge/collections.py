"""Collections that belong to no file and no knowledge base: a text or a page that somebody has made searchable.

They are there for a week. The end does not come by the table's TTL, which would leave their entries in the index:
`shared.knowledge.deletion` looks for what is over.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.clock import now, padded
from shared.errors import NotFound
from shared.storage.tables import ByList, Item, TableMeta, written

KEPT_SECONDS = 7 * 86_400
_LISTED = "COLLECTIONS"


class CollectionItem(Item):
    """COLLECTION#<name>/COLLECTION: whose it is, which generation of its entries counts, until when (seconds)."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    user_id = UnicodeAttribute()
    generation = UnicodeAttribute()
    ends_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def key(name: str) -> tuple[str, str]:
        """The collection's (pk, sk)."""
        return f"COLLECTION#{name}", "COLLECTION"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.pk.removeprefix("COLLECTION#")


def find(name: str) -> CollectionItem | None:
    """The collection, None when there is none."""
    try:
        item = CollectionItem.get(*CollectionItem.key(name), consistent_read=True)
    except CollectionItem.DoesNotExist:
        return None
    return None if item.ends_at <= now() else item


def claim(name: str, user_id: str, generation: str, *, seconds: int = KEPT_SECONDS) -> None:
    """Makes a collection this person's, with a generation that counts from now on; raises `NotFound` if it is not."""
    ends_at = now() + seconds
    item = CollectionItem(*CollectionItem.key(name), user_id=user_id, generation=generation, ends_at=ends_at)
    item.gsi1pk, item.gsi1sk = _LISTED, f"{padded(max(ends_at, 0), 12)}#{name}"
    free = CollectionItem.pk.does_not_exist() | (CollectionItem.user_id == user_id) | (CollectionItem.ends_at <= now())
    if not written(item.save, free):
        raise NotFound("This collection does not exist. Choose another name.")


def over(limit: int = 100) -> list[CollectionItem]:
    """Collections whose time is up, the oldest first."""
    until = padded(now(), 12)
    return list(CollectionItem.by_list.query(_LISTED, CollectionItem.gsi1sk < until, limit=limit))


def of_user(user_id: str) -> list[CollectionItem]:
    """A person's collections."""
    return list(CollectionItem.by_list.query(_LISTED, filter_condition=CollectionItem.user_id == user_id))


def end(item: CollectionItem) -> bool:
    """Deletes a collection's item; False when somebody has claimed it anew meanwhile."""
    return written(item.delete, CollectionItem.generation == item.generation)
