"""What an admin sees of the ingestion. Sizes in bytes, times in seconds."""

from pydantic import BaseModel, Field


class FileOnItsWay(BaseModel):
    """A file that is being made searchable, or could not be; `progress` in percent, `owner` is a name."""

    id: str
    filename: str
    owner: str
    size: int
    status: str
    progress: int
    reason: str
    updated_at: int


class RejectedDrop(BaseModel):
    """An object of the drop folder that came to nothing."""

    key: str
    reason: str
    updated_at: int | None


class Finished(BaseModel):
    """What was made searchable in the `bin_seconds` from `time` on."""

    time: int
    files: int
    bytes: int


class IngestionState(BaseModel):
    """The queue, what is worked on, what failed (the last first), and what was finished in the last day."""

    queued: int
    running: list[FileOnItsWay]
    failed: list[FileOnItsWay]
    failed_count: int
    rejected: list[RejectedDrop]
    finished: list[Finished]
    bin_seconds: int


class RetryForm(BaseModel):
    """Files to try again; left out: all that failed."""

    file_ids: list[str] | None = Field(None, max_length=1000)


class Retried(BaseModel):
    """How many files are tried again."""

    count: int
