"""Knowledge bases. All of them are one partition, so that one consistent query lists them."""

import uuid
from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.clock import now
from shared.errors import NotFound
from shared.identity.access import AccessControl, Person, may_read, may_write
from shared.storage.tables import Item, TableMeta, fetch_all, written

KNOWLEDGE, PREFIX = "KNOWLEDGE", "KB#"
NO_KNOWLEDGE = "This knowledge base does not exist. It may have been deleted."
# The drop folder's `drop/<name>/` belongs to the same knowledge base however many of its objects arrive at once.
_DROPPED = uuid.UUID("6d0c4b3e-7a1f-5b52-9a55-2f7f2f0f6c11")


class KnowledgeItem(Item):
    """KNOWLEDGE/KB#<id>. Times in seconds; `deleting` since when it is being deleted: it is there for nobody then."""

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    knowledge_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    data = JSONAttribute(null=True)
    meta = JSONAttribute(null=True)
    access_control = JSONAttribute(null=True)
    drop_name = UnicodeAttribute(null=True)
    deleting = NumberAttribute(null=True)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()

    @staticmethod
    def key(knowledge_id: str) -> tuple[str, str]:
        """The knowledge base's (pk, sk)."""
        return KNOWLEDGE, f"{PREFIX}{knowledge_id}"

    @property
    def access(self) -> AccessControl | None:
        """Who else may read and write it."""
        return None if self.access_control is None else AccessControl.model_validate(self.access_control)

    def readable_by(self, person: Person) -> bool:
        """Whether the person may search and read it."""
        return self.deleting is None and may_read(person, self.user_id, self.access)

    def writable_by(self, person: Person) -> bool:
        """Whether the person may change it and what is in it."""
        return self.deleting is None and may_write(person, self.user_id, self.access)


def find(knowledge_id: str) -> KnowledgeItem:
    """The knowledge base; raises `NotFound`."""
    try:
        item = KnowledgeItem.get(*KnowledgeItem.key(knowledge_id), consistent_read=True)
    except KnowledgeItem.DoesNotExist as error:
        raise NotFound(NO_KNOWLEDGE) from error
    if item.deleting is not None:
        raise NotFound(NO_KNOWLEDGE)
    return item


def find_all(knowledge_ids: Iterable[str]) -> dict[str, KnowledgeItem]:
    """Those of the knowledge bases that exist, by id."""
    keys = map(KnowledgeItem.key, dict.fromkeys(knowledge_ids))
    return {item.knowledge_id: item for item in fetch_all(KnowledgeItem, keys) if item.deleting is None}


def all_items() -> list[KnowledgeItem]:
    """Every knowledge base, the last changed first."""
    stored = KnowledgeItem.query(KNOWLEDGE, KnowledgeItem.sk.startswith(PREFIX), consistent_read=True)
    return sorted((item for item in stored if item.deleting is None), key=lambda item: item.updated_at, reverse=True)


def being_deleted() -> list[KnowledgeItem]:
    """Knowledge bases whose deletion has not ended."""
    stored = KnowledgeItem.query(KNOWLEDGE, KnowledgeItem.sk.startswith(PREFIX), KnowledgeItem.deleting.exists())
    return list(stored)


def create(
    user_id: str,
    name: str,
    description: str = "",
    *,
    access: AccessControl | None = None,
    data: dict[str, Any] | None = None,
    drop_name: str | None = None,
) -> KnowledgeItem:
    """Makes a knowledge base. One for a folder of the drop folder is made once, whoever else makes it just now."""
    knowledge_id = str(uuid.uuid5(_DROPPED, drop_name) if drop_name else uuid.uuid4())
    created = now()
    item = KnowledgeItem(
        *KnowledgeItem.key(knowledge_id),
        knowledge_id=knowledge_id,
        user_id=user_id,
        name=name,
        description=description,
        data=data,
        access_control=None if access is None else access.model_dump(mode="json"),
        drop_name=drop_name,
        created_at=created,
        updated_at=created,
    )
    if not written(item.save, KnowledgeItem.pk.does_not_exist()):
        return find(knowledge_id)
    return item


def for_drop(name: str, owner_id: str) -> KnowledgeItem | None:
    """The knowledge base that `drop/<name>/` fills: of that id, made for it before, or the owner's of that name."""
    found = find_all([name, str(uuid.uuid5(_DROPPED, name))])
    if found:
        return next(iter(found.values()))
    return next((item for item in all_items() if item.user_id == owner_id and item.name == name), None)


def change(knowledge_id: str, actions: list[Action]) -> KnowledgeItem:
    """Writes some attributes; raises `NotFound` when the knowledge base is gone or about to be."""
    item = KnowledgeItem(*KnowledgeItem.key(knowledge_id))
    there = KnowledgeItem.pk.exists() & KnowledgeItem.deleting.does_not_exist()
    if not written(item.update, [*actions, KnowledgeItem.updated_at.set(now())], there):
        raise NotFound(NO_KNOWLEDGE)
    return item
