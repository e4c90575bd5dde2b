"""Memories: sentences that people want models to know of them. Each person's are one partition."""

import secrets
import time
import uuid
from collections.abc import Collection

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.clock import now
from shared.errors import NotFound
from shared.storage.tables import Item, TableMeta, delete_all, written

NO_MEMORY = "This memory does not exist. It may have been deleted."


class MemoryItem(Item):
    """MEMORIES#<user>/MEMORY#<id>. Times in seconds.

    `vector` is what the embedding model of `space` made of the text: 16-bit floats, little-endian. A person's memories
    are few enough to be compared one by one, so no index has them.
    """

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    content = UnicodeAttribute()
    space = UnicodeAttribute(null=True)
    vector = BinaryAttribute(null=True, legacy_encoding=False)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()

    @staticmethod
    def key(user_id: str, memory_id: str) -> tuple[str, str]:
        """The memory's (pk, sk)."""
        return f"MEMORIES#{user_id}", f"MEMORY#{memory_id}"

    @property
    def memory_id(self) -> str:
        """Its id."""
        return self.sk.removeprefix("MEMORY#")


def get(user_id: str, memory_id: str) -> MemoryItem:
    """One memory; raises `NotFound`."""
    try:
        return MemoryItem.get(*MemoryItem.key(user_id, memory_id), consistent_read=True)
    except MemoryItem.DoesNotExist as error:
        raise NotFound(NO_MEMORY) from error


def of_user(user_id: str) -> list[MemoryItem]:
    """A person's memories, oldest first."""
    return list(MemoryItem.query(f"MEMORIES#{user_id}", consistent_read=True))


def add(user_id: str, content: str) -> MemoryItem:
    """A new memory."""
    moment = now()
    memory_id = uuid.UUID(bytes=(time.time_ns() // 1_000_000).to_bytes(6) + secrets.token_bytes(10))  # sorts by time
    item = MemoryItem(*MemoryItem.key(user_id, str(memory_id)), content=content)
    item.created_at = item.updated_at = moment
    item.save()
    return item


def change(user_id: str, memory_id: str, content: str) -> MemoryItem:
    """Gives a memory another text; raises `NotFound`."""
    item = MemoryItem(*MemoryItem.key(user_id, memory_id))
    actions: list[Action] = [
        MemoryItem.content.set(content),
        MemoryItem.space.remove(),
        MemoryItem.vector.remove(),
        MemoryItem.updated_at.set(now()),
    ]
    if not written(item.update, actions, MemoryItem.pk.exists()):
        raise NotFound(NO_MEMORY)
    return item


def delete(user_id: str, memory_ids: Collection[str]) -> None:
    """Deletes memories; those that are gone are no error."""
    delete_all(MemoryItem, [MemoryItem.key(user_id, memory_id) for memory_id in memory_ids])


def keep_vector(item: MemoryItem, space: str, vector: bytes) -> None:
    """Keeps what an embedding model made of a memory, unless its text has changed meanwhile."""
    written(
        item.update, [MemoryItem.space.set(space), MemoryItem.vector.set(vector)], MemoryItem.content == item.content
    )
