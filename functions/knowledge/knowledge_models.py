"""What the routes of knowledge bases take and return; the contract's fields, and ours where the description says so."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from shared.identity.access import AccessControl
from shared.people import Owner

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
FileId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


class KnowledgeForm(BaseModel):
    """A knowledge base as people make it. `access_control` left out: open to all if the person may, else private."""

    name: Name
    description: Annotated[str, Field(max_length=10_000)]
    data: dict[str, Any] | None = None
    access_control: AccessControl | None = None


class KnowledgeFileIdForm(BaseModel):
    """A file of the person."""

    file_id: FileId
    path: Annotated[
        str | None, Field(max_length=1000, description="Ours: where it lies in the folder that was uploaded.")
    ] = None


class KnowledgeFile(BaseModel):
    """A file in a knowledge base; times in seconds. All but the contract's `id`, `hash`, `meta` and times is ours."""

    id: str
    hash: str | None = None
    meta: dict[str, Any]
    created_at: int
    updated_at: int
    user_id: str
    filename: str
    path: str | None = Field(default=None, description="Where it lies in a folder that was uploaded or dropped.")
    status: str | None = Field(default=None, description="queued, extracting, embedding, indexed or failed.")
    progress: int | None = Field(default=None, description="Percent.")
    reason: str | None = Field(default=None, description="Why it failed.")


class KnowledgeModel(BaseModel):
    """A knowledge base; times in seconds."""

    id: str
    user_id: str
    name: str
    description: str
    data: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    access_control: AccessControl | None = None
    created_at: int
    updated_at: int
    file_count: int = Field(default=0, description="Ours: how many files it has.")
    writable: bool = Field(default=False, description="Ours: whether the person may change it.")


class KnowledgeResponse(KnowledgeModel):
    """A knowledge base that was made or emptied."""

    files: list[KnowledgeFile] | None = None


class KnowledgeFilesResponse(KnowledgeModel):
    """A knowledge base with its files, the last added first."""

    files: list[KnowledgeFile]
    warnings: dict[str, Any] | None = Field(default=None, description="Of a batch: which files were left out, and why.")


class KnowledgeUserResponse(KnowledgeModel):
    """A knowledge base with its owner and its first files; null when the account is gone."""

    user: Owner | None = None
    files: list[KnowledgeFile] | None = None
