"""What the files routes take and return; the contract's fields."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


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
    status: str | None = Field(default=None, description="Ours: queued, extracting, embedding, indexed or failed.")
    progress: int | None = Field(default=None, description="Ours: percent.")
    reason: str | None = Field(default=None, description="Ours: why it failed.")
    knowledge: list[str] = Field(default=[], description="Ours: the knowledge bases it is in.")
    chats: int = Field(default=0, description="Ours: in how many chats it is, shown or attached.")
    source: str | None = Field(default=None, description="Ours: where it comes from, an address or `drop`.")


class FileModel(FileModelResponse):
    """A file with what only its owner and admins see."""

    path: str | None = None
    access_control: dict[str, Any] | None = None


class FileUploadForm(BaseModel):
    """A file that is to be uploaded in parts."""

    filename: str = Field(min_length=1, max_length=1000)
    size: int = Field(ge=1, description="In bytes.")
    content_type: str = Field("", max_length=300)
    metadata: dict[str, Any] | None = Field(None, description="Kept under `meta.data`.")
    process: bool = Field(True, description="Have it read and made searchable; images and videos are not.")


class ContentForm(BaseModel):
    """A text in place of what a file says."""

    content: str


class FileContent(BaseModel):
    """The text of a file."""

    content: str


class FileSegment(BaseModel):
    """A piece of the text of a file. `page` counts from 0, `start` and `end` are seconds of a recording."""

    text: str
    page: int | None = None
    headings: list[str] = []
    sheet: str | None = None
    start: float | None = None
    end: float | None = None


class FileSegments(BaseModel):
    """The text of a file in its order; `cut` where there is more of it than an answer holds."""

    segments: list[FileSegment]
    cut: bool


class Done(BaseModel):
    """That something was done."""

    message: str
