"""Routes of /api/v1/memories."""

from typing import Annotated

from fastapi import APIRouter, Path

from functions.knowledge import memories_service as service
from functions.knowledge.memories_models import (
    AddMemoryForm,
    Example,
    MemoryMatches,
    MemoryModel,
    MemoryUpdateModel,
    QueryMemoryForm,
)
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/memories", tags=["memories"])

Id = Annotated[str, Path(alias="memory_id", pattern=r"^[A-Za-z0-9-]{1,64}$", description="The memory's id.")]


@router.get("/ef")
def get_example() -> Example:
    """A vector of the embedding model."""
    return service.example()


@router.get("/")
def list_memories(user: VerifiedUser) -> list[MemoryModel]:
    """The caller's memories."""
    return service.listed(user)


@router.post("/add")
def add_memory(form: AddMemoryForm, user: VerifiedUser) -> MemoryModel | None:
    """Remembers something."""
    return service.add(user, form.content)


@router.post("/query")
def query_memories(form: QueryMemoryForm, user: VerifiedUser) -> MemoryMatches:
    """The caller's memories that are nearest to a text."""
    return service.query(user, form.content, form.k or 1)


@router.post("/reset")
def reset_memories(user: VerifiedUser) -> bool:
    """Has the embedding model read the caller's memories anew."""
    return service.reset(user)


@router.delete("/delete/user")
def delete_all_memories(user: VerifiedUser) -> bool:
    """Deletes all of the caller's memories."""
    return service.delete_all(user)


@router.post("/{memory_id}/update")
def update_memory(memory_id: Id, form: MemoryUpdateModel, user: VerifiedUser) -> MemoryModel | None:
    """Changes a memory."""
    return service.update(user, memory_id, form.content)


@router.delete("/{memory_id}")
def delete_memory(memory_id: Id, user: VerifiedUser) -> bool:
    """Deletes a memory."""
    return service.delete(user, memory_id)
