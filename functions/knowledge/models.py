"""What the files routes take and return; the contract's fields."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class FileMeta(BaseModel):
    """What is known of a file's content. `size` in bytes."""

    model_config = ConfigDict(extra="allow")

    name: str | None = None
    content_type: str | None = None
    size: int | None = None


class FileModelResponse(BaseModel):
    """A file, without its content. Times in seconds since the epoch; `hash` is SHA-256."""

    id: str
    user_id: str
    hash: str | None = None
    filename: str
    data: dict[str, Any] | None = None
    meta: FileMeta
    created_at: int
    updated_at: int


class FileModel(FileModelResponse):
    """A file with what only its owner and admins see."""

    path: str | None = None
    access_control: dict[str, Any] | None = None


class Done(BaseModel):
    """That something was done."""

    message: str
