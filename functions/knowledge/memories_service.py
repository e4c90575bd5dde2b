"""Use cases of memories."""

from functools import lru_cache

from functions.knowledge.memories_models import Example, MemoryMatches, MemoryModel
from shared.errors import Invalid, NotFound
from shared.identity.sessions import Identity
from shared.knowledge import memories, recall
from shared.knowledge.memories import MemoryItem
from shared.retrieval import spaces

MOST = 1000


def listed(user: Identity) -> list[MemoryModel]:
    """The person's memories, oldest first."""
    return [_model(user, item) for item in memories.of_user(user.id)]


def add(user: Identity, content: str) -> MemoryModel:
    """A new one; raises `Invalid` when there are too many."""
    if len(memories.of_user(user.id)) >= MOST:
        raise Invalid(f"There can be {MOST} memories at most. Delete some first.")
    item = memories.add(user.id, content.strip())
    recall.remember([item])
    return _model(user, item)


def update(user: Identity, memory_id: str, content: str | None) -> MemoryModel:
    """Gives one another text; raises `NotFound`."""
    if content is None:
        return _model(user, memories.get(user.id, memory_id))
    item = memories.change(user.id, memory_id, content.strip())
    recall.remember([item])
    return _model(user, item)


def delete(user: Identity, memory_id: str) -> bool:
    """Deletes one; raises `NotFound`."""
    memories.get(user.id, memory_id)
    memories.delete(user.id, [memory_id])
    return True


def delete_all(user: Identity) -> bool:
    """Deletes all of the person's."""
    memories.delete(user.id, [item.memory_id for item in memories.of_user(user.id)])
    return True


def query(user: Identity, content: str, limit: int) -> MemoryMatches:
    """Those nearest to a text; raises `NotFound` when there are none at all."""
    found = recall.recall(user.id, content, limit)
    if not found and not memories.of_user(user.id):
        raise NotFound("There are no memories yet. Add one first.")
    return MemoryMatches(
        ids=[[item.memory_id for item, _ in found]],
        documents=[[item.content for item, _ in found]],
        metadatas=[[{"created_at": int(item.created_at), "updated_at": int(item.updated_at)} for item, _ in found]],
        distances=[[(1 + score) / 2 for _, score in found]],
    )


def reset(user: Identity) -> bool:
    """Has the embedding model read all of the person's anew."""
    found = memories.of_user(user.id)
    for item in found:
        item.space = None
    recall.remember(found)
    return True


def example() -> Example:
    """A vector, made once for all who ask."""
    return Example(result=_example(spaces.answering().space.id))


@lru_cache(maxsize=1)
def _example(space_id: str) -> list[float]:
    return recall.example()


def _model(user: Identity, item: MemoryItem) -> MemoryModel:
    return MemoryModel(
        id=item.memory_id,
        user_id=user.id,
        content=item.content,
        updated_at=int(item.updated_at),
        created_at=int(item.created_at),
    )
