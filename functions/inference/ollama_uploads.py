"""Uploads of models' files. What an upload is for stands, sealed, in its id: nothing is stored of it."""

import json
import uuid
from dataclasses import asdict, dataclass

from shared import pulls
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.identity.keys import UnknownKey, seal, unseal
from shared.pulls import Pull
from shared.storage import objects

PART_BYTES = 16 * 1024 * 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MOST_PARTS = 10_000
LARGEST = MOST_PARTS * PART_BYTES
AT_ONCE = 100
LONGEST_SECONDS = 24 * 3600
"""After a day the bucket's rule drops an upload that was not ended."""

UNKNOWN = "There is no such upload, or it is more than a day old. Begin a new one."
NOT_WHOLE = "The file has not been uploaded whole. Send the parts that are missing, then end the upload again."
BUSY = "This model is on its way to the server already. Cancel that first."


@dataclass(frozen=True)
class Upload:
    """What an upload is for: `url` is the server's address, `key` where the object is to be."""

    key: str
    upload_id: str
    url: str
    model: str
    begun_at: int


def begin(user_id: str, url: str, model: str) -> str:
    """Begins an upload; its id. Raises `Conflict` while the model is on its way to this server."""
    _refuse_if_busy(url, model)
    key = f"models/{user_id}/{uuid.uuid4()}"
    upload_id = objects.begin_parts(key, "application/octet-stream")
    return seal(json.dumps(asdict(Upload(key, upload_id, url, model, now()))), _context(user_id))


def part_urls(user_id: str, sealed: str, first: int, count: int) -> list[str]:
    """Where parts are PUT, from number `first` on. Raises `NotFound`."""
    upload = _opened(user_id, sealed)
    last = min(first + count, MOST_PARTS + 1)
    return [objects.presigned_part(upload.key, upload.upload_id, number) for number in range(first, last)]


def complete(user_id: str, sealed: str, etags: list[str]) -> Pull:
    """Makes the file of its parts and has it brought to the server. Raises `Conflict`, `NotFound`."""
    upload = _opened(user_id, sealed)
    _refuse_if_busy(upload.url, upload.model)
    if not objects.end_parts(upload.key, upload.upload_id, etags):
        raise Conflict(NOT_WHOLE)
    return pulls.start(upload.url, upload.model, user_id, file=upload.key)


def _opened(user_id: str, sealed: str) -> Upload:
    try:
        upload = Upload(**json.loads(unseal(sealed, _context(user_id))))
    except (UnknownKey, ValueError) as error:
        raise NotFound(UNKNOWN) from error
    if now() - upload.begun_at > LONGEST_SECONDS:
        raise NotFound(UNKNOWN)
    return upload


def _refuse_if_busy(url: str, model: str) -> None:
    try:
        under_way = pulls.get(pulls.pull_id(url, model)).active
    except NotFound:
        return
    if under_way:
        raise Conflict(BUSY)


def _context(user_id: str) -> str:
    return f"model-upload:{user_id}"
