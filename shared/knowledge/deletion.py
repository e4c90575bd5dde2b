"""Deleting knowledge bases and what people had, so that nothing stays behind, whenever it is interrupted.

A base is marked first: it is gone for everybody, and takes no more files. Then its files leave it, its entries leave
the index, presets forget it, and its item goes last. Whoever deletes next finishes what broke off.
"""

import time
from collections.abc import Iterable

from shared import presets
from shared.clock import now
from shared.ingestion import requests
from shared.knowledge import collections, items, membership, memories
from shared.knowledge.collections import CollectionItem
from shared.knowledge.items import KnowledgeItem
from shared.storage.tables import written

BROKEN_OFF_SECONDS = 60


def delete(item: KnowledgeItem) -> None:
    """Deletes a knowledge base; its files stay."""
    if not written(item.update, [KnowledgeItem.deleting.set(now())], KnowledgeItem.pk.exists()):
        return
    _purge(item.knowledge_id)


def empty(knowledge_id: str) -> None:
    """Takes all files out of a knowledge base."""
    file_ids = [member.file_id for member in membership.of_knowledge(knowledge_id)]
    membership.leave(knowledge_id, file_ids)
    # By name: what comes into it from now on is not meant.
    requests.forget(knowledge_id, file_ids)


def finish_broken_off(older_than: int = BROKEN_OFF_SECONDS) -> int:
    """Finishes deletions that broke off, and ends collections whose time is up; returns how many deletions."""
    _end(collections.over())
    left = [item for item in items.being_deleted() if (item.deleting or 0) <= now() - older_than]
    for item in left:
        _purge(item.knowledge_id)
    return len(left)


def delete_of(user_id: str, deadline: float) -> bool:
    """Deletes a removed person's knowledge, memories and collections; False when time (monotonic) ran out first."""
    memories.delete(user_id, [memory.memory_id for memory in memories.of_user(user_id)])
    _end(collections.of_user(user_id))
    for item in items.all_items():
        if item.user_id != user_id:
            continue
        if time.monotonic() > deadline:
            return False
        delete(item)
    return True


def _end(over: Iterable[CollectionItem]) -> None:
    for item in over:
        requests.forget(item.name)
        collections.end(item)


def _purge(knowledge_id: str) -> None:
    empty(knowledge_id)
    requests.forget(knowledge_id)
    presets.forget_knowledge(knowledge_id)
    KnowledgeItem(*KnowledgeItem.key(knowledge_id)).delete()
