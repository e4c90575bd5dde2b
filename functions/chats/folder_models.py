"""What the folders routes take and return. Fields beyond the contract's are kept and come back."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from functions.chats.models import ClientId


class FolderForm(BaseModel):
    """A new folder."""

    model_config = ConfigDict(extra="allow")

    name: str
    data: dict[str, Any] | None = Field(
        default=None, description="`system_prompt`, `files`, `model_ids`, and whatever else a client keeps."
    )
    meta: dict[str, Any] | None = Field(default=None, description="`icon`, and whatever else a client keeps.")
    parent_id: ClientId | None = Field(default=None, description="Ours: the folder it is made in.")


class FolderUpdateForm(BaseModel):
    """What changes of a folder; keys of `data` and `meta` that are left out stay."""

    model_config = ConfigDict(extra="allow")

    name: str | None = None
    data: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None


class FolderParentIdForm(BaseModel):
    """Where a folder goes; null: to the top."""

    parent_id: ClientId | None = None


class FolderIsExpandedForm(BaseModel):
    """Whether a folder is shown open."""

    is_expanded: bool


class FolderMetadataResponse(BaseModel):
    """How a folder looks in lists."""

    model_config = ConfigDict(extra="allow")

    icon: str | None = None


class FolderNameIdResponse(BaseModel):
    """A folder in the list. Times in seconds."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    meta: FolderMetadataResponse | None = None
    parent_id: str | None = None
    is_expanded: bool = False
    created_at: int
    updated_at: int


class FolderModel(BaseModel):
    """A folder whole. Times in seconds."""

    model_config = ConfigDict(extra="allow")

    id: str
    parent_id: str | None = None
    user_id: str
    name: str
    items: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    is_expanded: bool = False
    created_at: int
    updated_at: int
