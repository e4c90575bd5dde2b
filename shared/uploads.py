"""Files that a browser sends to the bucket in parts, past the size of a request: paused, gone on with, sent again.

What an upload is for stands, sealed for its person, in its id: nothing is stored of it.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.identity.keys import UnknownKey, seal, unseal
from shared.storage import objects

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MOST_PARTS = 10_000
AT_ONCE = 100
LONGEST_SECONDS = 24 * 3600
"""After a day the bucket's rule drops an upload that was not ended."""

UNKNOWN = "There is no such upload, or it is more than a day old. Begin a new one."
NOT_WHOLE = "The file has not been uploaded whole. Send the parts that are missing, then end the upload again."

UploadId = Annotated[str, Path(max_length=4000, pattern=r"^[A-Za-z0-9_.=-]+$", description="Upload id.")]


class FileUpload(BaseModel):
    """Where a file goes, and in which parts: `parts` of `part_size` bytes, the last one of what is left."""

    id: str
    part_size: int
    parts: int


class PartsForm(BaseModel):
    """Which parts are to be sent next; they count from 1."""

    first: int = Field(ge=1, le=MOST_PARTS)
    count: int = Field(ge=1, le=AT_ONCE)


class PartUrls(BaseModel):
    """Where each of the parts is PUT, for an hour. The answer's ETag is to be kept."""

    urls: list[str]


class Etags(BaseModel):
    """What each part was answered with, in order."""

    etags: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=MOST_PARTS)


@dataclass(frozen=True)
class PartedUpload:
    """An upload: `key` where the object is to be, `about` what it is for; `size` in bytes."""

    key: str
    upload_id: str
    size: int
    begun_at: int
    about: dict[str, Any] = field(default_factory=dict)


def begin(context: str, key: str, content_type: str, size: int, part_size: int, about: dict[str, Any]) -> FileUpload:
    """Begins an upload; only under the same context can it be gone on with."""
    upload = PartedUpload(key, objects.begin_parts(key, content_type), size, now(), about)
    return FileUpload(id=seal(json.dumps(asdict(upload)), context), part_size=part_size, parts=-(-size // part_size))


def opened(context: str, sealed: str) -> PartedUpload:
    """The upload of an id; raises `NotFound`."""
    try:
        upload = PartedUpload(**json.loads(unseal(sealed, context)))
    except (UnknownKey, ValueError, TypeError) as error:
        raise NotFound(UNKNOWN) from error
    if now() - upload.begun_at > LONGEST_SECONDS:
        raise NotFound(UNKNOWN)
    return upload


def part_urls(upload: PartedUpload, form: PartsForm) -> PartUrls:
    """Where parts are PUT."""
    last = min(form.first + form.count, MOST_PARTS + 1)
    return PartUrls(
        urls=[objects.presigned_part(upload.key, upload.upload_id, number) for number in range(form.first, last)]
    )


def complete(upload: PartedUpload, etags: Etags) -> None:
    """Makes the object of its parts. Raises `Conflict`."""
    if not objects.end_parts(upload.key, upload.upload_id, etags.etags):
        raise Conflict(NOT_WHOLE)
