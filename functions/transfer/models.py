"""What the routes of imports and exports take and return."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from functions.transfer.jobs import Failure, JobItem, Progress

LARGEST_IMPORT = 1024**3


class ImportForm(BaseModel):
    """The file that somebody wants to import."""

    filename: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=0, description="Bytes; at most 1 GiB.")


class UploadForm(BaseModel):
    """A form to send: POST to `url` with `fields` and then the file as the field `file`, as multipart/form-data."""

    url: str
    fields: dict[str, str]


class Status(BaseModel):
    """How far an import or an export has got; also the data of the events `chats:import` and `chats:export`."""

    id: str
    state: str = Field(description="waiting, running, interrupted (start it again to go on), done, failed, stopped.")
    filename: str | None = None
    size: int = 0
    bytes_done: int = 0
    format: str | None = Field(default=None, description="What the first chat of the file came from.")
    imported: int = 0
    skipped: int = Field(default=0, description="Chats that were there already.")
    failed: int = 0
    failures: list[Failure] = Field(default_factory=list)
    chats: int = Field(default=0, description="Exported.")
    total: int = Field(default=0, description="Chats to export.")
    error: str | None = None
    created_at: int
    updated_at: int


class Import(Status):
    """An import that waits for its file."""

    upload: UploadForm


class Download(BaseModel):
    """A file of an export; `url` is good for some minutes."""

    name: str
    size: int
    url: str


class Export(Status):
    """An export; `files` are there when it is done."""

    files: list[Download] = Field(default_factory=list)


class PdfForm(BaseModel):
    """A conversation to print: each message has `role` and `content`, and may have `model` and `timestamp`."""

    title: str
    messages: list[dict[str, Any]]


class MarkdownForm(BaseModel):
    """A text in Markdown."""

    md: str


class Html(BaseModel):
    """Markdown as HTML."""

    html: str


class CodeForm(BaseModel):
    """Python code."""

    model_config = ConfigDict(extra="ignore")

    code: str


def status(item: JobItem, progress: Progress | None = None) -> Status:
    """A job as clients see it; `progress` when it is newer than what is stored."""
    known = progress or item.known
    return Status(
        id=item.job_id,
        state="interrupted" if item.silent else str(item.state),
        filename=item.filename,
        size=int(item.size),
        error=item.error,
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        **known.model_dump(
            include={"bytes_done", "format", "imported", "skipped", "failed", "failures", "chats", "total"}
        ),
    )
