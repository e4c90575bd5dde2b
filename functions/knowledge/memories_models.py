"""What the routes of memories take and return; the contract's fields."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

Content = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class AddMemoryForm(BaseModel):
    """What is to be remembered."""

    content: Content


class MemoryUpdateModel(BaseModel):
    """Its new text; left out, it stays."""

    content: Content | None = None


class QueryMemoryForm(BaseModel):
    """What memories are wanted for, and how many at most."""

    content: Annotated[str, Field(max_length=20_000)]
    k: Annotated[int, Field(ge=1, le=100)] | None = 1


class MemoryModel(BaseModel):
    """A memory; times in seconds."""

    id: str
    user_id: str
    content: str
    updated_at: int
    created_at: int


class MemoryMatches(BaseModel):
    """The memories nearest to a question, best first, as one row; `distances` from 0 to 1, 1 being the same."""

    ids: list[list[str]]
    documents: list[list[str]]
    metadatas: list[list[dict[str, Any]]]
    distances: list[list[float]]


class Example(BaseModel):
    """A vector of the embedding model; empty without one."""

    result: list[float]
